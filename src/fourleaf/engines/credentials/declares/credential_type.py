# SPDX-License-Identifier: Apache-2.0
"""Credential type: a category of credentials: where, when and how it opens, what it takes to get one, and who decides."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

import msgspec

from fourleaf.engines.credentials.declares import complaints
from fourleaf.engines.credentials.declares.words import Words
from fourleaf.pack.complaint import Complaint, Others

# As a clock shows it, in the zone of the edition.
Hour = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Carrier = Literal["badge", "phone", "plate"]
StageKind = Literal["completeness", "organization", "background", "decision"]
Decides = Literal["credentials.complete", "credentials.organization", "credentials.background", "credentials.decide"]


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an application needs. It lies in the vault or among the sealed files; here only whether it was handed in."""

    key: str
    name: Words
    required: bool = True


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the vetting. minutes: so long it may take, of office hours or of the calendar; decides: the permission
    it needs, by default that of its kind; four_eyes: two persons must say the same."""

    key: str
    name: Words
    kind: StageKind
    minutes: int
    clock: Literal["office", "calendar"] = "office"
    decides: Decides | None = None
    four_eyes: bool = False


class Office(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the clocks of office hours run, in the zone of the edition. weekdays: 1 is Monday."""

    opens: Hour = "09:00"
    closes: Hour = "18:00"
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)


class CredentialType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one file `credential_types/<key>.toml` says. number: its place in the table that codes refer to, for good.

    zones: what it opens; phases, dates: of the edition; opens, closes: from when to when a day. of: a person, or a
    vehicle by its plate. quota: credentials for one organization, 0 for any number, where the organization says no other.
    most: for one person; counted: those that are active, or all there ever were. validity: same-day ends at midnight.
    reuse: editions whose badges are good again, once they are validated. fee_free: nothing is charged.
    """

    name: Words
    number: int
    zones: tuple[str, ...]
    phases: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    opens: Hour
    closes: Hour
    carriers: tuple[Carrier, ...]
    of: Literal["person", "vehicle"] = "person"
    documents: tuple[Document, ...] = msgspec.field(name="document", default=())
    stages: tuple[Stage, ...] = msgspec.field(name="stage", default=())
    office: Office = Office()
    quota: int = 0
    most: int = 1
    counted: Literal["active", "ever"] = "active"
    validity: Literal["edition", "same-day"] = "edition"
    reuse: tuple[str, ...] = ()
    fee_free: bool = True
    group: str = ""
    note: Words | None = None
    source: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return complaints.of_type(self)

    def complaints_among(self, key: str, others: Others) -> Iterator[Complaint]:
        """What does not agree with the rest of the pack."""
        return complaints.of_type_among(self, key, others)

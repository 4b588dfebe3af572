# SPDX-License-Identifier: Apache-2.0
"""Organization: who applies for credentials of its people: delegations, agencies, contractors. Exhibitors stand in their own list."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from fourleaf.engines.credentials.declares import complaints
from fourleaf.engines.credentials.declares.words import Words
from fourleaf.pack.complaint import Complaint, Others


class Organization(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """id: also its label `agency:<id>`. quota: category -> credentials, in the place of what the category says.

    synthetic: made up, or assumed until its name is published.
    """

    id: str
    name: Words
    quota: Mapping[str, int] = {}
    synthetic: bool = False
    source: str = ""


class Organizations(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one file `organizations/<key>.toml` says: organizations of one sort. types: the categories they may apply for.

    every: instead of a list, all of a list that the pack has already.
    """

    name: Words
    types: tuple[str, ...]
    organizations: tuple[Organization, ...] = msgspec.field(name="organization", default=())
    every: Literal["", "exhibitor"] = ""
    group: str = ""
    note: Words | None = None
    source: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return complaints.of_organizations(self)

    def complaints_among(self, key: str, others: Others) -> Iterator[Complaint]:
        """What does not agree with the rest of the pack."""
        return complaints.of_organizations_among(self, key, others)

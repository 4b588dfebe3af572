# SPDX-License-Identifier: Apache-2.0
"""Access zone: a part of the venue that credentials open, and what leads into it."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from fourleaf.engines.credentials.declares import complaints
from fourleaf.engines.credentials.declares.words import Words
from fourleaf.pack.complaint import Complaint, Others

GateClass = Literal["perimeter", "staff", "vehicle"]


class ZoneGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What leads into the zone. at: a gate, entrance, lane, door or lot of the venue; who passes there: everybody with
    a credential of the zone (perimeter), those who work there (staff), vehicles (vehicle)."""

    at: str
    gate_class: GateClass = msgspec.field(name="class", default="perimeter")


class AccessZone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one file `access_zones/<key>.toml` says. number: its bit in the mask of a code, for good; group: its folder."""

    name: Words
    number: int
    gates: tuple[ZoneGate, ...] = msgspec.field(name="gate", default=())
    group: str = ""
    note: Words | None = None
    source: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return complaints.of_zone(self)

    def complaints_among(self, key: str, others: Others) -> Iterator[Complaint]:
        """What does not agree with the rest of the pack."""
        return complaints.of_zone_among(self, key, others)

    def venue_things(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Things of the venue that it names, and at which key of its file."""
        for number, gate in enumerate(self.gates):
            yield ("gate", number, "at"), gate.at

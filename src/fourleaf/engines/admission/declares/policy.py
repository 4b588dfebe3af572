# SPDX-License-Identifier: Apache-2.0
"""Policy: how the gates of an edition decide: gaps and limits, and where each lane leads and what it takes."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from fourleaf.engines.admission.declares.words import Words
from fourleaf.pack.complaint import Complaint, Others

# What somebody holds to a lane. The place in this list is its bit.
Carrier = Literal["badge", "phone", "plate"]
CARRIERS: tuple[Carrier, ...] = ("badge", "phone", "plate")
# The one file of a pack: `admission_rules/venue.toml`.
VENUE = "venue"
# Longer than this is a slip of the pen. Unit: seconds.
LONGEST_S = 86_400


class LaneRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where some lanes lead, and what they take. The first rule that fits a lane counts.

    lane_classes, gates: of the venue's lanes; empty: any. categories: who may use them; empty: everybody.
    """

    zone: str
    gate_class: Literal["perimeter", "staff", "vehicle"] = "perimeter"
    lane_classes: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    direction: Literal["in", "out", "both"] = "both"
    carriers: tuple[Carrier, ...] = ("badge", "phone")
    categories: tuple[str, ...] = ()

    def fits(self, lane_class: str, gate: str) -> bool:
        return (not self.lane_classes or lane_class in self.lane_classes) and (not self.gates or gate in self.gates)


class AdmissionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `admission_rules/venue.toml` says. Unit: seconds.

    reentry_gap_s: who comes back sooner has most likely handed the pass over the fence. list_age_limit_s: a lane whose
    status list is older asks. clock_tolerance_s: so far off a lane's clock is still right. external_status: whether
    somebody else has a say, and external_outage what happens when he says nothing.
    """

    name: Words = Words(zh="入场规则", en="Admission")
    reentry_gap_s: int = 120
    list_age_limit_s: int = 3_600
    clock_tolerance_s: int = 10
    external_status: Literal["off", "on"] = "off"
    external_outage: Literal["ask", "refuse"] = "ask"
    lanes: tuple[LaneRule, ...] = msgspec.field(name="lane", default=())
    group: str = ""
    note: Words | None = None
    source: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        for key, least in (("reentry_gap_s", 0), ("list_age_limit_s", 1), ("clock_tolerance_s", 1)):
            found = getattr(self, key)
            if not least <= found <= LONGEST_S:
                yield Complaint((key,), "admission.seconds", {"found": found, "least": least, "most": LONGEST_S})
        for number, lane in enumerate(self.lanes):
            if not lane.carriers:
                yield Complaint(("lane", number, "carriers"), "admission.no-carriers", {})
            if lane.gate_class != "perimeter" and not lane.categories:
                yield Complaint(("lane", number), "admission.no-categories", {"class": lane.gate_class})

    def complaints_among(self, key: str, others: Others) -> Iterator[Complaint]:
        """What does not agree with the rest of the pack."""
        if key != VENUE:
            yield Complaint((), "admission.one-file", {"key": key})
        for number, lane in enumerate(self.lanes):
            zones, types = others.of("access_zone"), others.of("credential_type")
            yield from _unknown(("lane", number, "zone"), (lane.zone,), "access_zone", zones)
            yield from _unknown(("lane", number, "categories"), lane.categories, "credential_type", types)


def _unknown(
    path: tuple[str | int, ...], named: tuple[str, ...], kind: str, known: Mapping[str, object]
) -> Iterator[Complaint]:
    for name in named:
        if name not in known:
            blanks = {"key": path[-1], "kind": kind, "value": name}
            yield Complaint(path, "pack.unknown-reference", blanks, (name, known))

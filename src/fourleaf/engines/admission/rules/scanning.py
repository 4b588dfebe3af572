# SPDX-License-Identifier: Apache-2.0
"""Scanning: what a code says at a lane, and the fact that comes of what was decided about it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from fourleaf.engines.admission.declares import CARRIERS
from fourleaf.engines.admission.facts import Direction, Entered, How, Known, Left, TurnedAway
from fourleaf.engines.admission.rules.deciding import Verdict
from fourleaf.engines.admission.rules.knowing import Code
from fourleaf.engines.admission.rules.table import Table
from fourleaf.engines.admission.state import Presence
from fourleaf.standards import badge
from fourleaf.standards.badge import Claims
from fourleaf.standards.keyring import Keyring

# Why a supervisor let somebody pass against the table.
Reason = Literal["photo-matches", "escorted", "emergency", "wrong-data", "device-fault"]
# What a reader of codes calls otherwise than a table.
_PROBLEMS: Mapping[str, str] = {"key-expired": "unknown-key"}


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt as its fact will tell it."""

    lane: str
    gate: str
    direction: Direction
    day: date
    index: int | None = None
    category: int = 0
    how: How = "online"
    table: str = ""
    known: Known = Known()
    nonce: str = ""
    counter: int | None = None
    reason: str = ""


def read(text: str, ring: Keyring, now: datetime) -> tuple[Code, Claims | None]:
    """What a code says, and whose it is if that is certain."""
    found = badge.read(text, ring, now)
    said = found.claims
    problem = None if isinstance(found, badge.Verified) else _PROBLEMS.get(found.code, found.code)
    if said is None:
        return Code(problem=problem), None
    carrier = CARRIERS.index("badge" if said.device is None else "phone")
    code = Code(problem=problem, carrier=carrier, category=said.category, zones=said.zones, days=said.days)
    return code, said


def of_category(table: Table, key: str, carrier: str) -> Code:
    """What a credential opens whose number was typed: all that its category does."""
    one = next((one for one in table.venue.categories if one.key == key), None)
    if one is None or carrier not in CARRIERS:
        return Code(problem="bad-code")
    return Code(carrier=CARRIERS.index(carrier), category=one.number, zones=one.zones, days=one.days)


def recorded(scan: Scan, verdict: Verdict, presence: Presence | None) -> Entered | Left | TurnedAway:
    """presence: None where nobody knows whose code it is; then nobody passes."""
    if verdict.outcome != "admit" or presence is None:
        return TurnedAway(
            lane=scan.lane,
            gate=scan.gate,
            day=scan.day,
            direction=scan.direction,
            code=verdict.code or "admission.incomplete",
            outcome="refuse" if verdict.outcome == "refuse" else "ask",
            index=scan.index,
            category=scan.category,
            how=scan.how,
            table=scan.table,
            known=scan.known,
            nonce=scan.nonce,
            counter=scan.counter,
        )
    said = msgspec.structs.asdict(scan)
    del said["direction"]
    if scan.direction == "out":
        return Left(**said)
    return Entered(**said, first=scan.day not in presence.days)

# SPDX-License-Identifier: Apache-2.0
"""Admission: who may pass, and why not. Pure: no clock, no database."""

from datetime import date, datetime, timedelta

import msgspec

from fourleaf.engines.admission.facts import Direction, Entered, Left, TurnedAway
from fourleaf.engines.admission.state import Presence
from fourleaf.kernel.refusal import Refusal

# A lane's clock may run ahead of ours by this much before we call it wrong.
CLOCK_AHEAD = timedelta(minutes=10)
# A gate that was cut off tells its passages later, but not after the fair: then its clock had stopped.
LATEST = timedelta(days=14)


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Someone at a lane. closed: the lane, its entrance or its gate is closed."""

    lane: str
    gate: str
    direction: Direction
    at: datetime
    day: date
    closed: bool = False


def plausible(at: datetime, now: datetime) -> Refusal | None:
    """A passage cannot have happened after it is told, nor so long before that no gate was open."""
    if at < now - LATEST:
        return Refusal("admission.clock-behind", {"days": LATEST.days}, "occurred_at")
    if at > now + CLOCK_AHEAD:
        return Refusal("admission.clock-ahead", {"minutes": int(CLOCK_AHEAD.total_seconds() // 60)}, "occurred_at")
    return None


def admit(presence: Presence, attempt: Attempt) -> Entered | Left | TurnedAway:
    """Decide one attempt, given what the log says of this holder.

    Returns the fact to record. Nobody is kept inside: leaving is refused only to those who are not in.
    """
    if attempt.direction == "out":
        if not presence.inside_on(attempt.day):
            return _turn_away(attempt, "admission.not-inside")
        return Left(lane=attempt.lane, gate=attempt.gate, day=attempt.day)
    if attempt.closed:
        return _turn_away(attempt, "admission.gate-closed")
    if presence.inside_on(attempt.day):
        return _turn_away(attempt, "admission.already-inside")
    first = attempt.day not in presence.days
    return Entered(lane=attempt.lane, gate=attempt.gate, day=attempt.day, first=first)


def _turn_away(attempt: Attempt, code: str) -> TurnedAway:
    return TurnedAway(lane=attempt.lane, gate=attempt.gate, day=attempt.day, direction=attempt.direction, code=code)

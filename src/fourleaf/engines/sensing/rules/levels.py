# SPDX-License-Identifier: Apache-2.0
"""Levels: which step a quantity stands at, by readings that may come late, twice and out of order. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from fourleaf.engines.sensing.declares import Level
from fourleaf.engines.sensing.facts import LevelReached
from fourleaf.engines.sensing.state import LevelState

CALM, UNKNOWN = "calm", "unknown"
# Readings of so long before are looked at besides those that could still matter.
SLACK = timedelta(minutes=10)


class Sample(NamedTuple):
    """One reading of a quantity, by its own time."""

    at: datetime
    value: float


class Passed(NamedTuple):
    """A step was passed by this reading. value: None where it is not known. Unit: as the quantity."""

    after: str
    at: datetime
    value: float | None


def horizon(level: Level) -> timedelta:
    """Readings older than this change nothing."""
    return timedelta(seconds=level.debounce_s + level.stale_after_s) + SLACK


def passed(level: Level, before: LevelState, samples: Iterable[Sample], now: datetime) -> list[Passed]:
    """Every change since `before`, oldest first. samples: in any order; those before the last change do not count.

    A step is reached by a reading beyond it that comes `debounce_s` or more after the first one beyond it, with none on this side
    between them; it is left the same way, by readings on the calm side of `until`.
    """
    since = before.at if before.version else None
    known = sorted({one for one in samples if since is None or one.at > since})
    found = list[Passed]()
    held = CALM if before.state == UNKNOWN else before.state
    for step in _steady(level, held, known):
        found.append(step)
        held = step.after
    last = known[-1] if known else None
    newest = last.at if last else since
    is_stale = newest is None or now - newest > timedelta(seconds=level.stale_after_s)
    if is_stale:
        stood = found[-1].after if found else before.state
        return found if newest is None or stood == UNKNOWN else [*found, Passed(UNKNOWN, newest, None)]
    if before.state == UNKNOWN and last and not found:
        return [Passed(held, last.at, last.value)]
    return found


def is_settled(level: Level, samples: Iterable[Sample]) -> bool:
    """Whether the newest reading is on the calm side of the first step: until one is not, there is nothing to look at."""
    newest = max(samples, default=None)
    return newest is None or level.sign * newest.value < level.sign * float(level.steps[0].at)


def _steady(level: Level, held: str, samples: list[Sample]) -> Iterable[Passed]:
    states = [CALM, *(step.state for step in level.steps)]
    at = states.index(held) if held in states else 0
    waiting, since = at, samples[0].at if samples else None
    for one in samples:
        wanted = _wanted(level, at, one.value)
        if wanted == at:
            waiting = at
            continue
        if waiting == at or (wanted > at) != (waiting > at):
            waiting, since = wanted, one.at
        # While it is not steady yet, what all of these readings agree on is the mildest change.
        waiting = min(waiting, wanted) if wanted > at else max(waiting, wanted)
        if since is not None and one.at - since >= timedelta(seconds=level.debounce_s):
            at = waiting
            yield Passed(states[at], one.at, one.value)


def _wanted(level: Level, at: int, value: float) -> int:
    """The step a value asks for, given the one that is held: 0 is calm."""
    sign = level.sign
    reached = sum(1 for step in level.steps if sign * value >= sign * float(step.at))
    held = sum(1 for step in level.steps[:at] if sign * value >= sign * float(step.until))
    return max(reached, held)


def body(level: Level, name: str, row: LevelState, before: str, step: Passed) -> LevelReached:
    """The fact of a change. The threshold is that of the farther of the two steps."""
    states = [CALM, *(one.state for one in level.steps)]
    farther = max((states.index(one) for one in (before, step.after) if one in states), default=0)
    crossed = level.steps[farther - 1] if farther else None
    known = step.value is not None and crossed is not None
    return LevelReached(
        level=name,
        source=row.source,
        thing=row.thing,
        quantity=level.quantity,
        before=before,
        after=step.after,
        value="" if step.value is None else f"{step.value:.6g}",
        threshold=str(crossed.at) if known and crossed else "",
        at=step.at,
    )

# SPDX-License-Identifier: Apache-2.0
"""Halls: when a count is a level, and when silence is news. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fourleaf.engines.sensing.facts import FellSilent, Level, LevelChanged, SpokeAgain
from fourleaf.engines.sensing.state.halls import DoorView, HallView

# A level is left only below this share of its threshold, so that a count on the edge does not flicker.
HYSTERESIS_PERCENT = 95
# Where the pack declares no type of devices that count: doors report every five minutes; three missed reports are news.
SILENT_AFTER = timedelta(minutes=15)
_LEVELS: tuple[Level, ...] = ("calm", "watch", "alert")


def level(before: Level, occupancy: int, thresholds: Sequence[int]) -> Level:
    """The level of a hall. thresholds: of watch and of alert, rising. Unit: persons."""
    reached = sum(1 for threshold in thresholds[:2] if occupancy >= threshold)
    held = _LEVELS.index(before)
    if reached < held and occupancy * 100 >= thresholds[held - 1] * HYSTERESIS_PERCENT:
        return before
    return _LEVELS[reached]


def level_changed(hall: HallView) -> LevelChanged | None:
    """The fact to record of this hall, if its level changed."""
    after = level(hall.level, hall.occupancy, hall.scaled)
    if after == hall.level or not hall.scaled:
        return None
    crossed = hall.scaled[max(_LEVELS.index(after), _LEVELS.index(hall.level)) - 1]
    return LevelChanged(hall=hall.hall, before=hall.level, after=after, occupancy=hall.occupancy, threshold=crossed)


def voice_changed(door: DoorView, now: datetime) -> FellSilent | SpokeAgain | None:
    """The fact to record of this door, if it fell silent or spoke again. A door never heard is not silent."""
    if door.last is None:
        return None
    silent = now - door.last > (door.silent_after or SILENT_AFTER)
    if silent and door.silent_since is None:
        return FellSilent(door=door.door, hall=door.hall, last=door.last)
    if not silent and door.silent_since is not None:
        return SpokeAgain(door=door.door, hall=door.hall)
    return None

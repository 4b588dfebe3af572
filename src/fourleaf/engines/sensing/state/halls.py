# SPDX-License-Identifier: Apache-2.0
"""Halls: the level of each hall, which doors are silent, and what sensing knows of halls and doors."""

from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from fourleaf.engines.sensing.facts import FellSilent, Level, LevelChanged, SpokeAgain
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, row_stream
from fourleaf.pack.declared import Followed, follower

replace = msgspec.structs.replace


class HallLevel(Row, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "sensing_hall_level"
    KEY: ClassVar[tuple[str, ...]] = ("hall",)
    hall: str
    version: int = 0
    level: Level = "calm"
    since: datetime | None = None


class DoorVoice(Row, frozen=True, kw_only=True):
    """Whether a door's counter is silent."""

    TABLE: ClassVar[str] = "sensing_door_voice"
    KEY: ClassVar[tuple[str, ...]] = ("door",)
    door: str
    version: int = 0
    hall: str = ""
    silent_since: datetime | None = None


class Hall(Followed, frozen=True, kw_only=True):
    """Follower of the pack: a hall and its thresholds (watch, alert). Unit: persons."""

    TABLE: ClassVar[str] = "sensing_hall"
    KEY: ClassVar[tuple[str, ...]] = ("hall",)
    hall: str
    thresholds: list[int] = msgspec.field(default_factory=list)


class Door(Followed, frozen=True, kw_only=True):
    """Follower of the pack: which hall a door counts for."""

    TABLE: ClassVar[str] = "sensing_door"
    KEY: ClassVar[tuple[str, ...]] = ("door",)
    door: str
    hall: str = ""


class HallView(msgspec.Struct, frozen=True, kw_only=True):
    """One hall by its doors. last: the newest minute reported. Unit: persons (of the sample)."""

    hall: str
    thresholds: tuple[int, ...]
    occupancy: int
    peak: int
    last: datetime | None
    level: Level
    since: datetime | None
    version: int
    sample_ppm: int

    @property
    def scaled(self) -> list[int]:
        """The thresholds at the run's sample share."""
        return [value * self.sample_ppm // 1_000_000 for value in self.thresholds]


class DoorView(msgspec.Struct, frozen=True, kw_only=True):
    """One door and its counter. silent_after: as its type of devices declares; None where none is declared."""

    door: str
    hall: str
    version: int
    silent_since: datetime | None
    last: datetime | None
    silent_after: timedelta | None = None


def fold_level(row: HallLevel, fact: Fact) -> HallLevel:
    row = replace(row, version=fact.version)
    match fact.body:
        case LevelChanged(after=after):
            return replace(row, level=after, since=fact.occurred_at)
    return row


def fold_voice(row: DoorVoice, fact: Fact) -> DoorVoice:
    row = replace(row, version=fact.version)
    match fact.body:
        case FellSilent(hall=hall):
            return replace(row, hall=hall, silent_since=fact.occurred_at)
        case SpokeAgain(hall=hall):
            return replace(row, hall=hall, silent_since=None)
    return row


LEVELS = row_stream("hall", HallLevel, fold_level)
VOICES = row_stream("door", DoorVoice, fold_voice)
STREAMS = (LEVELS, VOICES)
TOTALS = (follower("hall", Hall), follower("door", Door))

# SPDX-License-Identifier: Apache-2.0
"""Sensing: the level of each hall, which doors are silent, and what sensing knows of halls and doors."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from fourleaf.engines.sensing.facts import FellSilent, Level, LevelChanged, SpokeAgain
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Stream, Total
from fourleaf.pack.facts import Declared, Withdrawn

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


class Hall(Row, frozen=True, kw_only=True):
    """Follower of the pack: a hall and its thresholds (watch, alert). Unit: persons."""

    TABLE: ClassVar[str] = "sensing_hall"
    KEY: ClassVar[tuple[str, ...]] = ("hall",)
    hall: str
    thresholds: tuple[int, ...] = ()
    present: bool = True


class Door(Row, frozen=True, kw_only=True):
    """Follower of the pack: which hall a door counts for."""

    TABLE: ClassVar[str] = "sensing_door"
    KEY: ClassVar[tuple[str, ...]] = ("door",)
    door: str
    hall: str = ""
    present: bool = True


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
    door: str
    hall: str
    version: int
    silent_since: datetime | None
    last: datetime | None


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


def follow_hall(row: Hall, fact: Fact) -> Hall:
    match fact.body:
        case Declared(value=value):
            return replace(row, thresholds=tuple(int(number) for number in value["thresholds"]), present=True)
    return replace(row, present=False)


def follow_door(row: Door, fact: Fact) -> Door:
    match fact.body:
        case Declared(value=value):
            return replace(row, hall=str(value["hall"]), present=True)
    return replace(row, present=False)


def _declared(kind: str) -> Callable[[Fact], Iterable[tuple[Any, ...]]]:
    def keys(fact: Fact) -> Iterable[tuple[Any, ...]]:
        body = fact.body
        return [(body.key,)] if isinstance(body, Declared | Withdrawn) and body.kind == kind else []

    return keys


STREAMS = (
    Stream(
        prefix="hall",
        tables=(HallLevel,),
        start=lambda stream: HallLevel(hall=stream.partition(":")[2]),
        step=fold_level,
        rows=lambda row: (row,) if row.version else (),
    ),
    Stream(
        prefix="door",
        tables=(DoorVoice,),
        start=lambda stream: DoorVoice(door=stream.partition(":")[2]),
        step=fold_voice,
        rows=lambda row: (row,) if row.version else (),
    ),
)
TOTALS = (
    Total(
        name="hall",
        of=(Declared, Withdrawn),
        row=Hall,
        keys=_declared("hall"),
        start=lambda key: Hall(hall=key[0]),
        step=follow_hall,
        when="inline",
    ),
    Total(
        name="door",
        of=(Declared, Withdrawn),
        row=Door,
        keys=_declared("door"),
        start=lambda key: Door(door=key[0]),
        step=follow_door,
        when="inline",
    ),
)

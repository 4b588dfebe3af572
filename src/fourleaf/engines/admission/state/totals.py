# SPDX-License-Identifier: Apache-2.0
"""Totals: how many went through, and what admission knows of lanes and closed gates."""

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from fourleaf.engines.admission.facts import Entered, Left, TurnedAway
from fourleaf.engines.world.facts import Closed, Reopened
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Total
from fourleaf.pack.declared import Followed, follower
from fourleaf.pack.facts import Declared

replace = msgspec.structs.replace


class LaneMinute(Row, frozen=True, kw_only=True):
    """Passages of one lane and category in one minute, by the time they happened. Unit: person-times."""

    TABLE: ClassVar[str] = "admission_lane_minute"
    KEY: ClassVar[tuple[str, ...]] = ("minute", "lane", "category")
    minute: datetime
    lane: str
    category: int
    gate: str = ""
    entries: int = 0
    exits: int = 0
    turned_away: int = 0


class Day(Row, frozen=True, kw_only=True):
    """All gates on one show day. Unit: persons in persons, the first entry of each; entries and exits in person-times.

    inside and peak_inside follow the order of the log.
    """

    TABLE: ClassVar[str] = "admission_day"
    KEY: ClassVar[tuple[str, ...]] = ("day",)
    day: date
    entries: int = 0
    exits: int = 0
    persons: int = 0
    turned_away: int = 0
    peak_inside: int = 0
    peak_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def inside(self) -> int:
        return self.entries - self.exits


class Lane(Followed, frozen=True, kw_only=True):
    """Follower of the pack: which gate a lane belongs to."""

    TABLE: ClassVar[str] = "admission_lane"
    KEY: ClassVar[tuple[str, ...]] = ("lane",)
    lane: str
    gate: str = ""
    entrance: str = ""


class Shut(Row, frozen=True, kw_only=True):
    """Follower of world: whether a gate, entrance or lane is closed."""

    TABLE: ClassVar[str] = "admission_shut"
    KEY: ClassVar[tuple[str, ...]] = ("thing",)
    thing: str
    closed: bool = False


class Published(Row, frozen=True, kw_only=True):
    """Follower of the pack: the entries an edition published. value: None where it was withdrawn."""

    TABLE: ClassVar[str] = "admission_published"
    KEY: ClassVar[tuple[str, ...]] = ("edition",)
    edition: str
    value: int | None = None
    unit: str = ""
    bound: str = "exact"
    as_of: datetime | None = None
    source: str = ""
    quote: str = ""


class GateView(msgspec.Struct, frozen=True, kw_only=True):
    """One gate today. last30: entries in the last six five-minute buckets, oldest first; last: the newest minute
    with a passage. Unit: person-times."""

    gate: str
    entries: int
    exits: int
    per_minute: int
    per_hour: int
    last30: list[int]
    closed: bool
    lanes: int
    last: datetime | None = None
    sample_ppm: int = 1_000_000


class VenueView(msgspec.Struct, frozen=True, kw_only=True):
    """The venue today. minutes and hours: start -> entries. previous: the newest earlier edition's published total."""

    day: Day | None
    minutes: list[tuple[datetime, int]]
    hours: list[tuple[datetime, int]]
    previous: Published | None = None


def _minute(fact: Fact) -> datetime:
    return fact.occurred_at.replace(second=0, microsecond=0)


def count_lane_minute(row: LaneMinute, fact: Fact) -> LaneMinute:
    match fact.body:
        case Entered(gate=gate):
            return replace(row, gate=gate, entries=row.entries + 1)
        case Left(gate=gate):
            return replace(row, gate=gate, exits=row.exits + 1)
        case TurnedAway(gate=gate):
            return replace(row, gate=gate, turned_away=row.turned_away + 1)
    return row


def count_day(row: Day, fact: Fact) -> Day:
    body, at = fact.body, fact.occurred_at
    entries = row.entries + isinstance(body, Entered)
    exits = row.exits + isinstance(body, Left)
    fuller = entries - exits > row.peak_inside
    return Day(
        day=row.day,
        entries=entries,
        exits=exits,
        persons=row.persons + (isinstance(body, Entered) and body.first),
        turned_away=row.turned_away + isinstance(body, TurnedAway),
        peak_inside=entries - exits if fuller else row.peak_inside,
        peak_at=at if fuller else row.peak_at,
        last_at=at if row.last_at is None or at > row.last_at else row.last_at,
    )


def follow_shut(row: Shut, fact: Fact) -> Shut:
    return replace(row, closed=isinstance(fact.body, Closed))


def follow_published(row: Published, fact: Fact) -> Published:
    for figure in _published(fact):
        if figure["edition"] == row.edition:
            at = figure.get("as_of")
            return Published(
                edition=row.edition,
                value=int(figure["value"]),
                unit=str(figure["unit"]),
                bound=str(figure["bound"]),
                as_of=datetime.fromisoformat(str(at)) if at else None,
                source=str(figure["source"]),
                quote=str(figure["quote"]),
            )
    return row


def _published(fact: Fact) -> list[dict[str, Any]]:
    """The total entries among the published figures of one file of history."""
    body = fact.body
    if not isinstance(body, Declared) or body.kind != "history":
        return []
    return [figure for figure in body.value.get("figure", []) if figure.get("key") == "admission.entries"]


PASSAGES = (Entered, Left, TurnedAway)

TOTALS = (
    Total(
        name="lane-minute",
        of=PASSAGES,
        row=LaneMinute,
        keys=lambda fact: [(_minute(fact), fact.body.lane, fact.body.category)],  # type: ignore[attr-defined]
        start=lambda key: LaneMinute(minute=key[0], lane=key[1], category=key[2]),
        step=count_lane_minute,
    ),
    Total(
        name="day",
        of=PASSAGES,
        row=Day,
        keys=lambda fact: [(fact.body.day,)],  # type: ignore[attr-defined]
        start=lambda key: Day(day=key[0]),
        step=count_day,
    ),
    follower("lane", Lane),
    Total(
        name="published",
        of=(Declared,),
        row=Published,
        keys=lambda fact: [(str(figure["edition"]),) for figure in _published(fact)],
        start=lambda key: Published(edition=key[0]),
        step=follow_published,
        when="inline",
    ),
    Total(
        name="shut",
        of=(Closed, Reopened),
        row=Shut,
        keys=lambda fact: [(fact.body.thing,)],  # type: ignore[attr-defined]
        start=lambda key: Shut(thing=key[0]),
        step=follow_shut,
        when="inline",
    ),
)

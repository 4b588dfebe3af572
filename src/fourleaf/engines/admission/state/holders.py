# SPDX-License-Identifier: Apache-2.0
"""Holders: where each one is, and which entries cannot both be right. Both depend on which passages there were, not on their order.

Gates that were cut off tell their passages late and in any order. So a holder is where the latest passage by its own time has left
him; and two entries of a day without an exit between them are a double entry, whichever was told first.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import ClassVar

import msgspec

from fourleaf.engines.admission.facts import Direction, Entered, How, Known, Left
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Stream, row_stream

replace = msgspec.structs.replace


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One passage. id: lane and nonce, the same however often and in whatever order it is told."""

    id: str
    at: datetime
    direction: Direction
    lane: str
    gate: str
    day: date
    how: How
    known: Known

    def key(self) -> tuple[datetime, Direction, str]:
        """The order in time; at one same instant of two gates an entry comes before an exit."""
        return self.at, self.direction, self.id


def passage_id(lane: str, nonce: str) -> str:
    return f"{lane}:{nonce}"


class Presence(Row, frozen=True, kw_only=True):
    """Where one holder is, as the gates saw it. day: of the latest passage; days: with an entry. Unit: entries in person-times."""

    TABLE: ClassVar[str] = "admission_presence"
    KEY: ClassVar[tuple[str, ...]] = ("holder",)
    holder: str
    version: int = 0
    inside: bool = False
    entries: int = 0
    day: date | None = None
    days: list[date] = msgspec.field(default_factory=list)
    entered_at: datetime | None = None
    last: Passage | None = None

    def inside_on(self, day: date) -> bool:
        """The halls are empty at night: who was not seen leaving yesterday is not inside today."""
        return self.inside and self.day == day


class DoubleEntry(Row, frozen=True, kw_only=True):
    """Two entries of a day without an exit between them: one of them was not the holder, or an exit was not seen.

    second: the id of the later one, which makes the item; both say where, when, who decided and what was known to him.
    """

    TABLE: ClassVar[str] = "admission_double"
    KEY: ClassVar[tuple[str, ...]] = ("holder", "second")
    holder: str
    second: str
    day: date
    one: Passage
    other: Passage


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A holder with those of his passages that were read: all, or the last one where the next comes after it."""

    presence: Presence
    passages: tuple[Passage, ...] = ()

    @property
    def version(self) -> int:
        return self.presence.version

    def told(self, id: str) -> bool:
        return any(one.id == id for one in self.passages)


def recent(presence: Presence) -> Holder:
    """Enough for a passage that comes after all others."""
    return Holder(presence=presence, passages=(presence.last,) if presence.last else ())


def passage(fact: Fact) -> Passage | None:
    body = fact.body
    if not isinstance(body, Entered | Left):
        return None
    return Passage(
        id=passage_id(body.lane, body.nonce) if body.nonce else fact.id,
        at=fact.occurred_at.astimezone(UTC),
        direction="in" if isinstance(body, Entered) else "out",
        lane=body.lane,
        gate=body.gate,
        day=body.day,
        how=body.how,
        known=body.known,
    )


def fold(presence: Presence, fact: Fact) -> Presence:
    presence, one = replace(presence, version=fact.version), passage(fact)
    if one is None:
        return presence
    if one.direction == "in":
        days = sorted({*presence.days, one.day})
        latest = max(one.at, presence.entered_at or one.at)
        presence = replace(presence, entries=presence.entries + 1, days=days, entered_at=latest)
    if presence.last and presence.last.key() > one.key():
        return presence
    return replace(presence, inside=one.direction == "in", day=one.day, last=one)


def step(holder: Holder, fact: Fact) -> Holder:
    one = passage(fact)
    passages = holder.passages if one is None else (*holder.passages, one)
    return Holder(presence=fold(holder.presence, fact), passages=passages)


def doubles(holder: str, passages: Iterable[Passage]) -> Iterator[DoubleEntry]:
    """Neighbors in time that are both entries of one day."""
    for one, other in pairwise(sorted(passages, key=Passage.key)):
        if one.direction == other.direction == "in" and one.day == other.day:
            yield DoubleEntry(holder=holder, second=other.id, day=other.day, one=one, other=other)


def rows(holder: Holder) -> Iterator[Row]:
    if holder.version:
        yield holder.presence
        yield from doubles(holder.presence.holder, holder.passages)


def start(stream: str) -> Holder:
    return Holder(presence=Presence(holder=stream.partition(":")[2]))


def as_of(name: str, facts: Sequence[Fact]) -> Holder:
    """A holder with all his passages. facts: all of the stream."""
    holder = start(f"holder:{name}")
    for fact in facts:
        holder = step(holder, fact)
    return holder


class Unread(Row, frozen=True, kw_only=True):
    """What was held to a lane and said nobody's name. version: how often."""

    TABLE: ClassVar[str] = "admission_unread"
    KEY: ClassVar[tuple[str, ...]] = ("lane",)
    lane: str
    version: int = 0


HOLDERS = Stream(prefix="holder", tables=(Presence, DoubleEntry), start=start, step=step, rows=rows)
UNREAD = row_stream("unread", Unread, lambda row, fact: replace(row, version=fact.version))

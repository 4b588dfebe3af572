# SPDX-License-Identifier: Apache-2.0
"""A tiny engine for tests of the log: bumps on a stream, its own row, a total a color and an inline follower."""

from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from fourleaf.kernel.fact import Body, Fact, Kinds
from fourleaf.kernel.fold import Row, Stream, Total, differences
from fourleaf.postgres.append import Append, Request
from fourleaf.postgres.rebuild import Folds

AT = datetime(2024, 11, 5, 1, 0, tzinfo=UTC)


class Bumped(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "tally.Bumped"
    SCHEMA: ClassVar[int] = 2
    color: str
    by: int = 1


class Tally(Row, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "tally"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    version: int = 0
    value: int = 0


class Color(Row, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "tally_color"
    KEY: ClassVar[tuple[str, ...]] = ("color",)
    color: str
    bumps: int = 0
    total: int = 0


class Last(Row, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "tally_last"
    KEY: ClassVar[tuple[str, ...]] = ("stream",)
    stream: str
    color: str = ""


SCHEMA = """
create table tally (name text primary key, version bigint not null, value integer not null check (value < 1000000));
create table tally_color (color text primary key, bumps integer not null, total integer not null);
create table tally_last (stream text primary key, color text not null);
"""


def fold(row: Tally, fact: Fact) -> Tally:
    assert isinstance(fact.body, Bumped)
    return msgspec.structs.replace(row, version=fact.version, value=row.value + fact.body.by)


def count_color(row: Color, fact: Fact) -> Color:
    assert isinstance(fact.body, Bumped)
    return msgspec.structs.replace(row, bumps=row.bumps + 1, total=row.total + fact.body.by)


STREAM = Stream(
    prefix="tally",
    tables=(Tally,),
    start=lambda stream: Tally(name=stream.partition(":")[2]),
    step=fold,
    rows=lambda row: (row,),
)
COLORS = Total(
    name="color",
    of=(Bumped,),
    row=Color,
    keys=lambda fact: [(fact.body.color,)],  # type: ignore[attr-defined]
    start=lambda key: Color(color=key[0]),
    step=count_color,
)
LAST = Total(
    name="last",
    of=(Bumped,),
    row=Last,
    keys=lambda fact: [(fact.stream,)],
    start=lambda key: Last(stream=key[0]),
    step=lambda row, fact: msgspec.structs.replace(row, color=fact.body.color),  # type: ignore[attr-defined]
    when="inline",
)
# Schema 1 counted by one, and called the color paint.
KINDS = Kinds((Bumped,), {("tally.Bumped", 1): lambda old: {"color": old["paint"], "by": 1}})
FOLDS = Folds(streams=(STREAM,), totals=(COLORS, LAST), schema=SCHEMA)


def source() -> tuple[Kinds, Folds]:
    """What a rebuild of a run of tallies reads and folds."""
    return KINDS, FOLDS


def bump(run: str, name: str, version: int, *, color: str = "red", by: int = 1, at: datetime = AT) -> Fact:
    return Fact(
        run=run,
        stream=f"tally:{name}",
        version=version,
        body=Bumped(color=color, by=by),
        occurred_at=at,
        recorded_at=at,
        actor="test",
    )


def bumped(run: str, before: Tally, *, request: str | None = None, color: str = "red", by: int = 1) -> Append:
    """One bump on top of a known row, with the row it makes."""
    fact = bump(run, before.name, before.version + 1, color=color, by=by)
    asked = Request.of("test", request, [before.name, color, by]) if request else None
    return Append(
        facts=(fact,), changes=differences([before], [fold(before, fact)]), request=asked, answer={"fact": fact.id}
    )

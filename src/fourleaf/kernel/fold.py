# SPDX-License-Identifier: Apache-2.0
"""Fold: how the log becomes tables. Every cache table is the image of a fold, and nothing else writes it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from fourleaf.kernel.fact import Body, Fact


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a cache table: field names are column names. TABLE and KEY say where it lives."""

    TABLE: ClassVar[str] = ""
    KEY: ClassVar[tuple[str, ...]] = ()

    def key(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.KEY])


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of one stream: written in the appending transaction.

    prefix: streams are named `prefix:id`. step folds one fact; rows gives the cache rows of a state.
    """

    prefix: str
    tables: tuple[type[Row], ...]
    start: Callable[[str], Any]
    step: Callable[[Any, Fact], Any]
    rows: Callable[[Any], Iterable[Row]]


def row_stream(prefix: str, row: type[Row], step: Callable[[Any, Fact], Any]) -> Stream:
    """A stream whose state is one row: the row's only key is the stream's id, its `version` counts the facts."""
    (key,) = row.KEY
    return Stream(
        prefix=prefix,
        tables=(row,),
        start=lambda stream: row(**{key: stream.partition(":")[2]}),
        step=step,
        rows=lambda state: (state,) if state.version else (),
    )


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """A count or a follower: one row per key, folded from facts of any stream.

    when: `tailed` (by the tail, in batches, shown with its lag) or `inline` (in the appending
    transaction; then every key must belong to the appended stream).
    keys: the keys a fact touches; start makes the row of a key not met before.
    """

    name: str
    of: tuple[type[Body], ...]
    row: type[Row]
    keys: Callable[[Fact], Iterable[tuple[Any, ...]]]
    start: Callable[[tuple[Any, ...]], Any]
    step: Callable[[Any, Fact], Any]
    when: Literal["inline", "tailed"] = "tailed"


class Pictured(msgspec.Struct, frozen=True, kw_only=True):
    """One thing as the map shows it until `stale_at`; after that it is unknown, never calm."""

    thing: str
    place: str
    props: dict[str, Any]
    labels: tuple[str, ...]
    stale_at: datetime | None = None


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A layer of the map.

    view: the name of the query in the engine's store.VIEWS that gives thing -> state.
    of: rows of totals whose change redraws `thing(row)`; streams: prefixes of streams, each fact of which
    redraws the thing of the stream's id; beat_s: redraw everything this often, in wall seconds.
    draw: thing, state and edition time -> what is shown, or None when the thing is gone.
    whole: draw gets the whole view as the state of one thing named like the view, for what sums it up.
    mark: the property of a thing whose changes matter enough for a mark on the line of time: one stands where the
    thing comes, where this property changes and where it goes. One for all pictures of a layer.
    """

    layer: str
    view: str
    draw: Callable[[str, Any, datetime], Pictured | None]
    of: tuple[type[Row], ...] = ()
    thing: Callable[[Any], str] | None = None
    streams: tuple[str, ...] = ()
    whole: bool = False
    beat_s: float | None = None
    mark: str = ""


class Change(msgspec.Struct, frozen=True):
    """The difference of one row: row is None when it goes."""

    table: str
    key_names: tuple[str, ...]
    key: tuple[Any, ...]
    row: Row | None


def differences(before: Iterable[Row], after: Iterable[Row]) -> tuple[Change, ...]:
    """What must be written so that the table shows `after` where it showed `before`."""
    old = {(row.TABLE, row.key()): row for row in before}
    put = list[Change]()
    for row in after:
        key = row.key()
        if old.pop((row.TABLE, key), None) != row:
            put.append(Change(row.TABLE, row.KEY, key, row))
    gone = [Change(row.TABLE, row.KEY, key, None) for (_, key), row in old.items()]
    return (*gone, *put)


def fold_total(total: Total, rows: dict[tuple[Any, ...], Any], facts: Iterable[Fact]) -> dict[tuple[Any, ...], Any]:
    """Fold facts into the rows of a total. Gives only the rows that were touched."""
    touched: dict[tuple[Any, ...], Any] = {}
    for fact in facts:
        if not isinstance(fact.body, total.of):
            continue
        for key in total.keys(fact):
            row = touched.get(key) or rows.get(key) or total.start(key)
            touched[key] = total.step(row, fact)
    return touched

# SPDX-License-Identifier: Apache-2.0
"""Pictures: what the map shows, as rows with a from and a to; now and any past instant are one indexed query."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import START, Position
from fourleaf.postgres.pool import Connection

# Where those listen who send pictures on. One worker writes a run's pictures, so its rings queue behind nobody.
CHANNEL = "fourleaf_pictures"
# At most so many changes are read at once; who missed more is better served by a snapshot.
PAGE = 5_000


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the map, or its going (props is None): then labels are those it was shown under."""

    layer: str
    thing: str
    place: str
    props: dict[str, Any] | None
    labels: tuple[str, ...]
    stale_at: datetime | None
    shown_from: datetime


_COLUMNS = "layer, thing, place, props, labels, stale_at, shown_from, epoch, txid::text as txid_text, seq"

# A change at the same edition instant leaves the older row an empty span. So does one at an earlier instant (a worker
# that took over goes on from the last beat of the clock): it counts from where the older row began.
_END = """
update picture_change p set shown_to = greatest(p.shown_from, %(at)s)
from unnest(%(layers)s::text[], %(things)s::text[]) as g(layer, thing)
where p.layer = g.layer and p.thing = g.thing and p.shown_to is null
returning p.layer, p.thing, p.labels, p.props is not null as was_shown, p.shown_to"""

# In the order given: of two rows of one thing the later one gets the higher serial. Only a going that is followed by
# a new row has a shown_to already.
_INSERT = """
insert into picture_change (epoch, layer, thing, place, props, labels, stale_at, shown_from, shown_to, log_position, mark)
select cluster.epoch, r.layer, r.thing, r.place, r.props, r.labels, r.stale_at, r.at,
  case when r.passing then r.at end, %(position)s, r.mark
from fourleaf.cluster, rows from (jsonb_to_recordset(%(rows)s::text::jsonb) as
    (layer text, thing text, place text, props jsonb, labels text[], stale_at timestamptz, at timestamptz, passing boolean,
     mark jsonb))
  with ordinality as r(layer, thing, place, props, labels, stale_at, at, passing, mark, no)
order by r.no"""

Changed = tuple[str, Pictured | None, str]
Marks = Mapping[tuple[str, str], dict[str, Any]]


async def write(
    connection: Connection,
    changes: Sequence[Changed],
    *,
    at: datetime,
    position: Position,
    marks: Marks = MappingProxyType({}),
) -> None:
    """Show these (layer, what, thing) from now on, in one transaction. Only the worker of the run calls this.

    What goes keeps the labels it was shown under: its going is told to those who saw it and to nobody else.
    What changes its labels goes first, and comes anew: who may no longer see it is told that it is gone.
    marks: what the line of time says of some of these changes.
    """
    if not changes:
        return
    async with connection.transaction():
        layers, things = [layer for layer, _, _ in changes], [thing for _, _, thing in changes]
        cursor = await connection.execute(_END, {"layers": layers, "things": things, "at": at})
        ended = {(row[0], row[1]): _Ended(*row[2:]) for row in await cursor.fetchall()}
        rows = [row for change in changes for row in _rows(change, ended, at, marks)]
        values = {"rows": msgspec.json.encode(rows).decode(), "position": str(position)}
        await connection.execute(_INSERT, values)
        await connection.execute("select pg_notify(%s, current_schema())", [CHANNEL])


class _Ended(NamedTuple):
    """The row of a thing that stood until now."""

    labels: list[str]
    was_shown: bool
    at: datetime


def _rows(
    change: Changed, all_ended: Mapping[tuple[str, str], _Ended], at: datetime, marks: Marks
) -> Iterator[dict[str, Any]]:
    """The rows of one change: its going, when somebody may have lost sight of it, and what is shown from now on.

    A mark goes with the last of them, so that nobody is told under old labels what is so under new ones.
    """
    layer, what, thing = change
    ended, mark = all_ended.get((layer, thing)), marks.get((layer, thing))
    row = {"layer": layer, "thing": thing, "at": ended.at if ended else at}
    if ended and ended.was_shown and (what is None or set(ended.labels) != set(what.labels)):
        gone = {"place": "", "labels": ended.labels, "passing": what is not None}
        yield row | gone | {"mark": mark if what is None else None}
    if what is not None:
        shown = {"place": what.place, "props": what.props, "labels": what.labels, "stale_at": what.stale_at}
        yield row | shown | {"mark": mark}


async def now(connection: Connection, held: Sequence[str] | None = None) -> tuple[Position, list[Shown]]:
    """What is shown now to one who holds these labels (None: all of it), and the position to resume from."""
    async with connection.transaction():
        await connection.execute("set transaction isolation level repeatable read, read only")
        cursor = await connection.execute(
            f"select {_COLUMNS} from picture_change where shown_to is null and props is not null"
            " and (%(all)s or labels && %(held)s::text[])"
            " order by layer, thing",
            {"all": held is None, "held": list(held or ())},
        )
        shown = [_shown(row) for row in await cursor.fetchall()]
        return await last(connection), shown


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """How many places of a layer go by reports that come again and again, and for how many of them none came in time."""

    fed: int
    stale: int


async def freshness(connection: Connection, at: datetime) -> dict[str, Freshness]:
    """Per layer, at an instant of edition time. What nobody ever reported of is not counted: it has not fallen silent."""
    cursor = await connection.execute(
        "select layer, count(*), count(*) filter (where stale_at < %s) from picture_change"
        " where shown_to is null and props is not null and stale_at is not null and place <> ''"
        " and jsonb_typeof(props -> 'as_of') = 'string' group by layer order by layer",
        [at],
    )
    return {layer: Freshness(fed=fed, stale=stale) for layer, fed, stale in await cursor.fetchall()}


async def instant(connection: Connection, at: datetime, held: Sequence[str]) -> list[Shown]:
    """What was shown at an instant of edition time."""
    cursor = await connection.execute(
        f"select {_COLUMNS} from picture_change where tstzrange(shown_from, shown_to) @> %s::timestamptz"
        " and props is not null and labels && %s::text[] order by layer, thing",
        [at, list(held)],
    )
    return [_shown(row) for row in await cursor.fetchall()]


async def since(connection: Connection, position: Position, *, limit: int = PAGE) -> tuple[Position, list[Shown]]:
    """Changes after a position. One worker writes a run's pictures, so commit order is position order."""
    cursor = await connection.execute(
        f"select {_COLUMNS} from picture_change where (epoch, seq) > (%s, %s) order by epoch, seq limit %s",
        [position.epoch, position.seq, limit],
    )
    rows = await cursor.fetchall()
    reached = _position(rows[-1]) if rows else position
    return reached, [_shown(row) for row in rows]


async def last(connection: Connection) -> Position:
    cursor = await connection.execute(
        "select epoch, txid::text as txid_text, seq from picture_change order by seq desc limit 1"
    )
    row = await cursor.fetchone()
    return Position(row[0], int(row[1]), row[2]) if row else START


async def knows(connection: Connection, position: Position) -> bool:
    """Whether a browser may resume from here: false after a restore from before it, or for a made-up position."""
    cursor = await connection.execute(
        "select 1 from picture_change where epoch = %s and txid = %s::text::xid8 and seq = %s",
        [position.epoch, str(position.txid), position.seq],
    )
    return await cursor.fetchone() is not None


def _shown(row: Sequence[Any]) -> Shown:
    return Shown(
        layer=row[0], thing=row[1], place=row[2], props=row[3], labels=tuple(row[4]), stale_at=row[5], shown_from=row[6]
    )


def _position(row: Sequence[Any]) -> Position:
    return Position(row[7], int(row[8]), row[9])

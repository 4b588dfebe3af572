# SPDX-License-Identifier: Apache-2.0
"""Pictures: what the map shows, as rows with a from and a to; now and any past instant are one indexed query."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import START, Position
from fourleaf.postgres.pool import Connection

# At most so many changes are read at once; who missed more is better served by a snapshot.
PAGE = 5_000


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the map, or its going (props is None)."""

    layer: str
    thing: str
    place: str
    props: dict[str, Any] | None
    labels: tuple[str, ...]
    stale_at: datetime | None
    shown_from: datetime


_COLUMNS = "layer, thing, place, props, labels, stale_at, shown_from, epoch, txid::text as txid_text, seq"

_END = """
update picture_change p set shown_to = greatest(p.shown_from, %(at)s)
from unnest(%(layers)s::text[], %(things)s::text[]) as g(layer, thing)
where p.layer = g.layer and p.thing = g.thing and p.shown_to is null
returning p.layer, p.thing, p.labels"""

_INSERT = """
insert into picture_change (epoch, layer, thing, place, props, labels, stale_at, shown_from, log_position)
select cluster.epoch, g.layer, g.thing, g.place, g.props::jsonb, string_to_array(g.labels, ','), g.stale_at, %(at)s, %(position)s
from fourleaf.cluster, unnest(%(layers)s::text[], %(things)s::text[], %(places)s::text[], %(props)s::text[], %(labels)s::text[],
  %(stale)s::timestamptz[]) as g(layer, thing, place, props, labels, stale_at)"""


async def write(
    connection: Connection, changes: Sequence[tuple[str, Pictured | None, str]], *, at: datetime, position: Position
) -> None:
    """Show these (layer, what, thing) from now on, in one transaction. Only the worker of the run calls this.

    What goes keeps the labels it was shown under: its going is told to those who saw it and to nobody else.
    """
    if not changes:
        return
    async with connection.transaction():
        cursor = await connection.execute(
            _END, {"layers": [layer for layer, _, _ in changes], "things": [thing for _, _, thing in changes], "at": at}
        )
        ended = {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
        told = [(layer, what, thing) for layer, what, thing in changes if what or (layer, thing) in ended]
        values: dict[str, Any] = {
            "layers": [layer for layer, _, _ in told],
            "things": [thing for _, _, thing in told],
            "places": [what.place if what else "" for _, what, _ in told],
            "props": [msgspec.json.encode(what.props).decode() if what else None for _, what, _ in told],
            "labels": [",".join(what.labels if what else ended[(layer, thing)]) for layer, what, thing in told],
            "stale": [what.stale_at if what else None for _, what, _ in told],
            "at": at,
            "position": str(position),
        }
        await connection.execute(_INSERT, values)


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

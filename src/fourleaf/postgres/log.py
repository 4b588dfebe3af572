# SPDX-License-Identifier: Apache-2.0
"""Log: reading facts back, by stream, by position and as of two times."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from fourleaf.kernel.fact import Fact, Kinds
from fourleaf.kernel.position import START, Position
from fourleaf.postgres.pool import Connection

_FACT = (
    "stream, version, kind, schema, occurred_at, recorded_at, actor, agency, cause, to_json(labels)::text, body::text"
)
COLUMNS = f"{_FACT}, epoch, txid::text as txid_text, seq"
# Below the oldest transaction that may still commit nothing can appear any more. Older epochs were
# written in another cluster, whose transaction numbers mean nothing here: all of it is committed.
SETTLED = """(epoch < (select epoch from fourleaf.cluster) or txid < pg_snapshot_xmin(pg_current_snapshot()))"""
AFTER = "(epoch, txid, seq) > (%(epoch)s, %(txid)s::text::xid8, %(seq)s)"


def decode(kinds: Kinds, run: str, row: Sequence[Any]) -> Fact:
    """One row of COLUMNS as a fact of today's schema; without its last three, a fact that does not say where it stands."""
    return Fact(
        run=run,
        stream=row[0],
        version=row[1],
        body=kinds.decode(row[2], row[3], row[10]),
        occurred_at=row[4],
        recorded_at=row[5],
        actor=row[6],
        agency=row[7],
        cause=row[8],
        labels=_labels(row[9]),
        position=Position(row[11], int(row[12]), row[13]) if len(row) > 11 else None,
    )


@lru_cache(maxsize=1024)
def _labels(text: str) -> tuple[str, ...]:
    """Few sets of labels stand in very many rows."""
    return tuple(msgspec.json.decode(text))


def after_values(position: Position) -> dict[str, Any]:
    return {"epoch": position.epoch, "txid": str(position.txid), "seq": position.seq}


async def settled_after(connection: Connection, kinds: Kinds, run: str, position: Position, limit: int) -> list[Fact]:
    """Facts after a position that no later commit can get in front of, in position order."""
    cursor = await connection.execute(
        f"select {COLUMNS} from fourleaf.log where run = %(run)s and {AFTER} and {SETTLED} order by epoch, txid, seq limit %(limit)s",
        {"run": run, "limit": limit} | after_values(position),
    )
    return [decode(kinds, run, row) for row in await cursor.fetchall()]


async def stream(connection: Connection, kinds: Kinds, run: str, name: str) -> list[Fact]:
    """One stream from its beginning."""
    cursor = await connection.execute(
        f"select {COLUMNS} from fourleaf.log where run = %s and stream = %s order by version", [run, name]
    )
    return [decode(kinds, run, row) for row in await cursor.fetchall()]


async def as_of(
    connection: Connection, kinds: Kinds, run: str, names: Sequence[str], *, happened_by: datetime, known_by: datetime
) -> list[Fact]:
    """Facts of some kinds that happened by one time and were known by another, in the order they happened."""
    cursor = await connection.execute(
        f"select {COLUMNS} from fourleaf.log where run = %s and kind = any(%s) and occurred_at <= %s and recorded_at <= %s"
        " order by occurred_at, stream, version",
        [run, list(names), happened_by, known_by],
    )
    return [decode(kinds, run, row) for row in await cursor.fetchall()]


async def latest(
    connection: Connection, kinds: Kinds, run: str, names: Sequence[str], *, before: datetime | None, limit: int
) -> list[Fact]:
    """The last facts of some kinds, newest first. before: only what happened earlier."""
    cursor = await connection.execute(
        f"select {COLUMNS} from fourleaf.log where run = %s and kind = any(%s)"
        " and occurred_at < coalesce(%s, 'infinity'::timestamptz) order by occurred_at desc, stream limit %s",
        [run, list(names), before, limit],
    )
    return [decode(kinds, run, row) for row in await cursor.fetchall()]


async def pages(
    connection: Connection, kinds: Kinds, run: str, *, chunk: int = 2_000
) -> AsyncGenerator[list[Fact], None]:
    """The whole run in log order, a page at a time; the next is asked for while the caller works on the last.

    The facts carry no position: folds do not look at it, and it is a seventh of the work of reading.
    """
    query = f"select {_FACT} from fourleaf.log where run = %s order by epoch, txid, seq"
    async with connection.transaction(), connection.cursor(name="scan", binary=True) as cursor:
        await cursor.execute(query, [run])
        ahead = asyncio.create_task(cursor.fetchmany(chunk))
        try:
            while rows := await ahead:
                ahead = asyncio.create_task(cursor.fetchmany(chunk))
                await asyncio.sleep(0)  # lets the question go out
                yield [decode(kinds, run, row) for row in rows]
        finally:
            await asyncio.wait([ahead])


async def last_position(connection: Connection, run: str) -> Position:
    cursor = await connection.execute(
        "select epoch, txid::text as txid_text, seq from fourleaf.log where run = %s order by epoch desc, txid desc, seq desc limit 1",
        [run],
    )
    row = await cursor.fetchone()
    return Position(row[0], int(row[1]), row[2]) if row else START

# SPDX-License-Identifier: Apache-2.0
"""Log: reading facts back, by stream, by position and as of two times."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any

from fourleaf.kernel.fact import Fact, Kinds
from fourleaf.kernel.position import START, Position
from fourleaf.postgres.pool import Connection

COLUMNS = (
    "run, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, cause, labels, body::text,"
    " epoch, txid::text as txid_text, seq"
)
# Below the oldest transaction that may still commit nothing can appear any more. Older epochs were
# written in another cluster, whose transaction numbers mean nothing here: all of it is committed.
SETTLED = """(epoch < (select epoch from fourleaf.cluster) or txid < pg_snapshot_xmin(pg_current_snapshot()))"""
AFTER = "(epoch, txid, seq) > (%(epoch)s, %(txid)s::text::xid8, %(seq)s)"


def decode(kinds: Kinds, row: Sequence[Any]) -> Fact:
    """One row of COLUMNS as a fact of today's schema."""
    return Fact(
        run=row[0],
        stream=row[1],
        version=row[2],
        body=kinds.decode(row[3], row[4], row[11]),
        occurred_at=row[5],
        recorded_at=row[6],
        actor=row[7],
        agency=row[8],
        cause=row[9],
        labels=tuple(row[10]),
        position=Position(row[12], int(row[13]), row[14]),
    )


def after_values(position: Position) -> dict[str, Any]:
    return {"epoch": position.epoch, "txid": str(position.txid), "seq": position.seq}


async def settled_after(connection: Connection, kinds: Kinds, run: str, position: Position, limit: int) -> list[Fact]:
    """Facts after a position that no later commit can get in front of, in position order."""
    cursor = await connection.execute(
        f"select {COLUMNS} from fourleaf.log where run = %(run)s and {AFTER} and {SETTLED} order by epoch, txid, seq limit %(limit)s",
        {"run": run, "limit": limit} | after_values(position),
    )
    return [decode(kinds, row) for row in await cursor.fetchall()]


async def stream(connection: Connection, kinds: Kinds, run: str, name: str) -> list[Fact]:
    """One stream from its beginning."""
    cursor = await connection.execute(
        f"select {COLUMNS} from fourleaf.log where run = %s and stream = %s order by version", [run, name]
    )
    return [decode(kinds, row) for row in await cursor.fetchall()]


async def as_of(
    connection: Connection, kinds: Kinds, run: str, names: Sequence[str], *, happened_by: datetime, known_by: datetime
) -> list[Fact]:
    """Facts of some kinds that happened by one time and were known by another, in the order they happened."""
    cursor = await connection.execute(
        f"select {COLUMNS} from fourleaf.log where run = %s and kind = any(%s) and occurred_at <= %s and recorded_at <= %s"
        " order by occurred_at, stream, version",
        [run, list(names), happened_by, known_by],
    )
    return [decode(kinds, row) for row in await cursor.fetchall()]


async def pages(
    connection: Connection, kinds: Kinds, run: str, *, chunk: int = 10_000
) -> AsyncGenerator[list[Fact], None]:
    """The whole run in log order, a page at a time; the next is asked for while the caller works on the last."""
    query = f"select {COLUMNS} from fourleaf.log where run = %s order by epoch, txid, seq"
    async with connection.transaction(), connection.cursor(name="scan", binary=True) as cursor:
        await cursor.execute(query, [run])
        ahead = asyncio.create_task(cursor.fetchmany(chunk))
        try:
            while rows := await ahead:
                ahead = asyncio.create_task(cursor.fetchmany(chunk))
                await asyncio.sleep(0)  # lets the question go out
                yield [decode(kinds, row) for row in rows]
        finally:
            await asyncio.wait([ahead])


async def last_position(connection: Connection, run: str) -> Position:
    cursor = await connection.execute(
        "select epoch, txid::text as txid_text, seq from fourleaf.log where run = %s order by epoch desc, txid desc, seq desc limit 1",
        [run],
    )
    row = await cursor.fetchone()
    return Position(row[0], int(row[1]), row[2]) if row else START

# SPDX-License-Identifier: Apache-2.0
"""Tail: follows the log without skipping and without freezing, folds totals, and says how far behind it is."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from fourleaf.kernel.fact import Kinds
from fourleaf.kernel.fold import Change, Total
from fourleaf.kernel.position import START, Position
from fourleaf.postgres import log, totals
from fourleaf.postgres.append import Append, append
from fourleaf.postgres.pool import Connection

READER = "tail"
BATCH = 2_000
# Behind by more than this, what is shown may be wrong, and the wall says so.
UNKNOWN_AFTER_S = 2.0


class Blocker(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that holds the tail back. Unit: age_s in wall seconds."""

    pid: int
    user: str
    application: str
    age_s: float
    query: str


async def position(connection: Connection, reader: str = READER) -> Position:
    cursor = await connection.execute(
        "select epoch, txid::text as txid_text, seq from reader_position where reader = %s", [reader]
    )
    row = await cursor.fetchone()
    return Position(row[0], int(row[1]), row[2]) if row else START


async def move(connection: Connection, to: Position, reader: str = READER) -> None:
    await connection.execute(
        "insert into reader_position (reader, epoch, txid, seq) values (%(reader)s, %(epoch)s, %(txid)s::text::xid8, %(seq)s)"
        " on conflict (reader) do update set epoch = excluded.epoch, txid = excluded.txid, seq = excluded.seq",
        {"reader": reader} | log.after_values(to),
    )


async def step(
    connection: Connection, kinds: Kinds, run: str, tailed: Sequence[Total], *, limit: int = BATCH
) -> tuple[int, list[Change]]:
    """Fold the next batch and move on, in one transaction: a crash in between repeats or keeps all of it.

    Gives the number of facts folded and the rows they changed.
    """
    async with connection.transaction():
        at = await position(connection)
        facts = await log.settled_after(connection, kinds, run, at, limit)
        if not facts:
            return 0, []
        changes: list[Change] = []
        for total in tailed:
            changes += await totals.fold(connection, total, facts)
        await append(connection, Append(changes=changes))
        last = facts[-1].position
        assert last is not None
        await move(connection, last)
    return len(facts), changes


async def lag_s(connection: Connection, run: str) -> float:
    """Wall seconds since the oldest committed fact that the tail has not folded was written; 0 when there is none."""
    at = await position(connection)
    cursor = await connection.execute(
        f"select extract(epoch from clock_timestamp() - min(written_at)) from (select written_at from fourleaf.log"
        f" where run = %(run)s and {log.AFTER} order by epoch, txid, seq limit 100) waiting",
        {"run": run} | log.after_values(at),
    )
    row = await cursor.fetchone()
    return max(0.0, float(row[0])) if row and row[0] is not None else 0.0


async def blockers(connection: Connection, *, older_than_s: float = 1.0) -> list[Blocker]:
    """Open transactions that write, oldest first: nothing written after them is settled."""
    cursor = await connection.execute(
        "select pid, coalesce(usename, ''), coalesce(application_name, ''), extract(epoch from clock_timestamp() - xact_start)::float8,"
        " left(coalesce(query, ''), 200) from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()"
        " and xact_start < clock_timestamp() - make_interval(secs => %s) order by backend_xid::text::xid8",
        [older_than_s],
    )
    return [
        Blocker(pid=row[0], user=row[1], application=row[2], age_s=round(row[3], 1), query=row[4])
        for row in await cursor.fetchall()
    ]


async def database_now(connection: Connection) -> datetime:
    row = await (await connection.execute("select clock_timestamp()")).fetchone()
    assert row is not None
    found: datetime = row[0]
    return found

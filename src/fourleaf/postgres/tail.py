# SPDX-License-Identifier: Apache-2.0
"""Tail: follows the log without skipping and without freezing, folds totals, and says how far behind it is."""

from collections.abc import Mapping, Sequence

from fourleaf.kernel.fact import Fact, Kinds
from fourleaf.kernel.fold import Change, Total
from fourleaf.kernel.position import START, Position
from fourleaf.postgres import log, totals
from fourleaf.postgres.append import Append, append
from fourleaf.postgres.pool import Connection

READER = "tail"
BATCH = 2_000
# Behind by more than this, what is shown may be wrong, and the wall says so.
UNKNOWN_AFTER_S = 2.0


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
) -> tuple[list[Fact], list[Change]]:
    """Fold the next batch and move on, in one transaction: a crash in between repeats or keeps all of it.

    Gives the facts folded and the rows they changed.
    """
    async with connection.transaction():
        at = await position(connection)
        facts = await log.settled_after(connection, kinds, run, at, limit)
        if not facts:
            return [], []
        changes: list[Change] = []
        for total in tailed:
            changes += await totals.fold(connection, total, facts)
        await append(connection, Append(changes=changes))
        last = facts[-1].position
        assert last is not None
        await move(connection, last)
    return facts, changes


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


async def behind(connection: Connection, readers: Mapping[str, Position]) -> set[str]:
    """Of these runs those whose logs hold facts after the position given. Asks the logs alone."""
    cursor = await connection.execute(
        "select r.run from unnest(%s::text[], %s::int[], %s::text[], %s::bigint[]) as r(run, epoch, txid, seq),"
        " lateral (select 1 from fourleaf.log l where l.run = r.run"
        " and (l.epoch, l.txid, l.seq) > (r.epoch, r.txid::xid8, r.seq) limit 1) news",
        [
            list(readers),
            [at.epoch for at in readers.values()],
            [str(at.txid) for at in readers.values()],
            [at.seq for at in readers.values()],
        ],
    )
    return {row[0] for row in await cursor.fetchall()}

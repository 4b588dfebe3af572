# SPDX-License-Identifier: Apache-2.0
"""Rebuild: fill a new schema from the log alone and put it in the place of the old one."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import msgspec
from psycopg import sql
from psycopg.types.json import Jsonb

from fourleaf.kernel.fact import Fact, Kinds
from fourleaf.kernel.fold import Row, Stream, Total
from fourleaf.postgres import log, runs, tail
from fourleaf.postgres.pool import Connection, connect

# What a run keeps besides caches: moved into the new schema as it is.
KEPT = ("request", "reader_position", "picture_change", "seal")
# Each commit stays far below a second, so that no tail is held back.
_ROWS_A_COMMIT = 5_000

Progress = Callable[[int], None]


class Folds(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is folded from the log, as app found it in the rooms."""

    streams: Sequence[Stream]
    totals: Sequence[Total]
    schema: str
    kept: Sequence[str] = ()


async def rebuild(dsn: str, run: str, kinds: Kinds, folds: Folds, *, progress: Progress = lambda facts: None) -> int:
    """Rebuild one run's caches. Its writers wait or are refused meanwhile; other runs go on. Gives the facts read.

    Raises: LookupError when there is no such run.
    """
    async with connect(dsn, run) as control, connect(dsn) as filler, connect(dsn) as reader:
        before = await runs.one(control, run)
        if before is None:
            raise LookupError(run)
        await runs.set_state(control, run, "rebuilding")
        try:
            async with single_worker(control, run), _writers_stopped(reader, run):
                return await _fill(dsn, run, kinds, folds, filler, progress)
        finally:
            await runs.set_state(control, run, before.state)


@asynccontextmanager
async def single_worker(connection: Connection, run: str) -> AsyncIterator[None]:
    """Be the only worker of a run: its tail, its pictures, its seals, or its rebuild."""
    await connection.execute("set lock_timeout = '30s'")
    await connection.execute("select pg_advisory_lock(hashtextextended('worker ' || %s, 0))", [run])
    try:
        yield
    finally:
        await connection.execute("select pg_advisory_unlock(hashtextextended('worker ' || %s, 0))", [run])


@asynccontextmanager
async def _writers_stopped(connection: Connection, run: str) -> AsyncIterator[None]:
    """Keep the run's part of the log still. The lock takes no transaction number, so it holds no tail back."""
    await connection.execute("set idle_in_transaction_session_timeout = 0")
    await connection.execute("set lock_timeout = '10s'")
    async with connection.transaction():
        await connection.execute(
            sql.SQL("lock table {} in share mode").format(sql.Identifier("fourleaf", f"log {run}"))
        )
        yield


async def _fill(dsn: str, run: str, kinds: Kinds, folds: Folds, filler: Connection, progress: Progress) -> int:
    fresh = f"{run}~new"
    await filler.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(fresh)))
    async with filler.transaction():
        await filler.execute(sql.SQL("create schema {}").format(sql.Identifier(fresh)))
        await filler.execute(sql.SQL("set local search_path to {}, fourleaf").format(sql.Identifier(fresh)))
        await filler.execute(folds.schema.encode())
    await filler.execute(sql.SQL("set search_path to {}, fourleaf").format(sql.Identifier(fresh)))
    async with connect(dsn) as scanner:
        await scanner.execute("set idle_in_transaction_session_timeout = 0")
        facts = await _fill_streams(scanner, filler, run, kinds, folds.streams, progress)
        await _fill_totals(scanner, filler, run, kinds, folds.totals, progress)
        last = await log.last_position(scanner, run)
    await _swap(filler, run, fresh, folds.kept)
    async with connect(dsn, run) as settled:
        await tail.move(settled, last)
    return facts


async def _fill_streams(
    scanner: Connection, filler: Connection, run: str, kinds: Kinds, streams: Sequence[Stream], progress: Progress
) -> int:
    by_prefix = {stream.prefix: stream for stream in streams}
    count, name, state, stream, waiting = 0, "", None, None, list[Row]()
    async for fact in log.all_by_stream(scanner, kinds, run):
        if fact.stream != name:
            if stream:
                waiting += stream.rows(state)
                waiting = await _flush(filler, waiting, _ROWS_A_COMMIT)
            name = fact.stream
            stream = by_prefix.get(name.partition(":")[0])
            state = stream.start(name) if stream else None
        if stream:
            state = stream.step(state, fact)
        count += 1
        if count % 10_000 == 0:
            progress(count)
    if stream:
        waiting += stream.rows(state)
    await _flush(filler, waiting, 0)
    return count


async def _fill_totals(
    scanner: Connection, filler: Connection, run: str, kinds: Kinds, totals: Sequence[Total], progress: Progress
) -> None:
    rows: list[dict[tuple[Any, ...], Row]] = [{} for _ in totals]
    by_type: Mapping[type, list[int]] = {
        body: [index for index, total in enumerate(totals) if issubclass(body, total.of)] for body in kinds
    }
    count = 0
    async for fact in log.all_by_position(scanner, kinds, run):
        for index in by_type[type(fact.body)]:
            _fold_one(totals[index], rows[index], fact)
        count += 1
        if count % 10_000 == 0:
            progress(count)
    for found in rows:
        await _flush(filler, list(found.values()), 0)


def _fold_one(total: Total, rows: dict[tuple[Any, ...], Row], fact: Fact) -> None:
    for key in total.keys(fact):
        row = rows.get(key)
        rows[key] = total.step(total.start(key) if row is None else row, fact)


async def _flush(filler: Connection, rows: list[Row], above: int) -> list[Row]:
    """Write the rows by table once there are more than `above` of them. Gives those still waiting."""
    if len(rows) <= above:
        return rows
    tables: dict[type[Row], list[Row]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    for table, found in tables.items():
        remaining = iter(found)
        while chunk := list(islice(remaining, _ROWS_A_COMMIT)):
            await _copy(filler, table, chunk)
    return []


async def _copy(filler: Connection, table: type[Row], rows: Iterable[Row]) -> None:
    names = table.__struct_fields__
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.TABLE), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    async with filler.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row([_plain(getattr(row, name)) for name in names])


def _plain(value: Any) -> Any:
    return Jsonb(msgspec.to_builtins(value)) if isinstance(value, dict | msgspec.Struct) else value


async def _swap(filler: Connection, run: str, fresh: str, kept: Sequence[str]) -> None:
    old, new = sql.Identifier(run), sql.Identifier(fresh)
    async with filler.transaction():
        for table in await _with_partitions(filler, run, (*KEPT, *kept)):
            await filler.execute(sql.SQL("alter table {} set schema {}").format(sql.Identifier(run, table), new))
        await filler.execute(sql.SQL("drop schema {} cascade").format(old))
        await filler.execute(sql.SQL("alter schema {} rename to {}").format(new, old))


async def _with_partitions(filler: Connection, run: str, tables: Sequence[str]) -> list[str]:
    cursor = await filler.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_inherits i on i.inhrelid = c.oid"
        " left join pg_class p on p.oid = i.inhparent where n.nspname = %s and c.relkind in ('r', 'p')"
        " and coalesce(p.relname, c.relname) = any(%s)",
        [run, list(tables)],
    )
    return [row[0] for row in await cursor.fetchall()]

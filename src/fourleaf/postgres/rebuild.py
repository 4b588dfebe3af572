# SPDX-License-Identifier: Apache-2.0
"""Rebuild: fill a new schema from the log alone and put it in the place of the old one."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing, asynccontextmanager, contextmanager
from datetime import date, datetime
from hashlib import sha256
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any, Protocol

import msgspec
from psycopg import sql
from psycopg.types.json import Jsonb

from fourleaf.kernel.fact import Fact, Kinds
from fourleaf.kernel.fold import Row, Stream, Total
from fourleaf.postgres import log, runs, tail
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.processes import end_with_first
from fourleaf.postgres.rebuilding import being_rebuilt

# What a run keeps besides caches: moved into the new schema as it is.
KEPT = ("request", "reader_position", "picture_change", "seal")
# Each commit stays far below a second, so that no tail is held back.
_ROWS_A_COMMIT = 5_000
# Values that psycopg writes as they are.
_PLAIN = frozenset({str, int, bool, float, datetime, date, type(None)})

Progress = Callable[[int], None]


class Folds(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is folded from the log, as app found it in the rooms."""

    streams: Sequence[Stream]
    totals: Sequence[Total]
    schema: str
    kept: Sequence[str] = ()
    kept_schema: str = ""

    @property
    def stamp(self) -> str:
        """Tells these tables from those of another release."""
        return sha256(f"{self.schema}\n{self.kept_schema}".encode()).hexdigest()


# Gives everything that is read and folded. A function of a module: the second process finds it by its name.
Source = Callable[[], tuple[Kinds, Folds]]


async def rebuild(dsn: str, run: str, source: Source, *, progress: Progress = lambda facts: None) -> int:
    """Rebuild one run's caches. Its writers wait or are refused meanwhile; other runs go on. Gives the facts read.

    Method: two processes read the log side by side. The other one folds the states, and the totals are dealt out between them.
    Raises: LookupError when there is no such run; LockNotAvailable when another rebuild of it goes on.
    """
    async with connect(dsn, run) as control, connect(dsn) as filler, connect(dsn) as reader:
        if await runs.one(control, run) is None:
            raise LookupError(run)
        async with being_rebuilt(control, run), single_worker(control, run), _writers_stopped(reader, run):
            return await _fill(dsn, run, source, filler, progress)


@asynccontextmanager
async def single_worker(connection: Connection, run: str) -> AsyncIterator[None]:
    """Be the only worker of a run: its tail, its pictures, its seals, or its rebuild."""
    await connection.execute("set lock_timeout = '30s'")
    await connection.execute(f"select pg_advisory_lock({runs.WORKER_LOCK})", [run])
    try:
        yield
    finally:
        await connection.execute(f"select pg_advisory_unlock({runs.WORKER_LOCK})", [run])


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


async def _fill(dsn: str, run: str, source: Source, filler: Connection, progress: Progress) -> int:
    fresh = runs.fresh_schema(run)
    _, folds = source()
    await filler.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(fresh)))
    async with filler.transaction():
        await filler.execute(sql.SQL("create schema {}").format(sql.Identifier(fresh)))
        await filler.execute(sql.SQL("set local search_path to {}, fourleaf").format(sql.Identifier(fresh)))
        await filler.execute(f"{folds.schema}\n{folds.kept_schema}".encode())
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_first) as other:
        half = asyncio.wrap_future(other.submit(_fill_half, dsn, run, source))
        facts = await _fold(dsn, run, source, _half_of_totals, progress)
        await half
    await _swap(filler, run, fresh, folds)
    return facts


def _fill_half(dsn: str, run: str, source: Source) -> int:
    return asyncio.run(_fold(dsn, run, source, _states_and_the_rest, lambda facts: None))


def _half_of_totals(kinds: Kinds, folds: Folds) -> "Sequence[Folding]":
    return [_Totals(kinds, folds.totals[0::2])]


def _states_and_the_rest(kinds: Kinds, folds: Folds) -> "Sequence[Folding]":
    return [_Streams(folds.streams), _Totals(kinds, folds.totals[1::2])]


class Folding(Protocol):
    """A part of the folds, fed with every fact in log order."""

    def fold(self, fact: Fact) -> None: ...
    def rows(self) -> Iterator[Row]: ...


Deal = Callable[[Kinds, Folds], Sequence[Folding]]


async def _fold(dsn: str, run: str, source: Source, deal: Deal, progress: Progress) -> int:
    """Fold one part of the whole log, then write its rows. Gives the facts read."""
    kinds, folds = source()
    count, parts = 0, deal(kinds, folds)
    async with connect(dsn) as scanner, connect(dsn, runs.fresh_schema(run)) as filler:
        await scanner.execute("set idle_in_transaction_session_timeout = 0")
        with _no_collector():
            async with aclosing(log.pages(scanner, kinds, run)) as pages:
                async for page in pages:
                    for folding in parts:
                        for fact in page:
                            folding.fold(fact)
                    count += len(page)
                    progress(count)
            rows = chain.from_iterable(folding.rows() for folding in parts)
            while some := list(islice(rows, _ROWS_A_COMMIT)):
                await _write(filler, some)
    return count


class _Streams:
    """The state of every stream, folded in log order.

    A stream's next version may stand before it in the log: a transaction that had written already, and so had its
    number, read and went on from one that began later. Such a fact waits for its turn.
    Limits: all states are held at once, about half a kilobyte a holder.
    """

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._by_prefix = {stream.prefix: stream for stream in streams}
        self._held: dict[str, _Held] = {}
        self._early: dict[tuple[str, int], Fact] = {}

    def fold(self, fact: Fact) -> None:
        held = self._held.get(fact.stream) or self._start(fact.stream)
        if fact.version != held.version + 1:
            self._early[fact.stream, fact.version] = fact
            return
        held.step(fact)
        while self._early and (waited := self._early.pop((fact.stream, held.version + 1), None)):
            held.step(waited)

    def rows(self) -> Iterator[Row]:
        """The rows of all streams. What still waits stands behind a gap, which `verify` names."""
        for name, version in sorted(self._early):
            self._held[name].step(self._early[name, version])
        for held in self._held.values():
            if held.stream:
                yield from held.stream.rows(held.state)

    def _start(self, name: str) -> "_Held":
        stream = self._by_prefix.get(name.partition(":")[0])
        held = self._held[name] = _Held(stream=stream, state=stream.start(name) if stream else None)
        return held


class _Held(msgspec.Struct, kw_only=True):
    """One stream as far as it was read. stream: None where no engine folds it."""

    stream: Stream | None
    state: Any
    version: int = 0

    def step(self, fact: Fact) -> None:
        self.version = fact.version
        if self.stream:
            self.state = self.stream.step(self.state, fact)


class _Totals:
    """The rows of some totals, folded in log order. Each row lies in a list of one, so that its key is looked up once."""

    def __init__(self, kinds: Kinds, totals: Sequence[Total]) -> None:
        self._rows: list[dict[tuple[Any, ...], list[Row]]] = [{} for _ in totals]
        self._by_type: Mapping[type, list[tuple[Total, dict[tuple[Any, ...], list[Row]]]]] = {
            body: [(total, rows) for total, rows in zip(totals, self._rows, strict=True) if issubclass(body, total.of)]
            for body in kinds
        }

    def fold(self, fact: Fact) -> None:
        for total, rows in self._by_type[type(fact.body)]:
            step = total.step
            for key in total.keys(fact):
                held = rows.get(key)
                if held is None:
                    held = rows[key] = [total.start(key)]
                held[0] = step(held[0], fact)

    def rows(self) -> Iterator[Row]:
        return (row for rows in self._rows for held in rows.values() for row in held)


async def _write(filler: Connection, rows: Iterable[Row]) -> None:
    tables: dict[type[Row], list[Row]] = {}
    for row in rows:
        tables.setdefault(type(row), []).append(row)
    for table, found in tables.items():
        await _copy(filler, table, found)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Rest the search for reference cycles: facts and rows have none, and there are millions of them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


async def _copy(filler: Connection, table: type[Row], rows: Iterable[Row]) -> None:
    names = table.__struct_fields__
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.TABLE), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    async with filler.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = msgspec.structs.astuple(row)
            await copy.write_row(
                values if _PLAIN.issuperset(map(type, values)) else [_plain(value) for value in values]
            )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):  # COPY writes a list as an array, and a tuple as a row
        return list(value)
    return Jsonb(msgspec.to_builtins(value)) if isinstance(value, dict | msgspec.Struct) else value


async def _swap(filler: Connection, run: str, fresh: str, folds: Folds) -> None:
    """What is kept takes the place of the empty table of the same name; one that a new engine brought stays empty.

    The tail moves on with it, behind all that was folded: a kill leaves both or neither.
    """
    last = await log.last_position(filler, run)
    old, new = sql.Identifier(run), sql.Identifier(fresh)
    async with filler.transaction():
        for table in await _with_partitions(filler, run, (*KEPT, *folds.kept)):
            await filler.execute(sql.SQL("drop table if exists {}").format(sql.Identifier(fresh, table)))
            await filler.execute(sql.SQL("alter table {} set schema {}").format(sql.Identifier(run, table), new))
        await filler.execute(sql.SQL("drop schema {} cascade").format(old))
        await filler.execute(sql.SQL("alter schema {} rename to {}").format(new, old))
        await filler.execute("update fourleaf.run set tables = %s where run = %s", [folds.stamp, run])
        await filler.execute(sql.SQL("set local search_path to {}, fourleaf").format(old))
        await tail.move(filler, last)


async def _with_partitions(filler: Connection, run: str, tables: Sequence[str]) -> list[str]:
    cursor = await filler.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_inherits i on i.inhrelid = c.oid"
        " left join pg_class p on p.oid = i.inhparent where n.nspname = %s and c.relkind in ('r', 'p')"
        " and coalesce(p.relname, c.relname) = any(%s)",
        [run, list(tables)],
    )
    return [row[0] for row in await cursor.fetchall()]

# SPDX-License-Identifier: Apache-2.0
"""Pool: the connections of one process. However many runs there are, they share one small pool."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection, sql
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[Any]

# No transaction that writes lasts over a second (it would hold back every reader of the log).
_LIMITS = (
    "-c idle_in_transaction_session_timeout=2000 -c lock_timeout=2000 -c timezone=UTC -c application_name=fourleaf"
)
# Who waits longer for a connection is told to come again later.
WAIT_S = 3.0
# So many may wait; more would only be answered when nobody listens any more.
WAITING = 200
# A pool asks for a lost server again at least this often; left alone it would pause for minutes.
RECONNECT_S = 2.0
# A connection nobody needed for so long is given up.
IDLE_S = 60.0


def options(run: str | None, *, statement_timeout_s: int = 10) -> str:
    """libpq options of a session; the run's schema is its search_path."""
    path = f'"{run}",fourleaf' if run else "fourleaf"
    return f"{_LIMITS} -c statement_timeout={statement_timeout_s * 1000} -c search_path={path}"


@asynccontextmanager
async def connect(dsn: str, run: str | None = None, *, statement_timeout_s: int = 0) -> AsyncIterator[Connection]:
    """One connection of its own, autocommit: for the worker, the command line and tests."""
    connection = await psycopg.AsyncConnection.connect(
        dsn, autocommit=True, options=options(run, statement_timeout_s=statement_timeout_s)
    )
    try:
        yield connection
    finally:
        await connection.close()


# Which run a connection was lent to last; it keeps that run's search_path until it is lent to another.
_LentTo = WeakKeyDictionary[Connection, str | None]


class RunPool:
    """Lends connections whose search_path is one run's own schema, so that a query cannot see another run."""

    def __init__(self, run: str | None, pool: AsyncConnectionPool[Connection], lent_to: _LentTo) -> None:
        self._run, self._pool, self._lent_to = run, pool, lent_to

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        told = _times_told_to_end()
        connection = await self._pool.getconn()
        try:
            # On Python 3.11 a cancellation is lost in asyncio.wait_for, by which the pool waits, when a connection comes
            # free at that moment (python/cpython#86296). Whoever loses it never ends, and all who wait for it stand still.
            if _times_told_to_end() > told:
                raise asyncio.CancelledError
            if self._lent_to.get(connection) != self._run:
                self._lent_to[connection] = ""  # no run's name: should this be cut short, it is said again
                await connection.execute(sql.SQL("set search_path to {}").format(_path(self._run)))
                self._lent_to[connection] = self._run
            yield connection
        finally:
            # Whole, whatever happens meanwhile: a return that is cut short loses the connection for the pool.
            await asyncio.shield(self._pool.putconn(connection))


def _times_told_to_end() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _path(run: str | None) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, [run, "fourleaf"] if run else ["fourleaf"]))


class Pools:
    """One pool, opened when it is first asked for. size: the most connections this process holds."""

    def __init__(self, dsn: str, *, size: int = 12) -> None:
        self.dsn, self._size = dsn, size
        self._pool: AsyncConnectionPool[Connection] | None = None
        self._lent_to: _LentTo = WeakKeyDictionary()

    async def of(self, run: str | None) -> RunPool:
        if self._pool is None:
            self._pool = AsyncConnectionPool(
                self.dsn,
                min_size=1,
                max_size=self._size,
                open=False,
                timeout=WAIT_S,
                max_waiting=WAITING,
                max_idle=IDLE_S,
                reconnect_timeout=RECONNECT_S,
                kwargs={"autocommit": True, "options": options(None)},
                check=AsyncConnectionPool.check_connection,
            )
            await self._pool.open()
        return RunPool(run, self._pool, self._lent_to)

    async def close(self) -> None:
        if self._pool:
            await self._pool.close()
            self._pool = None

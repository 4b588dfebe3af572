# SPDX-License-Identifier: Apache-2.0
"""Pool: connections to the one server, a small pool a run, whose search_path is the run's own schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[Any]

# No transaction that writes lasts over a second (it would hold back every reader of the log).
_LIMITS = (
    "-c idle_in_transaction_session_timeout=2000 -c lock_timeout=2000 -c timezone=UTC -c application_name=fourleaf"
)


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


class Pools:
    """Opens a run's pool when it is first asked for, and keeps it."""

    def __init__(self, dsn: str, *, size: int = 8) -> None:
        self.dsn, self._size = dsn, size
        self._pools: dict[str | None, AsyncConnectionPool[Connection]] = {}

    async def of(self, run: str | None) -> AsyncConnectionPool[Connection]:
        pool = self._pools.get(run)
        if pool is None:
            pool = AsyncConnectionPool(
                self.dsn,
                min_size=1,
                max_size=self._size,
                open=False,
                timeout=5,
                kwargs={"autocommit": True, "options": options(run)},
                check=AsyncConnectionPool.check_connection,
            )
            self._pools[run] = pool
            await pool.open()
        return pool

    async def forget(self, run: str) -> None:
        pool = self._pools.pop(run, None)
        if pool:
            await pool.close()

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()
        self._pools.clear()

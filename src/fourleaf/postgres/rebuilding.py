# SPDX-License-Identifier: Apache-2.0
"""Rebuilding: a run says that it is being rebuilt, and no longer than somebody rebuilds it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import errors, sql

from fourleaf.postgres.pool import Connection
from fourleaf.postgres.runs import fresh_schema

# Held as long as a rebuild goes on: a session's lock ends with its process, however that ends.
_LOCK = "hashtextextended('rebuild ' || %s, 0)"


@asynccontextmanager
async def being_rebuilt(connection: Connection, run: str) -> AsyncIterator[None]:
    """The run says so meanwhile, and stands as before afterwards. One that is killed is found by `recover`.

    Raises: LockNotAvailable when it is being rebuilt already.
    """
    if not await _hold(connection, run):
        raise errors.LockNotAvailable(f"{run} is being rebuilt")
    try:
        await connection.execute(
            "update fourleaf.run set state_before = state, state = 'rebuilding' where run = %s and state <> 'rebuilding'",
            [run],
        )
        yield
    finally:
        await _let_go(connection, run)


async def recover(connection: Connection, run: str) -> None:
    """Where nobody rebuilds a run that says so, its rebuild was killed: all is as it stood before."""
    if not await _hold(connection, run):
        return
    try:
        await connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(fresh_schema(run))))
    finally:
        await _let_go(connection, run)


async def _hold(connection: Connection, run: str) -> bool:
    row = await (await connection.execute(f"select pg_try_advisory_lock({_LOCK})", [run])).fetchone()
    return bool(row and row[0])


async def _let_go(connection: Connection, run: str) -> None:
    await connection.execute(
        "update fourleaf.run set state = coalesce(state_before, 'running'), state_before = null"
        " where run = %s and state = 'rebuilding'",
        [run],
    )
    await connection.execute(f"select pg_advisory_unlock({_LOCK})", [run])

# SPDX-License-Identifier: Apache-2.0
"""The pool: what it lends, and what it must not swallow."""

import asyncio

import pytest

from fourleaf.postgres.pool import Pools, RunPool

pytestmark = pytest.mark.postgres


async def _borrow(pool: RunPool, until: asyncio.Event) -> None:
    async with pool.connection():
        await until.wait()


@pytest.mark.parametrize("turns", range(8))
async def test_who_is_told_to_end_while_a_connection_comes_free_ends(dsn: str, turns: int) -> None:
    """A worker's run stood still for ever: one of its tasks lost its cancellation in the pool, the others waited for it."""
    pools, free, never = Pools(dsn, size=1), asyncio.Event(), asyncio.Event()
    pool = await pools.of(None)
    async with asyncio.TaskGroup() as group:
        group.create_task(_borrow(pool, free))
        await asyncio.sleep(0.1)
        waiting = group.create_task(_borrow(pool, never))
        await asyncio.sleep(0.1)

        free.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting], timeout=5)
        ended = waiting.cancelled()
        waiting.cancel()

    async with asyncio.timeout(5), pool.connection() as connection:
        again = await (await connection.execute("select 1")).fetchone()
    await pools.close()
    assert ended
    assert again == (1,)

# SPDX-License-Identifier: Apache-2.0
"""The tail: how far behind it is while 3,000 facts a second are written, alone and with the pictures drawn."""

import asyncio
import multiprocessing
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic

from bench import crowd
from bench.ground import Ground
from bench.result import Measured, middle, percentile
from fourleaf.app.draw import Drawing
from fourleaf.app.rooms import rooms
from fourleaf.app.run_worker import POLL_S
from fourleaf.app.waker import Waker
from fourleaf.engines.admission.state import Presence
from fourleaf.kernel.position import Position
from fourleaf.postgres import tail
from fourleaf.postgres.journal import CHANNEL, Bell, Journal
from fourleaf.postgres.pool import Connection, Pools, connect

OFFERED = 3_000
# So many facts a commit: lanes post one by one, the writer here must not be what is measured.
A_COMMIT = 10
BAR_MS = 200.0


async def measure(ground: Ground) -> list[Measured]:
    seconds = max(0.5, 15 * ground.scale)
    return [await _lags(ground, seconds, drawing) for drawing in (False, True)]


async def _lags(ground: Ground, seconds: float, drawing: bool) -> Measured:
    async with ground.run() as run:
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(ground.dsn, run, seconds))
        follower = _Follower(ground.dsn, run, drawing)
        async with connect(ground.dsn, run) as connection:
            await follower.once(connection)
            floor = [await follower.idle(connection) for _ in range(50)]
            writer.start()
            await follower.follow(connection, writer.is_alive)
            writer.join()
            lags, took = await _behind(connection, run, follower.steps)
    return Measured(
        bench="tail",
        what="lag of the tail at 3,000 facts/s, p99" + (", pictures drawn between" if drawing else ""),
        unit="ms",
        better="low",
        value=percentile(lags, 0.99),
        floor=1000 * middle(floor),
        floor_is="one poll of the tail that finds nothing",
        bar=BAR_MS,
        limited_by="the bell, at most every 20 ms, and the folding of what came meanwhile"
        + ("; then the queries of the views" if drawing else ""),
        detail={
            "p50_ms": percentile(lags, 0.5),
            "facts": len(lags),
            "offered": OFFERED,
            "written_per_s": len(lags) / took if took else 0.0,
        },
    )


async def _behind(
    connection: Connection, run: str, steps: list[tuple[Position, datetime]]
) -> tuple[list[float], float]:
    """From written to folded, in ms, of every fact; and for how many seconds facts were written."""
    cursor = await connection.execute(
        "select epoch, txid::text::bigint as txid_number, seq, written_at from fourleaf.log where run = %s and actor = 'lane:bench'"
        " and stream like 'holder:%%' order by epoch, txid, seq",
        [run],
    )
    rows = await cursor.fetchall()
    reached = [position for position, _ in steps]
    lags = [
        (steps[bisect_left(reached, Position(row[0], row[1], row[2]))][1] - row[3]).total_seconds() * 1000
        for row in rows
    ]
    return lags, (rows[-1][3] - rows[0][3]).total_seconds() if rows else 0.0


class _Follower:
    """What the worker does between two bells."""

    def __init__(self, dsn: str, run: str, drawing: bool) -> None:
        self.run, self._waker = run, Waker(dsn, CHANNEL)
        self._drawing = Drawing(rooms()) if drawing else None
        self.steps: list[tuple[Position, datetime]] = []

    async def once(self, connection: Connection) -> bool:
        facts, changes = await tail.step(connection, rooms().kinds, self.run, rooms().tailed)
        if facts:
            self.steps.append((await tail.position(connection), datetime.now(UTC)))
        if self._drawing:
            now = crowd.OPENS + timedelta(minutes=len(self.steps) % 500)
            at = await tail.position(connection)
            touched = {fact.stream for fact in facts}
            await self._drawing.draw(connection, changes, touched, now=now, wall_s=monotonic(), position=at)
        return bool(facts)

    async def idle(self, connection: Connection) -> float:
        began = monotonic()
        await tail.step(connection, rooms().kinds, self.run, rooms().tailed)
        return monotonic() - began

    async def follow(self, connection: Connection, going: Callable[[], bool]) -> None:
        """Until the writer has ended and nothing is left."""
        bell, listening = self._waker.event(self.run), asyncio.create_task(self._waker.listen())
        folded = True
        while folded or going():
            bell.clear()
            folded = await self.once(connection)
            if not folded:
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await bell.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def write(dsn: str, run: str, seconds: float) -> None:
    """The writer process: offers facts at an even pace."""
    asyncio.run(_write(dsn, run, seconds))


async def _write(dsn: str, run: str, seconds: float) -> None:
    pools = Pools(dsn, size=4)
    try:
        journal = Journal(run, rooms().kinds, rooms().inline, Bell(await pools.of(None)))
        holders = [Presence(holder=f"h{number}") for number in range(5_000)]
        async with connect(dsn, run) as connection:
            began, count = monotonic(), 0
            while count < OFFERED * seconds:
                given = []
                for number in range(count, count + A_COMMIT):
                    at = number % len(holders)
                    one, holders[at] = crowd.passing(
                        run, holders[at], number, crowd.OPENS + timedelta(milliseconds=number)
                    )
                    given.append(one)
                await journal.append(connection, *given)
                count += A_COMMIT
                await asyncio.sleep(max(0.0, began + count / OFFERED - monotonic()))
            await asyncio.sleep(0.1)
    finally:
        await pools.close()

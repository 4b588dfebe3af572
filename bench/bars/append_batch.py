# SPDX-License-Identifier: Apache-2.0
"""Facts with their own rows, a thousand a statement: one writer, and two in two processes."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from time import monotonic

from bench import crowd
from bench.crew import Crew, rates, together
from bench.ground import MIRROR, Ground, copy_facts
from bench.result import Measured, middle
from fourleaf.app.rooms import rooms
from fourleaf.engines.admission.state import Presence
from fourleaf.kernel.fact import Fact
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.pool import connect

BATCH = 1_000
BARS = {1: 12_000, 2: 25_000}


async def measure(ground: Ground) -> list[Measured]:
    return [await _writers(ground, number) for number in BARS]


async def _writers(ground: Ground, writers: int) -> Measured:
    batches = ground.size(20)
    async with ground.run() as run:
        async with connect(ground.dsn, run) as connection:
            await connection.execute(MIRROR.encode())
        crew = await asyncio.to_thread(
            together, work, [(ground.dsn, run, number, batches, ground.rounds) for number in range(writers)]
        )
    ours, floor = rates(crew, "append", BATCH), rates(crew, "floor", BATCH)
    return Measured(
        bench="append_batch",
        what=f"facts appended with their own rows, 1,000 a statement, {writers} writer{'s' * (writers > 1)}",
        unit="facts/s",
        better="high",
        value=middle(ours),
        floor=middle(floor),
        floor_is="COPY of the same rows into a bare table, hashes and all",
        bar=BARS[writers],
        limited_by="the writer's own processor: one Python process hashes and encodes"
        if writers == 1
        else "the processor: two writers and their two servers share the cores",
        rounds=tuple(ours),
    )


async def work(crew: Crew, dsn: str, run: str, process: int, batches: int, rounds: int) -> None:
    """One writer."""
    journal = Journal(run, rooms().kinds, rooms().inline)
    async with connect(dsn, run) as connection:

        async def copied(facts: list[list[Fact]]) -> list[float]:
            return [await _timed(copy_facts(connection, some, "mirror")) for some in facts]

        async def appended(holders: list[Presence]) -> list[float]:
            return [await _timed(batch(holders, number)) for number in range(batches)]

        async def batch(holders: list[Presence], number: int) -> None:
            given = []
            for at, holder in enumerate(holders):
                one, holders[at] = crowd.passing(run, holder, at, crowd.OPENS + timedelta(minutes=number))
                given.append(one)
            await journal.append(connection, *given)

        for turn in range(rounds):
            holders = [Presence(holder=f"{process}-{turn}-{number}") for number in range(BATCH)]
            facts = [[crowd.passage(run, one, 0, crowd.OPENS)[0] for one in holders] for _ in range(batches)]
            await crew.leg("floor", partial(copied, facts))
            await crew.leg("append", partial(appended, holders))


async def _timed(work: Awaitable[None]) -> float:
    began = monotonic()
    await work
    return monotonic() - began

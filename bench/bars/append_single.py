# SPDX-License-Identifier: Apache-2.0
"""Facts with their own rows, one statement a commit, eight connections in two processes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from bench import crowd
from bench.crew import Crew, rates, spans, together
from bench.ground import INSERT, MIRROR, Ground, log_row
from bench.result import Measured, middle, percentile
from fourleaf.app.rooms import rooms
from fourleaf.engines.admission.state import Presence
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.pool import Connection, connect

PROCESSES, CONNECTIONS = 2, 4


async def measure(ground: Ground) -> list[Measured]:
    facts = ground.size(3_000, 10)
    async with ground.run() as run:
        async with connect(ground.dsn, run) as connection:
            await connection.execute(MIRROR.encode())
        crew = await asyncio.to_thread(
            together, work, [(ground.dsn, run, number, facts, ground.rounds) for number in range(PROCESSES)]
        )
    ours, floor, took = rates(crew, "append"), rates(crew, "floor"), spans(crew, "append")
    return [
        Measured(
            bench="append_single",
            what="facts appended with their own rows, one statement a commit, 8 connections",
            unit="facts/s",
            better="high",
            value=middle(ours),
            floor=middle(floor),
            floor_is="the same bytes into a bare table, one insert a commit",
            bar=3_000,
            limited_by="the processor: Python makes the statement, PostgreSQL keeps five indexes",
            rounds=tuple(ours),
            detail={
                "p50_ms": 1000 * percentile(took, 0.5),
                "p99_ms": 1000 * percentile(took, 0.99),
                "floor_p99_ms": 1000 * percentile(spans(crew, "floor"), 0.99),
            },
        )
    ]


async def work(crew: Crew, dsn: str, run: str, process: int, facts: int, rounds: int) -> None:
    """One process: its connections, working side by side."""
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(connect(dsn, run)) for _ in range(CONNECTIONS)]
        journal = Journal(run, rooms().kinds, rooms().inline)
        for turn in range(rounds):
            names = [f"{process}-{number}-{turn}" for number in range(CONNECTIONS)]
            rows = [_bare(run, name, facts) for name in names]
            await crew.leg("floor", partial(_side_by_side, _insert, connections, rows))
            await crew.leg("append", partial(_side_by_side, partial(_append, journal, facts), connections, names))


async def _side_by_side(
    work: Callable[[Connection, Any], Awaitable[list[float]]], connections: list[Connection], given: list[Any]
) -> list[float]:
    """Each connection at its own part. Gives the spans of all."""
    done = await asyncio.gather(*map(work, connections, given))
    return [span for spans in done for span in spans]


async def _append(journal: Journal, facts: int, connection: Connection, name: str) -> list[float]:
    """Holders of this connection's own go in and out."""
    took: list[float] = []
    holders = [Presence(holder=f"{name}-{number}") for number in range(max(1, facts // 4))]
    for number in range(facts):
        at = number % len(holders)
        began = monotonic()
        given, holders[at] = crowd.passing(journal.run, holders[at], number, crowd.OPENS + timedelta(seconds=number))
        await journal.append(connection, given)
        took.append(monotonic() - began)
    return took


async def _insert(connection: Connection, rows: Sequence[list[object]]) -> list[float]:
    took: list[float] = []
    for row in rows:
        began = monotonic()
        await connection.execute(INSERT.encode(), row)
        took.append(monotonic() - began)
    return took


def _bare(run: str, name: str, facts: int) -> list[list[object]]:
    holder = Presence(holder=name)
    return [log_row(crowd.passage(run, holder, number, crowd.OPENS)[0]) for number in range(facts)]

# SPDX-License-Identifier: Apache-2.0
"""One hot stream and sixteen clients: racing and retrying, or queueing for the stream's lock."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from time import monotonic

from bench import crowd
from bench.ground import Ground
from bench.result import Measured, middle, percentile
from fourleaf.app.rooms import rooms
from fourleaf.engines.admission import store
from fourleaf.postgres.append import Append, Request, StaleStream
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.pool import Connection, connect

CLIENTS = 16


async def measure(ground: Ground) -> list[Measured]:
    told: dict[str, list[tuple[float, list[float], int]]] = {"alone": [], "racing": [], "queueing": []}
    commands = ground.size(60, 2)
    async with ground.run() as run, AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(connect(ground.dsn, run)) for _ in range(CLIENTS)]
        hot = _Hot(run)
        for turn in range(ground.rounds):
            told["alone"].append(await hot.all(connections[:1], f"a{turn}", commands * 4, lock=False))
            told["racing"].append(await hot.all(connections, f"r{turn}", max(2, commands // 4), lock=False))
            told["queueing"].append(await hot.all(connections, f"q{turn}", commands, lock=True))
    floor = middle([rate for rate, _, _ in told["alone"]])
    return [_measured(way, told[way], floor) for way in ("racing", "queueing")]


def _measured(way: str, rounds: list[tuple[float, list[float], int]], floor: float) -> Measured:
    rates = [rate for rate, _, _ in rounds]
    took = [span for _, spans, _ in rounds for span in spans]
    return Measured(
        bench="contended",
        what=f"commands on one stream, 16 clients {way}",
        unit="commands/s",
        better="high",
        value=middle(rates),
        floor=floor,
        floor_is="one client alone on the stream",
        limited_by="lost races: all but one decide in vain"
        if way == "racing"
        else "the lock is handed on with every commit",
        rounds=tuple(rates),
        detail={"p99_ms": 1000 * percentile(took, 0.99), "given_up": sum(lost for _, _, lost in rounds)},
    )


class _Hot:
    """One holder at sixteen lanes at once."""

    def __init__(self, run: str) -> None:
        self.run, self.journal = run, Journal(run, rooms().kinds, rooms().inline)

    async def all(
        self, connections: list[Connection], tag: str, commands: int, *, lock: bool
    ) -> tuple[float, list[float], int]:
        began = monotonic()
        clients = [
            self._client(connection, f"{tag}-{number}", commands, "holder:hot" if lock else None)
            for number, connection in enumerate(connections)
        ]
        done = await asyncio.gather(*clients)
        spans = [span for some, _ in done for span in some]
        return len(spans) / (monotonic() - began), spans, sum(lost for _, lost in done)

    async def _client(
        self, connection: Connection, tag: str, commands: int, lock: str | None
    ) -> tuple[list[float], int]:
        took, lost = list[float](), 0
        for number in range(commands):
            began = monotonic()
            request = Request.of("bench", f"{tag}-{number}", number)
            try:
                await self.journal.command(connection, request, self._decide, lock=lock)
                took.append(monotonic() - began)
            except StaleStream:
                lost += 1
        return took, lost

    async def _decide(self, connection: Connection) -> Append:
        found = await store.scanned(connection, lane=crowd.lane(0)[0], index=None, credential="", holder="hot")
        presence = found.presence
        assert presence is not None
        return crowd.passing(self.run, presence, 0, crowd.OPENS + timedelta(seconds=presence.version))[0]

# SPDX-License-Identifier: Apache-2.0
"""Readings of electric boxes by the intake path: decoded, sifted, and kept once, a thousand messages a transaction."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic

import msgspec

from bench import crowd
from bench.ground import Ground
from bench.result import Measured, middle
from fourleaf.app.rooms import rooms
from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.actions import Message
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Connection, Pools

BAR = 40_000
BOXES, BATCH = 640, 1_000
WALL = datetime(2026, 1, 1, tzinfo=UTC)
QUANTITIES = {"leak_ma": (0, 3000), "celsius": (-40, 200), "load_kw": (0, 1000)}
_COLUMNS = "day, source, thing, quantity, at, value, sequence, received_at"


async def measure(ground: Ground) -> list[Measured]:
    batches = ground.size(60)
    async with ground.run() as run:
        pools = Pools(ground.dsn)
        try:
            site = await site_of(pools, run)
            ours, doubled, floor = list[float](), list[float](), list[float]()
            for turn in range(ground.rounds):
                said = list(_messages(run, turn, batches))
                gc.freeze()  # a worker holds two batches, not all that will ever come
                values = len(QUANTITIES) * BATCH * batches
                ours.append(values / await _take(site, said))
                doubled.append(values / await _take(site, said))
                async with site.connection() as connection:
                    floor.append(values / await _copy(connection, turn, batches))
        finally:
            await pools.close()
    return [
        Measured(
            bench="telemetry",
            what="readings kept by the intake path, two at a time, 1,000 messages of three values a transaction",
            unit="readings/s",
            better="high",
            value=middle(ours),
            floor=middle(floor),
            floor_is="COPY of the same rows into a bare table",
            bar=BAR,
            limited_by="PostgreSQL: each row into the index by which what comes twice is kept once; then the last word of each device",
            rounds=tuple(ours),
            detail={"the same messages again, per s": round(middle(doubled))},
        )
    ]


async def site_of(pools: Pools, run: str) -> Site:
    """A run in which 640 electric boxes are listed."""
    pool, at = await pools.of(run), crowd.OPENS + timedelta(hours=12)

    async def now() -> datetime:
        return at

    async with pool.connection() as connection:
        made = await runs.one(connection, run)
        assert made is not None
        site = Site(made, Journal(run, rooms().kinds, rooms().inline), pool, now)
        words = {"zh": "箱", "en": "box"}
        said = [{"key": key, "name": words, "min": low, "max": high} for key, (low, high) in QUANTITIES.items()]
        value = {"name": words, "of": "box", "interval_s": 60, "silent_after_s": 300, "quantity": said}
        step = {"state": "watch", "at": 290, "until": 250, "name": words, "advice": words}
        level = {"name": words, "device_type": "box", "quantity": "leak_ma", "stale_after_s": 300, "step": [step]}
        for kind, key, said_of in (("device_type", "box", value), ("level", "leak", level)):
            body = Declared(kind=kind, key=key, value=said_of)
            await site.record("pack", DECLARATIONS, f"{kind}/{key}", Declaration(), body)
        listed = [
            DeviceListed(device=f"box:{one}", device_type="box", thing=f"{one}", name_zh="", name_en="", place={})
            for one in range(BOXES)
        ]
        await actions.take_over(site.journal, connection, listed, actor="bench", now=at)
    return site


def _messages(run: str, turn: int, batches: int) -> Iterator[list[Message]]:
    for batch in range(batches):
        said = [_said(turn, batch * BATCH + number) for number in range(BATCH)]
        yield [Message(run, f"box:{number % BOXES}", body, WALL) for number, body in enumerate(said)]


def _said(turn: int, number: int) -> bytes:
    at = crowd.OPENS + timedelta(seconds=number % 40_000)
    values = {"leak_ma": number % 300, "celsius": 20 + number % 40 / 2, "load_kw": number % 50 / 4}
    return msgspec.json.encode({"s": turn * 10_000_000 + number, "t": at, "q": values})


async def _take(site: Site, said: Sequence[Sequence[Message]]) -> float:
    """Two at a time, as the worker does it: while the server writes one batch, the next is decoded."""
    waiting = iter(said)

    async def one() -> None:
        for messages in waiting:
            await actions.take_in(site, messages)

    began = monotonic()
    await asyncio.gather(one(), one())
    return monotonic() - began


async def _copy(connection: Connection, turn: int, batches: int) -> float:
    """The same rows into a table without an index, a commit a batch."""
    await connection.execute("drop table if exists bare")
    await connection.execute("create table bare as select * from measure limit 0")
    took = 0.0
    for batch in range(batches):
        cursor = await connection.execute(
            f"select {_COLUMNS} from measure where sequence >= %s and sequence < %s",
            [turn * 10_000_000 + batch * BATCH, turn * 10_000_000 + (batch + 1) * BATCH],
        )
        rows = await cursor.fetchall()
        lines = "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()
        began = monotonic()
        async with connection.cursor() as writing, writing.copy(f"copy bare ({_COLUMNS}) from stdin") as copy:
            await copy.write(lines)
        took += monotonic() - began
    return took

# SPDX-License-Identifier: Apache-2.0
"""A change on the map, until it is on 200 screens: the real web server, real HTTP, pictures as the worker writes them."""

import asyncio
import multiprocessing
import re
from multiprocessing.connection import Connection as Pipe
from time import monotonic

from bench import crowd
from bench.ground import Ground
from bench.outside import web
from bench.result import Measured, middle, percentile
from fourleaf.app.stream import LEAST_S
from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import START
from fourleaf.postgres import pictures
from fourleaf.postgres.pool import Connection, connect

CHANGES_PER_S, A_WRITE, THINGS = 1_000, 50, 200
BAR_MS = 500.0
_SENT = re.compile(rb'"sent":(\d+)')


async def measure(ground: Ground) -> list[Measured]:
    screens, seconds = ground.size(200, 5), max(0.5, 15 * ground.scale)
    async with ground.run() as run, connect(ground.dsn, run) as connection:
        with web(ground) as port:
            ours, theirs = multiprocessing.get_context("spawn").Pipe()
            client = multiprocessing.get_context("spawn").Process(target=watch, args=(theirs, port, run, screens))
            client.start()
            theirs.close()
            await asyncio.to_thread(ours.recv)
            writes, offered = await _write(connection, seconds)
            await asyncio.sleep(1.0)
            ours.send("stop")
            lags, seen, complete = await asyncio.to_thread(ours.recv)
            client.join()
    return [
        Measured(
            bench="screens",
            what=f"ordinary change to 200 screens at {CHANGES_PER_S:,} changes/s, p99",
            unit="ms",
            better="low",
            value=percentile(lags, 0.99),
            floor=1000 * (middle(writes) + LEAST_S),
            floor_is="one write of the pictures and one pause of the stream",
            bar=BAR_MS,
            projected=screens < 200,
            limited_by="the stream's pause of a tenth of a second, then the web process that hands each screen its copy",
            detail={
                "screens": screens,
                "offered_per_s": offered,
                "p50_ms": percentile(lags, 0.5),
                "changes_seen_a_screen": seen,
                "screens_with_the_last_state": complete,
            },
        )
    ]


async def _write(connection: Connection, seconds: float) -> tuple[list[float], float]:
    """Write pictures at an even pace. Gives how long each write took, and the changes a second offered."""
    took, began, count = list[float](), monotonic(), 0
    while count < max(CHANGES_PER_S * seconds, THINGS):
        changes = [("gate", _pictured(number), f"t{number % THINGS}") for number in range(count, count + A_WRITE)]
        started = monotonic()
        await pictures.write(connection, changes, at=crowd.OPENS, position=START)
        took.append(monotonic() - started)
        count += A_WRITE
        await asyncio.sleep(max(0.0, began + count / CHANGES_PER_S - monotonic()))
    return took, count / (monotonic() - began)


def _pictured(number: int) -> Pictured:
    props = {"sent": int(monotonic() * 1e6), "entries_today": number, "last30": [1, 2, 3, 4, 5, 6], "closed": False}
    return Pictured(thing=f"t{number % THINGS}", place="", props=props, labels=("office", "public"))


def watch(pipe: Pipe, port: int, run: str, screens: int) -> None:
    """The client process: screens that only note when something came, and once what it was."""
    asyncio.run(_Wall(pipe, port, run).watch(screens))


class _Wall:
    def __init__(self, pipe: Pipe, port: int, run: str) -> None:
        self._pipe, self._port, self._run = pipe, port, run
        self._ready = 0
        # position -> when each of its changes was about to be written, and when each screen had it
        self._sent: dict[bytes, list[int]] = {}
        self._came: dict[bytes, list[float]] = {}

    async def watch(self, screens: int) -> None:
        watching = [asyncio.create_task(self._screen()) for _ in range(screens)]
        while self._ready < screens:
            await asyncio.sleep(0.05)
            for fallen in (task for task in watching if task.done()):
                fallen.result()  # a screen that fell is told, and not waited for
        self._pipe.send("ready")
        await asyncio.to_thread(self._pipe.recv)
        for task in watching:
            task.cancel()
        lags = [1000 * (at - sent / 1e6) for key, came in self._came.items() for at in came for sent in self._sent[key]]
        last = max(self._came, key=lambda key: self._came[key][-1], default=b"")
        seen = sum(len(self._sent[key]) * len(came) for key, came in self._came.items()) / screens
        self._pipe.send((lags[:: max(1, len(lags) // 500_000)], seen, len(self._came.get(last, ()))))

    async def _screen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)
        writer.write(f"GET /r/{self._run}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        ready = False
        while True:
            event = await reader.readuntil(b"\n\n")
            at = monotonic()
            if b"event: pulse" in event and not ready:
                ready, self._ready = True, self._ready + 1
            if b"event: changes" not in event:
                continue
            key = event[event.index(b"id: ") : event.index(b"\nevent")]
            if key not in self._sent:
                self._sent[key] = [int(sent) for sent in _SENT.findall(event)]
            self._came.setdefault(key, []).append(at)

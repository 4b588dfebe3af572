# SPDX-License-Identifier: Apache-2.0
"""A reading, until what it changes is on 200 screens: the intake, the real worker that draws, the real web server that pushes."""

import asyncio
import multiprocessing
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from time import monotonic

import msgspec

from bench import crowd
from bench.ground import Ground
from bench.outside import process, web
from bench.result import Measured, middle, percentile
from fourleaf.app.rooms import rooms
from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.actions import Message
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.engines.sensing.picture.halls import EVERY_S
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Bell, Journal, Site
from fourleaf.postgres.pool import Pools

READINGS_PER_S, A_BATCH, HALLS = 1_000, 50, 200
BAR_MS = 500.0
# So long everything runs before the first reading that counts.
WARM_S = 2.0
WALL = datetime(2026, 1, 1, tzinfo=UTC)
# The first minute that is told, half an hour after midnight: all lie behind the clock of the run, in its day.
FIRST = crowd.OPENS - timedelta(hours=8)
_HALL = re.compile(rb'"layer":"hall","thing":"h(\d+)".*?"occupancy":(\d+)')


async def measure(ground: Ground) -> list[Measured]:
    screens, seconds = ground.size(200, 5), max(1.0, 15 * ground.scale)
    async with ground.run() as run:
        pools = Pools(ground.dsn)
        try:
            site = await _site(pools, run)
            environ = {"FOURLEAF_DATABASE_URL": ground.dsn, "FOURLEAF_DATA": str(ground.folder)}
            with web(ground) as port, process(["worker"], environ, ground.folder / "worker.log"):
                took, offered, lags, complete = await _watched(site, port, run, screens, seconds)
        finally:
            await pools.close()
    return [
        Measured(
            bench="reading_to_wall",
            what=f"reading of a hall's door to {screens} screens at {READINGS_PER_S:,} readings/s, p99",
            unit="ms",
            better="low",
            value=percentile(lags, 0.99),
            floor=1000 * (middle(took) + EVERY_S),
            floor_is="one batch of the intake and one pause of the worker",
            bar=BAR_MS,
            projected=screens < 200,
            limited_by="how often the worker draws the halls, then the web process that hands each screen its copy",
            detail={
                "screens": screens,
                "offered_per_s": offered,
                "p50_ms": percentile(lags, 0.5),
                "readings_seen_a_screen": len(lags) / screens,
                "halls_with_the_last_count": complete,
            },
        )
    ]


async def _watched(
    site: Site, port: int, run: str, screens: int, seconds: float
) -> tuple[list[float], float, list[float], int]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    client = multiprocessing.get_context("spawn").Process(target=watch, args=(theirs, port, run, screens))
    client.start()
    theirs.close()
    await asyncio.to_thread(ours.recv)
    await _tell(site, 0, WARM_S)
    sent, took, offered = await _tell(site, int(WARM_S * READINGS_PER_S), seconds)
    await asyncio.sleep(3.0)
    ours.send(sent)
    lags, complete = await asyncio.to_thread(ours.recv)
    client.join()
    if not lags:
        raise RuntimeError("no reading came to a screen")
    return took, offered, lags, complete


async def _site(pools: Pools, run: str) -> Site:
    """A run with 200 halls of one door each."""
    pool = await pools.of(run)

    async def now() -> datetime:
        return crowd.OPENS

    async with pool.connection() as connection:
        made = await runs.one(connection, run)
        assert made is not None
        site = Site(made, Journal(run, rooms().kinds, rooms().inline, Bell(await pools.of(None))), pool, now)
        words = {"zh": "门", "en": "door"}
        said = [{"key": key, "name": words, "min": 0, "max": 5000} for key in ("in", "out")]
        speaks = {"interval_s": 60, "silent_after_s": 900, "counts": True}
        declared = [
            Declared(kind="device_type", key="counter", value={"name": words, "of": "door", "quantity": said} | speaks)
        ]
        for hall in range(HALLS):
            declared.append(
                Declared(kind="hall", key=f"h{hall}", value={"thresholds": [10**6, 2 * 10**6], "zone": "x"})
            )
            declared.append(Declared(kind="door", key=f"d{hall}", value={"hall": f"h{hall}"}))
        for one in declared:
            await site.record("pack", DECLARATIONS, f"{one.kind}/{one.key}", Declaration(), one)
        listed = [
            DeviceListed(
                device=f"door:d{hall}", device_type="counter", thing=f"d{hall}", name_zh="", name_en="", place={}
            )
            for hall in range(HALLS)
        ]
        await actions.take_over(site.journal, connection, listed, actor="bench", now=crowd.OPENS)
    return site


async def _tell(site: Site, first: int, seconds: float) -> tuple[list[float], list[float], float]:
    """Take readings in at an even pace. Gives when each was on its way, how long each batch took, readings a second."""
    sent, took, began, count = list[float](), list[float](), monotonic(), 0
    while count < max(READINGS_PER_S * seconds, HALLS):
        messages = [_message(site.run.run, first + number) for number in range(count, count + A_BATCH)]
        started = monotonic()
        await actions.take_in(site, messages)
        took.append(monotonic() - started)
        sent += [started] * A_BATCH
        count += A_BATCH
        await asyncio.sleep(max(0.0, began + count / READINGS_PER_S - monotonic()))
    return sent, took, count / (monotonic() - began)


def _message(run: str, number: int) -> Message:
    """One person more in a hall: its count is how many of its readings were seen."""
    hall, minute = number % HALLS, number // HALLS
    body = {"s": minute, "t": FIRST + timedelta(minutes=minute), "q": {"in": 1, "out": 0}}
    return Message(run, f"door:d{hall}", msgspec.json.encode(body), WALL)


def watch(pipe: Pipe, port: int, run: str, screens: int) -> None:
    """The client process: screens that only note when something came, and once what it was."""
    asyncio.run(_Wall(pipe, port, run).watch(screens))


class _Wall:
    def __init__(self, pipe: Pipe, port: int, run: str) -> None:
        self._pipe, self._port, self._run = pipe, port, run
        self._ready = 0
        # position -> the counts of its halls, and when each screen had it
        self._counts: dict[bytes, list[tuple[int, int]]] = {}
        self._came: dict[bytes, list[float]] = {}

    async def watch(self, screens: int) -> None:
        watching = [asyncio.create_task(self._screen()) for _ in range(screens)]
        while self._ready < screens:
            await asyncio.sleep(0.05)
            for fallen in (task for task in watching if task.done()):
                fallen.result()  # a screen that fell is told, and not waited for
        self._pipe.send("ready")
        sent: Sequence[float] = await asyncio.to_thread(self._pipe.recv)
        for task in watching:
            task.cancel()
        self._pipe.send(self._lags(sent, int(WARM_S * READINGS_PER_S) // HALLS))

    def _lags(self, sent: Sequence[float], before: int) -> tuple[list[float], int]:
        """In ms, of each reading on each screen; and how many halls showed all of their readings in the end."""
        lags, seen = list[float](), dict.fromkeys(range(HALLS), before)
        for key, came in self._came.items():
            for hall, count in self._counts[key]:
                for minute in range(seen[hall], count):
                    began = sent[(minute - before) * HALLS + hall]
                    lags += [1000 * (at - began) for at in came]
                seen[hall] = max(seen[hall], count)
        return lags, sum(count == before + len(sent) // HALLS for count in seen.values())

    async def _screen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 24)
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
            if key not in self._counts:
                self._counts[key] = [(int(hall), int(count)) for hall, count in _HALL.findall(event)]
            self._came.setdefault(key, []).append(at)

# SPDX-License-Identifier: Apache-2.0
"""Worker: for every run the tail, the pictures, the clock, the watches and the seals; one worker a run at a time."""

import asyncio
import logging
import signal
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic

import psycopg

from fourleaf.app.draw import Drawing
from fourleaf.app.rooms import Rooms, rooms
from fourleaf.app.settings import Settings
from fourleaf.kernel.clock import RunClock, next_speed
from fourleaf.kernel.fold import Change
from fourleaf.postgres import runs, seals, tail
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Connection, Pools, connect
from fourleaf.postgres.rebuild import single_worker

log = logging.getLogger("fourleaf.worker")

BEAT_S = 1.0
SEAL_S = 10.0
# The tail is woken by a bell; this is how long it sleeps when the bell is lost.
POLL_S = 0.1
# Away from these states there is nothing to do for a worker.
AT_WORK = ("running", "paused", "finished")


class Waker:
    """One listening connection for all runs: sets the event of the run that was written to."""

    def __init__(self, dsn: str) -> None:
        self._dsn, self._events = dsn, dict[str, asyncio.Event]()

    def event(self, run: str) -> asyncio.Event:
        return self._events.setdefault(run, asyncio.Event())

    async def listen(self) -> None:
        async with connect(self._dsn) as connection:
            await connection.execute("listen fourleaf_log")
            async for note in connection.notifies():
                if note.payload in self._events:
                    self._events[note.payload].set()


class RunWorker:
    """The worker of one run."""

    def __init__(self, run: runs.Run, pools: Pools, found: Rooms, waker: Waker) -> None:
        self.run, self._pools, self._rooms, self._waker = run, pools, found, waker
        self._drawing = Drawing(found)
        self._clock: RunClock | None = None
        self._wanted = 0.0
        self._lag_s = 0.0
        self._walked: deque[tuple[float, datetime]] = deque(maxlen=15)
        self._pending: list[Change] = []
        self._touched: set[str] = set()

    async def work(self) -> None:
        """Work until the run is dropped, rebuilt or the task is cancelled."""
        async with (
            connect(self._pools.dsn, self.run.run) as control,
            connect(self._pools.dsn, self.run.run) as writing,
            single_worker(control, self.run.run),
        ):
            if not await self._resume(control):
                return
            log.info("run taken up", extra={"run": self.run.run})
            site = await self._site()
            await self._drawing.restore(writing)
            await self._draw(writing, everything=True)
            async with asyncio.TaskGroup() as group:
                beating = group.create_task(self._beat(control))
                tasks = [group.create_task(self._follow(writing)), group.create_task(self._seal())]
                tasks += [group.create_task(self._watch(site, *watch)) for watch in self._rooms.watches]
                await beating
                for task in tasks:
                    task.cancel()

    async def _site(self) -> Site:
        journal = Journal(self.run.run, self._rooms.kinds, self._rooms.inline)

        async def now() -> datetime:
            return self._now()

        return Site(self.run, journal, await self._pools.of(self.run.run), now)

    async def _resume(self, connection: Connection) -> bool:
        """A rehearsal's time stood still while nobody worked: go on where it stopped."""
        found = await runs.clock(connection, self.run.run)
        current = await runs.one(connection, self.run.run)
        if found is None or current is None or current.state not in AT_WORK:
            return False
        self.run = current
        clock, self._wanted = found
        start = clock.edition_at if self.run.kind == "rehearsal" else _wall()
        speed = self._wanted if current.state == "running" else 0.0
        self._clock = RunClock(edition_at=start, wall_at=_wall(), speed=speed, ends_at=clock.ends_at)
        await runs.beat(connection, self.run.run, self._clock, reached=0.0, lag_s=0.0)
        return True

    def _now(self) -> datetime:
        assert self._clock is not None
        return _wall() if self.run.kind == "live" else self._clock.at(_wall())

    async def _beat(self, connection: Connection) -> None:
        """Every second: measure the lag, set the clock, tell both. Ends when the run is no longer ours to work."""
        while True:
            current = await runs.one(connection, self.run.run)
            if current is None or current.state not in AT_WORK:
                log.info("run let go", extra={"run": self.run.run})
                return
            self.run = current
            self._lag_s = await tail.lag_s(connection, self.run.run)
            await self._set_clock(connection)
            await asyncio.sleep(BEAT_S)

    async def _set_clock(self, connection: Connection) -> None:
        assert self._clock is not None
        now, wall = self._now(), _wall()
        found = await runs.clock(connection, self.run.run)
        self._wanted = found[1] if found else 0.0
        ended = self._clock.ends_at is not None and now >= self._clock.ends_at
        if ended and self.run.state == "running":
            await runs.set_state(connection, self.run.run, "finished")
            log.info("run finished", extra={"run": self.run.run})
        still = ended or self.run.state != "running"
        speed = 0.0 if still else self._next_speed(self._clock.speed)
        self._clock = RunClock(edition_at=now, wall_at=wall, speed=speed, ends_at=self._clock.ends_at)
        self._walked.append((monotonic(), now))
        await runs.beat(connection, self.run.run, self._clock, reached=self._reached(), lag_s=self._lag_s)

    def _next_speed(self, speed: float) -> float:
        return 1.0 if self.run.kind == "live" else next_speed(speed, wanted=self._wanted, lag_s=self._lag_s)

    def _reached(self) -> float:
        (then_s, then), (now_s, now) = self._walked[0], self._walked[-1]
        return (now - then).total_seconds() / (now_s - then_s) if now_s > then_s else 0.0

    async def _follow(self, connection: Connection) -> None:
        """The tail: fold what is settled, draw what changed; sleep until the bell or the poll."""
        bell = self._waker.event(self.run.run)
        while True:
            bell.clear()
            more = True
            while more and len(self._pending) < 20_000:
                facts, changes = await tail.step(connection, self._rooms.kinds, self.run.run, self._rooms.tailed)
                self._pending += changes
                self._touched |= {fact.stream for fact in facts}
                more = bool(facts)
            await self._draw(connection)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await bell.wait()

    async def _draw(self, connection: Connection, *, everything: bool = False) -> None:
        pending, self._pending = self._pending, []
        touched, self._touched = self._touched, set()
        position = await tail.position(connection)
        await self._drawing.draw(
            connection, pending, touched, now=self._now(), wall_s=monotonic(), position=position, everything=everything
        )

    async def _seal(self) -> None:
        async with connect(self._pools.dsn, self.run.run) as connection:
            while True:
                if not await seals.seal(connection, self.run.run):
                    await asyncio.sleep(SEAL_S)

    async def _watch(self, site: Site, every_s: float, look: Callable[[Site], Awaitable[int]]) -> None:
        while True:
            if self.run.state == "running":
                await look(site)
            await asyncio.sleep(every_s)


async def _work(dsn: str) -> None:
    """Take up every run there is, and those that come."""
    pools, waker = Pools(dsn, size=4), Waker(dsn)
    working: dict[str, asyncio.Task[None]] = {}
    listening = asyncio.create_task(_again(waker.listen, "listening"))
    try:
        async with connect(dsn) as connection:
            while True:
                for run in await runs.listed(connection):
                    task = working.get(run.run)
                    if run.state in AT_WORK and (task is None or task.done()):
                        worker = RunWorker(run, pools, rooms(), waker)
                        working[run.run] = asyncio.create_task(_once(worker))
                await asyncio.sleep(BEAT_S)
    finally:
        for task in [listening, *working.values()]:
            task.cancel()
        await asyncio.gather(listening, *working.values(), return_exceptions=True)
        await pools.close()


async def _once(worker: RunWorker) -> None:
    """Work on one run; when it fails, say so and let the next round take it up again."""
    try:
        await worker.work()
    except* psycopg.Error as errors:
        for error in errors.exceptions:
            log.warning("run interrupted: %s", error, extra={"run": worker.run.run})
        await asyncio.sleep(BEAT_S)


async def _again(task: Callable[[], Awaitable[None]], name: str) -> None:
    while True:
        try:
            await task()
        except psycopg.Error as error:
            log.warning("%s interrupted: %s", name, error)
        await asyncio.sleep(BEAT_S)


def _wall() -> datetime:
    return datetime.now(UTC)


async def _until_stopped(dsn: str) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    working = asyncio.create_task(_forever(dsn))
    await asyncio.wait([working, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def _forever(dsn: str) -> None:
    while True:
        try:
            await _work(dsn)
        except psycopg.Error as error:
            log.warning("database away, trying again: %s", error)
        await asyncio.sleep(BEAT_S)


def work(settings: Settings) -> None:
    """Work until told to stop."""
    assert settings.database_url is not None
    asyncio.run(_until_stopped(settings.database_url))

# SPDX-License-Identifier: Apache-2.0
"""Worker: takes up every run there is, one worker a run; lays to rest what stands still, and takes up again what fell."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

import msgspec
import psycopg

from fourleaf.app.falls import LONGEST_PAUSE_S, passes, pause_s
from fourleaf.app.heads import Heads
from fourleaf.app.post import deliver
from fourleaf.app.rooms import rooms
from fourleaf.app.run_worker import AT_WORK, BEAT_S, RunWorker
from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.app.sweeping import sweep
from fourleaf.app.tasks import end
from fourleaf.app.waker import Waker
from fourleaf.kernel.outside import Outside
from fourleaf.kernel.position import Position
from fourleaf.postgres import rebuilding, runs, tail
from fourleaf.postgres.journal import CHANNEL
from fourleaf.postgres.pool import Connection, Pools, connect
from fourleaf.postgres.runs import Run

log = logging.getLogger("fourleaf.worker")

# Two more listen and hold the locks of the runs.
CONNECTIONS = 10
# So many runs that stand still are taken up at once: after a start there may be dozens, and somebody waits for the newest.
STILL_AT_ONCE = 4


class AtWork(NamedTuple):
    task: asyncio.Task[Position | None]
    since: float
    still: bool


class Fall(NamedTuple):
    """How often a run fell in a row, and when it is due again."""

    times: int = 0
    due: float = float("-inf")


class Crew:
    """Every run is at work, at rest, or waits for its pause after a fall. One connection holds the locks of all."""

    def __init__(self, dsn: str, heads: Heads, outside: Outside) -> None:
        self._dsn, self._pools, self._waker, self._heads = dsn, Pools(dsn, size=CONNECTIONS), Waker(dsn, CHANNEL), heads
        self._outside = outside
        self._working: dict[str, AtWork] = {}
        self._resting: dict[str, Position] = {}
        self._fallen: dict[str, Fall] = {}
        self._stirring = asyncio.Event()

    async def work(self) -> None:
        """Take up every run there is, and those that come. Raises: psycopg.Error when the database is away."""
        listening = asyncio.create_task(self._waker.listen())
        try:
            async with connect(self._dsn) as control:
                while True:
                    self._stirring.clear()
                    await self._round(control)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(BEAT_S):
                            await self._stirring.wait()
        finally:
            await end([listening, *(working.task for working in self._working.values())])
            await self._pools.close()

    async def _round(self, control: Connection) -> None:
        found = await runs.listed(control)
        await self._collect(control, {run.run for run in found})
        stirred = await tail.behind(control, self._resting)
        for run in found:
            if run.run in self._resting and (run.run in stirred or run.state not in ("paused", "finished")):
                del self._resting[run.run]
            if run.state == "rebuilding":
                await rebuilding.recover(control, run.run)
            if self._is_due(run) and await runs.claim(control, run.run):
                await self._take_up(run)
        self._forget(found)
        await runs.beat_still(control, list(self._resting), datetime.now(UTC))

    def _is_due(self, run: Run) -> bool:
        if run.state not in AT_WORK or run.run in self._working or run.run in self._resting:
            return False
        crowded = sum(working.still for working in self._working.values()) >= STILL_AT_ONCE
        return monotonic() >= self._fallen.get(run.run, Fall()).due and (run.state == "running" or not crowded)

    async def _take_up(self, run: Run) -> None:
        bell = asyncio.Event()
        self._waker.give(run.run, bell)
        worker = RunWorker(run, await self._pools.of(run.run), rooms(), bell, self._heads, self._outside)
        self._working[run.run] = AtWork(asyncio.create_task(worker.work()), monotonic(), run.state != "running")

    async def _collect(self, control: Connection, there: Collection[str]) -> None:
        """See what has come of those that ended. A run that was dropped under its worker's feet did not fall."""
        for name, working in [(name, working) for name, working in self._working.items() if working.task.done()]:
            del self._working[name]
            await runs.release(control, name)
            error = working.task.exception()
            position = None if error else working.task.result()
            if error and name in there:
                self._fell(name, working, error)
            elif position is not None:
                self._resting[name] = position
                self._waker.give(name, self._stirring)

    def _fell(self, name: str, working: AtWork, error: BaseException) -> None:
        before = Fall() if monotonic() - working.since > LONGEST_PAUSE_S else self._fallen.get(name, Fall())
        pause = pause_s(before.times)
        self._fallen[name] = Fall(before.times + 1, monotonic() + pause)
        said = {"run": name, "again_in_s": pause}
        if passes(error):
            log.warning("run interrupted: %s", error, extra=said)
        else:
            log.error("run fell", exc_info=error, extra=said)

    def _forget(self, found: Sequence[Run]) -> None:
        there = {run.run for run in found}
        self._resting = {name: at for name, at in self._resting.items() if name in there}
        self._fallen = {name: fall for name, fall in self._fallen.items() if name in there}


async def _again(task: Callable[[], Awaitable[None]], name: str) -> None:
    while True:
        try:
            await task()
        except psycopg.Error as error:
            log.warning("%s interrupted: %s", name, error)
        await asyncio.sleep(BEAT_S)


async def _until_stopped(settings: Settings, dsn: str, heads: Heads) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    outside = msgspec.structs.replace(settings.outside, persons=Safe(settings).vault)
    working = asyncio.create_task(_again(lambda: Crew(dsn, heads, outside).work(), "work"))
    post, sweeping = asyncio.create_task(deliver(settings)), asyncio.create_task(sweep(settings))
    await asyncio.wait([working, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    await end([working, post, sweeping])


def work(settings: Settings) -> None:
    """Work until told to stop."""
    assert settings.database_url is not None
    asyncio.run(_until_stopped(settings, settings.database_url, Heads(settings.seals)))

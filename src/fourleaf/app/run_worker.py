# SPDX-License-Identifier: Apache-2.0
"""Run worker: the tail, the pictures, the clock, the watches and the seals of one run."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from time import monotonic

import msgspec

from fourleaf.app.draw import Drawing
from fourleaf.app.heads import Heads
from fourleaf.app.rooms import Rooms
from fourleaf.app.tasks import until_one_ends
from fourleaf.app.watching import Watching
from fourleaf.kernel.clock import SLOW_ABOVE_S, RunClock, next_speed
from fourleaf.kernel.fold import Change
from fourleaf.kernel.outside import Outside
from fourleaf.kernel.position import Position
from fourleaf.postgres import runs, seals, tail, watches
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Connection, RunPool

log = logging.getLogger("fourleaf.worker")

BEAT_S = 1.0
SEAL_S = 10.0
# The tail is woken by a bell; this is how long it sleeps when the bell is lost while there is something to fold.
POLL_S = 0.1
# After so long without a new fact or a ring it looks once a beat only.
LIVELY_S = 5.0
# A run whose clock stands still and whose tail had nothing to do for so long is laid to rest.
REST_AFTER_S = 10.0
# Away from these states there is nothing to do for a worker.
AT_WORK = ("running", "paused", "finished")


class RunWorker:
    """The only worker of one run. bell: rung when somebody appended to the run."""

    def __init__(
        self, run: runs.Run, pool: RunPool, found: Rooms, bell: asyncio.Event, heads: Heads, outside: Outside
    ) -> None:
        self.run, self._pool, self._rooms, self._bell, self._heads = run, pool, found, bell, heads
        self._watches = (
            *found.watches,
            *(watch._replace(look=partial(watch.look, outside=outside)) for watch in found.collects),
        )
        self._watching = Watching(run.run, pool, _wall)
        self._drawing = Drawing(found)
        self._clock: RunClock | None = None
        self._wanted = 0.0
        self._lag_s = self._behind_s = 0.0
        self._walked: deque[tuple[float, datetime]] = deque(maxlen=15)
        self._pending: list[Change] = []
        self._touched: set[str] = set()
        self._woken_at = self._stirred_at = float("-inf")

    async def work(self) -> Position | None:
        """Work until the run is dropped or rebuilt (None), or until it can rest: then where its tail stands."""
        async with self._pool.connection() as connection:
            if not await self._resume(connection):
                return None
            log.info("run taken up", extra={"run": self.run.run})
            await self._drawing.restore(connection)
            await self._draw(connection, everything=True)
            await watches.start(connection, self.run.run)
            await self._start(connection)
        site = self._site()
        looks = [
            self._watching.watch("seal", SEAL_S, self._seal),
            *(
                self._watching.watch(watch.name, watch.every_s, partial(self._look, site, watch.look))
                for watch in self._watches
            ),
        ]
        work = [self._follow(), *looks]
        beating = asyncio.create_task(self._beat())
        await until_one_ends([beating, *map(asyncio.create_task, work)])
        return await self._rest() if beating.result() else None

    def _site(self) -> Site:
        async def now() -> datetime:
            return self._now()

        return Site(self.run, Journal(self.run.run, self._rooms.kinds, self._rooms.inline), self._pool, now)

    async def _resume(self, connection: Connection) -> bool:
        """A rehearsal's time stood still while nobody worked: go on where all saw it stop."""
        found = await runs.clock(connection, self.run.run)
        current = await runs.one(connection, self.run.run)
        if found is None or current is None or current.state not in AT_WORK:
            return False
        self.run = current
        self._clock, self._wanted = found
        return True

    async def _start(self, connection: Connection) -> None:
        """Start the clock: at once as fast as wanted, or in real time when the world outside is not there yet."""
        assert self._clock is not None
        wall, backlog = _wall(), await runs.backlog(connection, self.run.run)
        self._behind_s = backlog.at(wall) if backlog else 0.0
        speed = self._next_speed(self._wanted if self._behind_s < SLOW_ABOVE_S else 0.0)
        still = self.run.state != "running"
        self._clock = msgspec.structs.replace(
            self._clock, edition_at=self._now(), wall_at=wall, speed=0.0 if still else speed
        )

    def _now(self) -> datetime:
        assert self._clock is not None
        return _wall() if self.run.kind == "live" else self._clock.at(_wall())

    async def _beat(self) -> bool:
        """Every second: measure the lag, set the clock, tell both. Ends when the run is not ours to work, or can rest."""
        while True:
            async with self._pool.connection() as connection:
                current = await runs.one(connection, self.run.run)
                if current is None or current.state not in AT_WORK:
                    log.info("run let go", extra={"run": self.run.run})
                    return False
                self.run = current
                self._lag_s = await tail.lag_s(connection, self.run.run)
                await self._set_clock(connection)
            if self._can_rest():
                return True
            await asyncio.sleep(BEAT_S)

    def _can_rest(self) -> bool:
        still = self.run.kind == "rehearsal" and self.run.state != "running"
        if not still or self._lag_s > 0:
            self._stirred_at = monotonic()
        return monotonic() - self._stirred_at > REST_AFTER_S

    async def _rest(self) -> Position:
        async with self._pool.connection() as connection:
            while await seals.seal(connection, self.run.run):
                pass
            position = await tail.position(connection)
        await self._heads.keep(self._pool, self.run)
        log.info("run laid to rest", extra={"run": self.run.run})
        return position

    async def _set_clock(self, connection: Connection) -> None:
        assert self._clock is not None
        now, wall = self._now(), _wall()
        found = await runs.clock(connection, self.run.run)
        self._wanted = found[1] if found else 0.0
        backlog = await runs.backlog(connection, self.run.run)
        self._behind_s = max(self._lag_s, backlog.at(wall) if backlog else 0.0)
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
        return 1.0 if self.run.kind == "live" else next_speed(speed, wanted=self._wanted, lag_s=self._behind_s)

    def _reached(self) -> float:
        assert self._clock is not None
        (then_s, then), (now_s, now) = self._walked[0], self._walked[-1]
        walked_s = now_s - then_s
        return (now - then).total_seconds() / walked_s if walked_s else self._clock.speed

    async def _follow(self) -> None:
        """The tail: fold what is settled, draw what changed; sleep until the bell or the poll."""
        while True:
            self._bell.clear()
            async with self._pool.connection() as connection:
                while len(self._pending) < 20_000 and await self._fold(connection):
                    pass
                await self._draw(connection)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._sleep_s()):
                    await self._bell.wait()
                    self._woken_at = monotonic()

    def _sleep_s(self) -> float:
        """How long the tail sleeps when nobody rings."""
        now = monotonic()
        lively = self._lag_s > 0 or now - self._woken_at < LIVELY_S
        return min(POLL_S, self._drawing.due_in_s(now)) if lively else BEAT_S

    async def _fold(self, connection: Connection) -> bool:
        facts, changes = await tail.step(connection, self._rooms.kinds, self.run.run, self._rooms.tailed)
        if facts:
            self._woken_at = self._stirred_at = monotonic()
        self._pending += changes
        self._touched |= {fact.stream for fact in facts}
        return bool(facts)

    async def _draw(self, connection: Connection, *, everything: bool = False) -> None:
        pending, self._pending = self._pending, []
        touched, self._touched = self._touched, set()
        position = await tail.position(connection)
        await self._drawing.draw(
            connection, pending, touched, now=self._now(), wall_s=monotonic(), position=position, everything=everything
        )

    async def _seal(self) -> None:
        sealed = seals.FACTS_A_SEAL
        while sealed >= seals.FACTS_A_SEAL:
            async with self._pool.connection() as connection:
                sealed = await seals.seal(connection, self.run.run)
            await self._heads.keep(self._pool, self.run)

    async def _look(self, site: Site, look: Callable[[Site], Awaitable[int]]) -> None:
        if self.run.state == "running" and await look(site):
            self._bell.set()


def _wall() -> datetime:
    return datetime.now(UTC)

# SPDX-License-Identifier: Apache-2.0
"""Stream: one follower of a run's pictures feeds all its screens; each change is encoded once for each set of labels."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import msgspec
import psycopg

from fourleaf.app.directory import Directory
from fourleaf.app.waker import Waker
from fourleaf.kernel.labels import visible
from fourleaf.kernel.position import Position
from fourleaf.postgres import pictures
from fourleaf.postgres.pictures import Shown
from fourleaf.postgres.pool import Pools

log = logging.getLogger("fourleaf.web")

# How often a feed looks when nobody rings, and how soon it sends again when somebody does.
EVERY_S = 0.25
LEAST_S = 0.1
PULSE_S = 1.0
# A screen that does not read is sent away after so many messages; it comes back with its position.
QUEUE = 256
Held = frozenset[str]
# What waits for a screen: a message and the position it leads to (a pulse has none). None sends the screen away.
Sent = tuple[Position | None, bytes]
Waiting = asyncio.Queue[Sent | None]


def message(event: str, data: Any, position: Position | None = None) -> bytes:
    """One server-sent event. msgspec writes no line breaks."""
    head = f"id: {position}\n" if position else ""
    return f"{head}event: {event}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


def as_thing(shown: Shown) -> dict[str, Any]:
    return {
        "layer": shown.layer,
        "thing": shown.thing,
        "place": shown.place,
        "props": shown.props,
        "stale_at": shown.stale_at,
    }


def coalesce(changes: Sequence[Shown], held: Collection[str]) -> list[dict[str, Any]]:
    """What became of each thing, as one who holds these labels may know it: the last that was told under them.

    A thing that went out of sight was told as gone, under the labels it had until then.
    """
    last = {(one.layer, one.thing): one for one in changes if visible(one.labels, held)}
    return [as_thing(one) | {"gone": one.props is None} for one in last.values()]


class Feed:
    """The screens of one run. Runs while there is one. bell: rung when pictures of the run were written."""

    def __init__(
        self,
        run: str,
        pools: Pools,
        directory: Directory,
        bell: asyncio.Event | None = None,
        *,
        every_s: float = EVERY_S,
        room: int = QUEUE,
    ) -> None:
        self.run, self._pools, self._directory, self._every_s, self._room = run, pools, directory, every_s, room
        self._bell = bell or asyncio.Event()
        self._screens: dict[Held, set[Waiting]] = {}
        self._task: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._position = Position()

    @property
    def screens(self) -> int:
        return sum(len(queues) for queues in self._screens.values())

    async def screen(self, held: Held, after: str | None) -> AsyncIterator[bytes]:
        """What one screen is sent: where it stands, then every change, and a pulse a second."""
        queue: Waiting = asyncio.Queue(self._room)
        await self._start()
        self._screens.setdefault(held, set()).add(queue)
        try:
            stands, first = await self._first(held, after)
            yield first
            yield message("pulse", self._directory.pulse(self.run))
            while (sent := await queue.get()) is not None:
                reached, text = sent
                # Read before the first message was and sent after it: an older state would undo a newer one.
                if reached is None or reached > stands:
                    yield text
        finally:
            self._screens[held].discard(queue)

    async def snapshot(self, held: Held) -> tuple[Position, dict[str, Any]]:
        pool = await self._pools.of(self.run)
        async with pool.connection() as connection:
            position, shown = await pictures.now(connection, sorted(held))
        beat = await self._directory.beat(self.run)
        things = [as_thing(one) for one in shown]
        return position, {"position": str(position), "at": self._directory.now(beat), "things": things}

    async def _first(self, held: Held, after: str | None) -> tuple[Position, bytes]:
        resumed = await self._resume(held, after) if after else None
        if resumed:
            return resumed
        position, whole = await self.snapshot(held)
        return position, message("snapshot", whole, position)

    async def _resume(self, held: Held, after: str) -> tuple[Position, bytes] | None:
        """What was missed since a position, or None when only a snapshot helps."""
        try:
            position = Position.parse(after)
        except ValueError:
            return None
        pool = await self._pools.of(self.run)
        async with pool.connection() as connection:
            if not await pictures.knows(connection, position):
                return None
            reached, missed = await pictures.since(connection, position)
            if len(missed) >= pictures.PAGE:
                return None
        beat = await self._directory.beat(self.run)
        told = {"at": self._directory.now(beat), "changes": coalesce(missed, held)}
        return reached, message("changes", told, reached)

    async def _start(self) -> None:
        """Follow from here, unless somebody does already: a second follower would send old states after new ones."""
        async with self._starting:
            if self._task is None or self._task.done():
                pool = await self._pools.of(self.run)
                async with pool.connection() as connection:
                    self._position = await pictures.last(connection)
                self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        pulse_at = 0.0
        while any(self._screens.values()):
            started = monotonic()
            if not self._busy():
                with suppress(psycopg.Error, OSError):
                    await self._send_changes()
            if started >= pulse_at:
                pulse_at = started + PULSE_S
                self._send_all((None, message("pulse", self._directory.pulse(self.run))))
            await self._pause(started)

    async def _pause(self, started: float) -> None:
        """Until somebody rings, or it is time to look all the same; but what comes soon after another goes with it."""
        await asyncio.sleep(max(0.01, min(LEAST_S, self._every_s) - (monotonic() - started)))
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._every_s - (monotonic() - started))):
                await self._bell.wait()

    def _busy(self) -> bool:
        """Most screens have not taken the last message yet: wait, and let more changes coalesce into the next."""
        queues = [queue for some in self._screens.values() for queue in some]
        return sum(not queue.empty() for queue in queues) * 2 > len(queues)

    async def _send_changes(self) -> None:
        self._bell.clear()
        pool = await self._pools.of(self.run)
        async with pool.connection() as connection:
            reached, changes = await pictures.since(connection, self._position)
        if not changes:
            return
        self._position = reached
        at = self._directory.pulse(self.run).get("at")
        for held, queues in self._screens.items():
            seen = coalesce(changes, held)
            if seen and queues:
                self._send(queues, (reached, message("changes", {"at": at, "changes": seen}, reached)))

    def _send_all(self, sent: Sent) -> None:
        for queues in self._screens.values():
            self._send(queues, sent)

    def _send(self, queues: set[Waiting], sent: Sent) -> None:
        for queue in tuple(queues):
            if queue.full():
                queues.discard(queue)
                # All of it: what came after a lost message would move the screen's position past it.
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(sent)


class Feeds:
    """The feeds of all runs that somebody looks at."""

    def __init__(self, pools: Pools, directory: Directory, waker: Waker) -> None:
        self._pools, self._directory, self._waker, self._feeds = pools, directory, waker, dict[str, Feed]()

    def of(self, run: str) -> Feed:
        return self._feeds.setdefault(run, Feed(run, self._pools, self._directory, self._waker.event(run)))

    def screens(self) -> dict[str, int]:
        return {run: feed.screens for run, feed in self._feeds.items()}

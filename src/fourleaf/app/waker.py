# SPDX-License-Identifier: Apache-2.0
"""Waker: one listening connection of a process that sets the event of the run that was written to."""

import asyncio
import logging

import psycopg

from fourleaf.postgres.pool import connect

log = logging.getLogger("fourleaf.waker")

# A ring is a hint: who waits for one looks by himself as well, so a lost connection has time.
AGAIN_S = 1.0


class Waker:
    """channel: what is listened to; the name of a run comes with each ring."""

    def __init__(self, dsn: str, channel: str) -> None:
        self._dsn, self._channel, self._events = dsn, channel, dict[str, asyncio.Event]()

    def event(self, run: str) -> asyncio.Event:
        return self._events.setdefault(run, asyncio.Event())

    def give(self, run: str, event: asyncio.Event) -> None:
        self._events[run] = event

    async def listen(self) -> None:
        """Listen, whatever becomes of the connection. Ends only when it is cancelled."""
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("listening interrupted: %s", error)
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        async with connect(self._dsn) as connection:
            await connection.execute(f"listen {self._channel}".encode())
            async for note in connection.notifies():
                if note.payload in self._events:
                    self._events[note.payload].set()

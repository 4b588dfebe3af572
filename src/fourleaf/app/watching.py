# SPDX-License-Identifier: Apache-2.0
"""Watching: what a run's worker does again and again beside its tail. What falls does so alone, is told, and is tried again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from fourleaf.app.falls import passes, pause_s
from fourleaf.postgres import watches
from fourleaf.postgres.pool import RunPool

log = logging.getLogger("fourleaf.worker")


class Watching:
    """The watches of one run. wall: the time on the wall."""

    def __init__(self, run: str, pool: RunPool, wall: Callable[[], datetime]) -> None:
        self._run, self._pool, self._wall = run, pool, wall

    async def watch(self, name: str, every_s: float, look: Callable[[], Awaitable[None]]) -> None:
        """Look every so often for ever. A fall that cannot even be told, for the database is away, ends it.

        Nobody knows what may go wrong in a watch, and its run has others, a tail and a clock: so here, and nowhere else,
        whatever it raises is caught.
        """
        falls = 0
        while True:
            try:
                await look()
            except Exception as error:
                falls += 1
                await self._fell(name, error, falls)
                await asyncio.sleep(max(every_s, pause_s(falls - 1)))
                continue
            if falls:
                falls = 0
                await self._goes(name)
            await asyncio.sleep(every_s)

    async def _fell(self, name: str, error: Exception, falls: int) -> None:
        said = {"run": self._run, "watch": name, "again_in_s": pause_s(falls - 1)}
        if passes(error):
            log.warning("watch interrupted: %s", error, extra=said)
        else:
            log.error("watch fell", exc_info=error, extra=said)
        async with self._pool.connection() as connection:
            await watches.fell(connection, self._run, name, self._wall(), f"{type(error).__name__}: {error}"[:300])

    async def _goes(self, name: str) -> None:
        log.info("watch goes again", extra={"run": self._run, "watch": name})
        async with self._pool.connection() as connection:
            await watches.goes(connection, self._run, name)

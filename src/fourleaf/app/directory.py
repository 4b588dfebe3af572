# SPDX-License-Identifier: Apache-2.0
"""Directory: which runs there are, what time it is in each, and whether their workers live. Read twice a second."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Literal

import psycopg
from litestar.exceptions import NotFoundException

from fourleaf.kernel.clock import ANCHOR_HOLDS
from fourleaf.postgres.pool import Pools
from fourleaf.postgres.runs import Beat, beats
from fourleaf.postgres.tail import UNKNOWN_AFTER_S

log = logging.getLogger("fourleaf.web")

REFRESH_S = 0.5
Why = Literal["tail-lag", "rebuilding", "worker-silent", "database-away"] | None


class Directory:
    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._beats: dict[str, Beat] = {}
        self._read_at = float("-inf")

    async def refresh(self) -> None:
        pool = await self._pools.of(None)
        async with pool.connection() as connection:
            self._beats = {beat.run.run: beat for beat in await beats(connection)}
        self._read_at = monotonic()

    async def follow(self) -> None:
        while True:
            try:
                await self.refresh()
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("database away: %s", error)
            await asyncio.sleep(REFRESH_S)

    async def beat(self, run: str) -> Beat:
        """Raises: NotFoundException"""
        if run not in self._beats and monotonic() - self._read_at > 0.05:
            await self.refresh()
        if run not in self._beats:
            raise NotFoundException(f"no run {run[:60]}")
        return self._beats[run]

    def listed(self) -> list[Beat]:
        return list(self._beats.values())

    def now(self, beat: Beat) -> datetime:
        """Edition time. A live run's is real; a rehearsal's stands still without its worker."""
        wall = datetime.now(UTC)
        return wall if beat.run.kind == "live" or beat.clock is None else beat.clock.at(wall)

    def why_unknown(self, beat: Beat) -> Why:
        """Why what is shown may be wrong; None when it is right."""
        if monotonic() - self._read_at > UNKNOWN_AFTER_S + REFRESH_S:
            return "database-away"
        if beat.run.state == "rebuilding":
            return "rebuilding"
        if beat.clock is None or datetime.now(UTC) - beat.clock.wall_at > ANCHOR_HOLDS + timedelta(seconds=1):
            return "worker-silent"
        return "tail-lag" if beat.lag_s > UNKNOWN_AFTER_S else None

    def pulse(self, run: str) -> Mapping[str, Any]:
        """The heartbeat every screen gets once a second."""
        beat = self._beats.get(run)
        if beat is None:
            return {"state": "dropped", "unknown": True, "why": "worker-silent"}
        why = self.why_unknown(beat)
        return {
            "at": self.now(beat),
            "speed": beat.wanted,
            "speed_reached": round(beat.reached, 1),
            "state": beat.run.state,
            "lag_s": round(beat.lag_s, 2),
            "unknown": why is not None,
            "why": why,
        }

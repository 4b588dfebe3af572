# SPDX-License-Identifier: Apache-2.0
"""Sites: every run as the broker's side of the worker sees it: its log, its connections, its time."""

from datetime import datetime

from litestar.exceptions import NotFoundException

from fourleaf.app.directory import Directory
from fourleaf.app.rooms import rooms
from fourleaf.postgres.journal import Bell, Journal, Site
from fourleaf.postgres.pool import Pools

# While the tables of a run are made or made anew, its devices wait.
NOT_NOW = ("rebuilding", "loading")


class Later(Exception):
    """The run takes nothing just now."""


class Sites:
    def __init__(self, pools: Pools) -> None:
        self.pools, self.directory = pools, Directory(pools)
        self._journals: dict[str, Journal] = {}
        self._bell: Bell | None = None

    async def of(self, run: str) -> Site | None:
        """None when there is no such run. Raises: Later; psycopg.Error"""
        try:
            beat = await self.directory.beat(run)
        except NotFoundException:
            self._journals.pop(run, None)
            return None
        if beat.run.state in NOT_NOW:
            raise Later(run)
        if self._bell is None:
            self._bell = Bell(await self.pools.of(None))
        journal = self._journals.setdefault(run, Journal(run, rooms().kinds, rooms().inline, self._bell))

        async def now() -> datetime:
            return self.directory.now(await self.directory.beat(run))

        return Site(beat.run, journal, await self.pools.of(run), now)

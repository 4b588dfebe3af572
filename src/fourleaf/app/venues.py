# SPDX-License-Identifier: Apache-2.0
"""Venues: the venue of a run as bytes for browsers."""

import msgspec
from litestar.exceptions import NotFoundException

from fourleaf.postgres import venues
from fourleaf.postgres.pool import Pools


class KnownVenue(msgspec.Struct, frozen=True):
    hash: str
    body_gzip: bytes


class Venues:
    """Venues by hash never change, so they are kept."""

    def __init__(self, pools: Pools) -> None:
        self._pools, self._by_hash = pools, dict[str, KnownVenue]()

    async def of(self, run: str) -> KnownVenue:
        """Raises: NotFoundException while the run's pack is not loaded."""
        pool = await self._pools.of(run)
        async with pool.connection() as connection:
            said = await venues.declared(connection, "venue", "venue")
            key = str(said["hash"]) if said else ""
            if key not in self._by_hash:
                body = await venues.compressed(connection, key)
                if body is None:
                    raise NotFoundException(f"no venue in {run}")
                self._by_hash[key] = KnownVenue(key, body)
        return self._by_hash[key]

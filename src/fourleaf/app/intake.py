# SPDX-License-Identifier: Apache-2.0
"""Intake: what devices sent by MQTT, from the broker into their runs; the broker lets go of it only when it is kept."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from fourleaf.app.sites import Later, Sites
from fourleaf.app.tasks import until_one_ends
from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.actions import Message
from fourleaf.messaging.inbox import Inbox, Parcel
from fourleaf.messaging.names import READINGS, STATE
from fourleaf.postgres.journal import Site

log = logging.getLogger("fourleaf.worker")

# The database is away, or busy: what is not kept yet waits.
WAITING = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed, TooManyRequests, Later)
AGAIN_S = 1.0
AT_ONCE = 2


class Intake:
    """taken: what became of it since the start: kept and doubled values, refused and dropped messages by reason."""

    def __init__(self, inbox: Inbox, sites: Sites, taken: Counter[str]) -> None:
        self._inbox, self._sites, self.taken = inbox, sites, taken

    async def work(self) -> None:
        """Two at a time: while the database writes what one took, the other reads what came."""
        await until_one_ends([asyncio.create_task(self._take()) for _ in range(AT_ONCE)])

    async def _take(self) -> None:
        while True:
            parcels = await self._inbox.some()
            by_run: dict[str, list[Message]] = {}
            for parcel in parcels:
                message = _message(parcel)
                if message is None:
                    self.taken["dropped topic"] += 1
                else:
                    by_run.setdefault(message.run, []).append(message)
            for run, messages in by_run.items():
                await self._keep_until_kept(run, messages)
            await self._inbox.keep(parcels)

    async def _keep_until_kept(self, run: str, messages: Sequence[Message]) -> None:
        """Nothing of one run stops what comes of the others for good: what waits is kept by the broker meanwhile."""
        while True:
            try:
                site = await self._sites.of(run)
                if site is None:
                    self.taken["dropped unknown-run"] += len(messages)
                else:
                    await self._keep(site, messages)
            except WAITING as problem:
                log.warning("readings wait: %s: %s", type(problem).__name__, problem, extra={"run": run})
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def _keep(self, site: Site, messages: Sequence[Message]) -> None:
        try:
            told = await actions.take_in(site, messages)
        except WAITING:
            raise
        except psycopg.Error as poison:
            await self._keep_apart(site, messages, poison)
            return
        self.taken["kept"] += told.kept
        self.taken["doubled"] += told.doubled
        for reason, times in told.refused.items():
            self.taken[f"refused {reason}"] += times

    async def _keep_apart(self, site: Site, messages: Sequence[Message], poison: psycopg.Error) -> None:
        """Halve what the database does not take until the one message is found that it never will."""
        if len(messages) == 1:
            self.taken["dropped poison"] += 1
            log.error("message dropped: %s", poison, extra={"run": site.run.run, "device": messages[0].device})
            return
        half = len(messages) // 2
        await self._keep(site, messages[:half])
        await self._keep(site, messages[half:])


def _message(parcel: Parcel) -> Message | None:
    """What is under a topic of readings, or of a state that says more than that a device came or went."""
    spoken = parcel.spoken
    if spoken is None or spoken.of not in (READINGS, STATE):
        return None
    return Message(spoken.name.run, spoken.name.device, parcel.body, parcel.received)

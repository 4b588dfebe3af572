# SPDX-License-Identifier: Apache-2.0
"""Post: the worker's side of the broker: the door, the intake, and what is told of both. One process a broker."""

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime

import psycopg
from nats.errors import Error

from fourleaf.app import broker as own_broker
from fourleaf.app.door import Door, Lines
from fourleaf.app.intake import WAITING, Intake
from fourleaf.app.settings import Settings
from fourleaf.app.sites import Sites
from fourleaf.app.tasks import until_one_ends
from fourleaf.messaging import keys
from fourleaf.messaging.inbox import Inbox
from fourleaf.messaging.line import line
from fourleaf.messaging.log import Reader
from fourleaf.postgres import broker
from fourleaf.postgres.pool import Pools, connect

log = logging.getLogger("fourleaf.worker")

AGAIN_S = 1.0
TELL_S = 1.0
# Of the intake, of the door's answers, and of what it looks after.
CONNECTIONS = 6
TROUBLE = (*WAITING, psycopg.Error, Error, OSError, TimeoutError)


async def deliver(settings: Settings) -> None:
    """Let devices in and take in what they send, whatever goes away meanwhile. Ends only when it is cancelled."""
    assert settings.database_url is not None
    if settings.nats_url is None:
        log.info("no broker: devices have HTTP alone")
        return
    taken = Counter[str]()
    while True:
        sites = Sites(Pools(settings.database_url, size=CONNECTIONS))
        try:
            await _alone(settings, settings.database_url, sites, taken)
        except* TROUBLE as problems:
            log.warning(
                "the broker's post waits: %s", "; ".join(str(one) or type(one).__name__ for one in problems.exceptions)
            )
        finally:
            await sites.pools.close()
        await asyncio.sleep(AGAIN_S)


async def _alone(settings: Settings, dsn: str, sites: Sites, taken: Counter[str]) -> None:
    """As long as the database grants it to us alone: two doors would count what is refused twice."""
    async with connect(dsn) as control:
        while not await broker.claim(control):
            await asyncio.sleep(AGAIN_S)
        await until_one_ends(
            [
                asyncio.create_task(_hold(control)),
                asyncio.create_task(sites.directory.follow()),
                asyncio.create_task(_work(settings, sites, taken)),
            ]
        )


async def _hold(control: psycopg.AsyncConnection[object]) -> None:
    """Notice when the connection that holds the lock is gone."""
    while True:
        await control.execute("select 1")
        await asyncio.sleep(AGAIN_S)


async def _work(settings: Settings, sites: Sites, taken: Counter[str]) -> None:
    own, url = keys.ready(settings.data), settings.nats_url or ""
    async with (
        line(url, own, keys.INTAKE) as post,
        line(url, own, keys.DOOR) as asks,
        line(url, own, keys.WATCH) as watch,
    ):
        inbox = Inbox(post, lambda: datetime.now(UTC))
        await inbox.open()
        reader = Reader(own_broker.log_file(settings.data), settings.data)
        door = Door(sites, own.account, Lines(post=post, asks=asks, watch=watch), reader, taken)
        await door.open()
        log.info("devices are let in")
        intake = Intake(inbox, sites, taken)
        await until_one_ends(
            [
                asyncio.create_task(intake.work()),
                asyncio.create_task(door.work()),
                asyncio.create_task(_tell(sites, door, inbox, taken)),
            ]
        )


async def _tell(sites: Sites, door: Door, inbox: Inbox, taken: Counter[str]) -> None:
    pool = await sites.pools.of(None)
    while True:
        if inbox.lost:
            taken["dropped unpromised"], inbox.lost = taken["dropped unpromised"] + inbox.lost, 0
        async with pool.connection() as connection:
            await broker.tell(connection, datetime.now(UTC), connected=door.inside, waiting=inbox.waiting, taken=taken)
        await asyncio.sleep(TELL_S)

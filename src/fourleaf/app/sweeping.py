# SPDX-License-Identifier: Apache-2.0
"""Sweeping: once a day the files go that were kept over a day ago and that no fact names; and so do the rows of sessions that
were over a day ago and of wrong tries that are forgotten."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import psycopg

from fourleaf.app.safekeeping import Safe, now_of
from fourleaf.app.settings import Settings
from fourleaf.blobs import store
from fourleaf.postgres import logins, sessions
from fourleaf.postgres.pool import connect

log = logging.getLogger("fourleaf.worker")

# Not with the start, when everything else is taken up; then once a day.
FIRST_AFTER_S, EVERY_S = 600.0, 86_400.0
AGAIN_S = 3_600.0
# Whoever asks the day after why he was signed out is told still.
KEPT_FOR = timedelta(days=1)
# In one transaction: none that writes lasts long.
MOST_ROWS = 1_000


async def sweep(settings: Settings) -> None:
    """Sweep for ever. What fails is told in the log and tried again in an hour."""
    wait_s = FIRST_AFTER_S
    while True:
        await asyncio.sleep(wait_s)
        try:
            await sweep_once(settings)
            await sweep_rows(settings, datetime.now(UTC))
            wait_s = EVERY_S
        except (psycopg.Error, OSError) as problem:
            log.warning("swept later: %s", problem)
            wait_s = AGAIN_S


async def sweep_once(settings: Settings) -> int:
    """Gives how many files went. What is lost is told and stays known: a backup may bring it back."""
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        runs = await store.runs(connection)
    return sum([await _sweep_run(settings, settings.database_url, run) for run in runs])


async def sweep_rows(settings: Settings, now: datetime) -> tuple[int, int]:
    """Gives how many rows of sessions and of tries went."""
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        over = await _until_none(lambda: sessions.drop_over(connection, now - KEPT_FOR, MOST_ROWS))
        forgotten = await _until_none(lambda: logins.drop_forgotten(connection, now, MOST_ROWS))
    if over or forgotten:
        log.info("rows of sign-in were dropped", extra={"sessions": over, "tries": forgotten})
    return over, forgotten


async def _until_none(drop: Callable[[], Awaitable[int]]) -> int:
    total = 0
    while gone := await drop():
        total += gone
    return total


async def _sweep_run(settings: Settings, dsn: str, run: str) -> int:
    async with connect(dsn, run) as connection:
        blobs = Safe(settings).blobs_of(run, now_of(connection, run))
        garbage = await blobs.garbage(connection)
        gone = await blobs.clear(connection, garbage)
    for name in garbage.lost:
        log.error("a file is lost", extra={"run": run, "file": name})
    if gone:
        said = {"run": run, "files": gone, "bytes": sum(size for _, size in garbage.unnamed)}
        log.info("files that no fact names were dropped", extra=said | {"names": [name for name, _ in garbage.unnamed]})
    return gone

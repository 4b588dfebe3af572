# SPDX-License-Identifier: Apache-2.0
"""Sweeping: once a day the files go that were kept over a day ago and that no fact names."""

import asyncio
import logging

import psycopg

from fourleaf.app.safekeeping import Safe, now_of
from fourleaf.app.settings import Settings
from fourleaf.blobs import store
from fourleaf.postgres.pool import connect

log = logging.getLogger("fourleaf.worker")

# Not with the start, when everything else is taken up; then once a day.
FIRST_AFTER_S, EVERY_S = 600.0, 86_400.0
AGAIN_S = 3_600.0


async def sweep(settings: Settings) -> None:
    """Sweep for ever. What fails is told in the log and tried again in an hour."""
    wait_s = FIRST_AFTER_S
    while True:
        await asyncio.sleep(wait_s)
        try:
            await sweep_once(settings)
            wait_s = EVERY_S
        except (psycopg.Error, OSError) as problem:
            log.warning("files are swept later: %s", problem)
            wait_s = AGAIN_S


async def sweep_once(settings: Settings) -> int:
    """Gives how many files went. What is lost is told and stays known: a backup may bring it back."""
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        runs = await store.runs(connection)
    return sum([await _sweep_run(settings, settings.database_url, run) for run in runs])


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

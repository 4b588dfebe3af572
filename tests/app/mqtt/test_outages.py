# SPDX-License-Identifier: Apache-2.0
"""The database away, the worker killed: what was acknowledged is kept once all are back."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import psycopg_pool
import pytest

from fourleaf.app.settings import Settings
from fourleaf.postgres.pool import connect
from fourleaf.postgres.server import Server, start
from tests.app.mqtt.ground import Broker, Station, delivered, enrol, equip, point
from tests.conftest import prepare
from tests.engines.at_work import AtWork

pytestmark = [pytest.mark.postgres, pytest.mark.process]
# How long the database stays away. The bar is a minute: FOURLEAF_TEST_OUTAGE_S=60. The post asks again every post.AGAIN_S, which
# does not grow, and pulls nothing meanwhile. Only inbox.ACK_FOR_S is longer than this: after a short outage the broker still holds
# back what was taken and not acknowledged, after a minute it brings it at once; to how often it does so there is no end.
OUTAGE_S = float(os.environ.get("FOURLEAF_TEST_OUTAGE_S", "5"))
FLAVOR = os.environ.get("FOURLEAF_PG") or "auto"


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="fl-fault-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def own_server(folder: Path) -> AsyncIterator[Server]:
    """A database that may be killed."""
    server = start(folder / "data", flavor=FLAVOR)
    await prepare(server.dsn)
    yield server
    server.stop()


@pytest.fixture
async def away(broker: Broker, own_server: Server, folder: Path, tmp_path: Path) -> AsyncIterator[Station]:
    """A station on that database, without the worker's side."""
    settings = Settings(database_url=own_server.dsn, data=tmp_path / "data", nats_url=broker.url)
    async with connect(own_server.dsn) as connection:
        at_work = AtWork(settings, connection, "out.r1")
        await at_work.__aenter__()
        await equip(at_work)
    yield Station(at_work, broker, settings)
    await at_work._pools.close()
    at_work._client.__exit__(None, None, None)


async def test_readings_sent_while_the_database_is_away_are_kept_when_it_is_back(
    away: Station, own_server: Server, folder: Path
) -> None:
    secret = enrol(away.at_work)

    async with delivered(away.settings), away.connected(secret) as line:
        await line.publish(away.topic(), point(0), qos=1)
        await away.keeps([0])
        own_server.kill()
        for sequence in range(1, 2_501):
            await line.publish(away.topic(), point(sequence), qos=1)
        await asyncio.sleep(OUTAGE_S)
        again = await asyncio.to_thread(start, folder / "data", flavor=FLAVOR)
        await _keeps_at_last(away, list(range(2_501)))
        await line.publish(away.topic(), point(2_501), qos=1)
        await away.keeps(list(range(2_502)))
    again.stop()


async def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(away: Station) -> None:
    secret, sent = enrol(away.at_work), 0
    worker = _worker(away.settings)

    try:
        async with away.connected(secret) as line:
            for _ in range(3):
                for _ in range(700):
                    await line.publish(away.topic(), point(sent := sent + 1), qos=1)
                worker.send_signal(signal.SIGKILL)
                worker.wait(20)
                worker = _worker(away.settings)
        await _keeps_at_last(away, list(range(1, sent + 1)))
    finally:
        worker.kill()
        worker.wait(20)

    async with away.at_work.site.connection() as connection:
        row = await (await connection.execute("select count(*), count(distinct sequence) from measure")).fetchone()
    assert row == (2_100, 2_100)


async def _keeps_at_last(station: Station, wanted: list[int]) -> None:
    async with asyncio.timeout(100):
        while True:
            try:
                await station.keeps(wanted)
            except (psycopg.OperationalError, psycopg_pool.PoolTimeout):
                await asyncio.sleep(0.5)
            else:
                return


def _worker(settings: Settings) -> "subprocess.Popen[bytes]":
    with (settings.data / "worker.log").open("ab") as log:
        command = [sys.executable, "-m", "fourleaf.app", "worker"]
        return subprocess.Popen(command, env=settings.environment(), stdout=log, stderr=log)

# SPDX-License-Identifier: Apache-2.0
"""A station: a run with two electric boxes, a broker, and the worker's side of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourleaf.app.settings import Settings
from fourleaf.postgres.pool import Connection
from tests.app.mqtt.ground import Broker, Station, delivered, equip
from tests.engines.at_work import AtWork


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    made = Broker(tmp_path / "data")
    await made.start()
    yield made
    made.close()


@pytest.fixture
def settings(dsn: str, tmp_path: Path, broker: Broker) -> Settings:
    return Settings(database_url=dsn, data=tmp_path / "data", nats_url=broker.url, mqtt_port=broker.mqtt_port)


@pytest.fixture
async def station(settings: Settings, connection: Connection, run_name: str, broker: Broker) -> AsyncIterator[Station]:
    async with AtWork(settings, connection, f"{run_name}.r1") as at_work:
        await equip(at_work)
        async with delivered(settings):
            yield Station(at_work, broker, settings)

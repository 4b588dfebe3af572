# SPDX-License-Identifier: Apache-2.0
"""Who watches from outside is told of the broker."""

import asyncio
import io

import msgspec
import pytest
from rich.console import Console

from fourleaf.app.doctor import examine
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from tests.app.mqtt.ground import Broker, Station, enrol, point

pytestmark = [pytest.mark.postgres, pytest.mark.process]


def _examined(settings: Settings, lang: str) -> str:
    text = io.StringIO()
    examine(settings, Speech(lang, Console(file=text, width=300)))
    return text.getvalue()


async def test_health_metrics_and_doctor_tell_of_a_broker_that_is_well(station: Station) -> None:
    secret, web = enrol(station.at_work), station.at_work._client

    async with station.connected(secret) as line:
        await line.publish(station.topic(), point(1), qos=1)
        async with asyncio.timeout(60):
            wanted = ("fourleaf_broker_connected 1", 'taken_total{outcome="kept"} 1')
            while not all(one in (told := web.get("/metrics").text) for one in wanted):
                await asyncio.sleep(0.1)
        health = web.get("/healthz").json()

    assert health["broker"] == "well"
    assert 'fourleaf_broker_taken_total{outcome="kept"} 1' in told
    assert f"NATS at {station.broker.url} answers" in await asyncio.to_thread(_examined, station.settings, "en")


async def test_the_doctor_says_that_a_broker_does_not_answer(settings: Settings, broker: Broker) -> None:
    broker.kill()

    said = [await asyncio.to_thread(_examined, settings, lang) for lang in ("zh", "en")]

    assert f"NATS {broker.url} 无响应" in said[0]
    assert f"NATS at {broker.url} does not answer" in said[1]


async def test_where_there_is_no_broker_health_says_none_and_a_device_is_told_404(station: Station) -> None:
    without = msgspec.structs.replace(station.settings, nats_url=None)
    station.at_work._client.app.state.office.settings = without

    health = station.at_work._client.get("/healthz").json()
    how = station.at_work.get("/sensing/devices/electric-box:B.001/mqtt.json")

    assert (health["broker"], how.status_code) == ("none", 404)

# SPDX-License-Identifier: Apache-2.0
"""A flood of connections that are let in nowhere: whoever has a right secret comes in at once all the same."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fourleaf.postgres import broker
from tests.app.mqtt import flood
from tests.app.mqtt.ground import BOX, OTHER, Station, enrol, point

pytestmark = [pytest.mark.postgres, pytest.mark.process]


@contextmanager
def flooding(station: Station, made: list[int]) -> Iterator[None]:
    """From the address of the good devices: the worst case. Strangers, devices that are there, and runs that are not."""
    run = station.at_work.run
    users = [f"{run}/{BOX}", f"{run}/electric-box:none", "no.run/electric-box:B.001", "a/b/c"]
    command = [sys.executable, str(flood.__file__), str(station.broker.mqtt_port), *users]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield
        made.append(int(process.communicate("", timeout=60)[0]))


async def test_a_flood_of_bad_connections_keeps_no_good_device_out(station: Station) -> None:
    secret, made = enrol(station.at_work), list[int]()
    async with station.connected(secret) as line:
        await line.publish(station.topic(), point(1), qos=1)

    with flooding(station, made):
        await asyncio.sleep(4)  # longer than the broker waits for an answer: what has piled up would be late by now
        for sequence in range(2, 12):
            # The broker refuses by itself whoever was not looked up within three seconds.
            async with station.line(secret) as line:
                await line.publish(station.topic(), point(sequence), qos=1)
        fresh = enrol(station.at_work, OTHER)
        async with station.connected(fresh, OTHER) as line:
            await line.publish(station.topic("r", OTHER), point(1), qos=1)
        await station.keeps(list(range(1, 12)))
        await station.keeps([1], OTHER)

    assert made[0] > 1_000
    assert (await station.refused())["wrong-secret"][0] > 0
    assert await station.refused("electric-box:none") == {}


async def test_callers_that_found_no_room_are_counted(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourleaf.app.porter.STRANGERS_EVERY_S", 1.0)
    monkeypatch.setattr("fourleaf.app.porter.STRANGERS_AT_ONCE", 1)
    secret, made = enrol(station.at_work), list[int]()

    with flooding(station, made):
        async with station.connected(secret), asyncio.timeout(60):
            while not await _dropped(station):
                await asyncio.sleep(0.2)

    assert await _dropped(station) > 0


async def _dropped(station: Station) -> int:
    async with station.at_work.site.connection() as connection:
        seen = await broker.seen(connection)
    return seen.taken.get("dropped callers", 0) if seen else 0

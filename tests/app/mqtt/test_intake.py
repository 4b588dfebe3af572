# SPDX-License-Identifier: Apache-2.0
"""What comes in by MQTT: every message that was acknowledged is kept once, and one that cannot be kept stops nobody."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import aiomqtt
import pytest

from fourleaf.app.settings import Settings
from fourleaf.engines.sensing.rules.intake import AHEAD, BEHIND
from fourleaf.postgres import broker as told
from fourleaf.postgres.broker import BrokerSeen
from fourleaf.postgres.pool import Connection
from tests.app.mqtt.ground import Broker, Station, enrol, equip, point
from tests.engines.at_work import AT, AtWork

pytestmark = [pytest.mark.postgres, pytest.mark.process]


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_readings_of_each_quality_of_service_are_kept_once(station: Station, qos: int) -> None:
    secret = enrol(station.at_work)

    async with station.connected(secret) as line:
        for sequence in (1, 2, 2, 3):
            await line.publish(station.topic(), point(sequence), qos=qos)
        await station.keeps([1, 2, 3])

    assert await station.refused() == {}


async def test_a_retained_message_is_kept_once_and_told_to_nobody(station: Station) -> None:
    secret = enrol(station.at_work)

    async with station.connected(secret) as line:
        await line.publish(station.topic(), point(1), qos=1, retain=True)
        await station.keeps([1])
    async with station.connected(secret) as line:
        await line.subscribe(station.topic("c"), 1)
        await line.publish(station.topic(), point(2), qos=1)
        await station.keeps([1, 2])
        waiting = len(line.messages)

    assert waiting == 0


async def test_what_is_no_reading_is_counted_and_stops_nothing_behind_it(station: Station) -> None:
    secret = enrol(station.at_work)
    bodies = [b"", b"\x00\xff\xfe", b"null", b"[[[[", b'{"s":1}', b"x" * 16_384, bytes(range(256))]

    async with station.connected(secret) as line:
        for body in bodies:
            await line.publish(station.topic(), body, qos=1)
        await line.publish(station.topic(), point(7), qos=1)
        await station.keeps([7])

    assert (await station.refused())["malformed"][0] == len(bodies)


async def test_readings_of_a_clock_that_runs_ahead_or_behind_are_refused_and_stop_nothing_behind_them(
    station: Station,
) -> None:
    secret, second = enrol(station.at_work), timedelta(seconds=1)
    wrong = {1: AHEAD + second, 2: timedelta(days=365), 3: -BEHIND - second, 4: datetime(1970, 1, 1, tzinfo=UTC) - AT}
    right = {5: AHEAD, 6: -BEHIND, 7: timedelta()}
    mixed = b"[" + b",".join([point(8), point(9, off=AHEAD + second), point(10)]) + b"]"

    async with station.connected(secret) as line:
        for sequence, off in (wrong | right).items():
            await line.publish(station.topic(), point(sequence, off=off), qos=1)
        await line.publish(station.topic(), mixed, qos=1)
        await station.keeps([5, 6, 7, 8, 10])

    refused = await station.refused()
    assert {reason: told[0] for reason, told in refused.items()} == {"clock-ahead": 3, "clock-behind": 2}
    assert refused["clock-behind"][1] == "1970-01-01T00:00:00+00:00"


async def test_an_array_of_readings_is_one_message(station: Station) -> None:
    secret = enrol(station.at_work)
    many = b"[" + b",".join(point(sequence) for sequence in range(100)) + b"]"

    async with station.connected(secret) as line:
        await line.publish(station.topic(), many, qos=1)
        await station.keeps(list(range(100)))


async def test_devices_of_the_same_name_in_two_runs_do_not_meet(
    station: Station, settings: Settings, connection: Connection, run_name: str
) -> None:
    async with AtWork(settings, connection, f"{run_name}.r2") as second:
        await equip(second)
        other = Station(second, station.broker, settings)
        secrets = [enrol(station.at_work), enrol(second)]

        async with station.connected(secrets[0]) as line, other.connected(secrets[1]) as line_2:
            await line.publish(station.topic(), point(1), qos=1)
            await line_2.publish(other.topic(), point(2), qos=1)
            await line.publish(other.topic(), point(3), qos=1)
            await station.keeps([1])
            await other.keeps([2])
            await station.refuses("forbidden-publish", 1)

        with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
            async with other.line(secrets[0]):
                pass
        assert await other.kept() == [2]


async def test_what_a_dropped_run_left_behind_stops_nobody(
    station: Station, settings: Settings, connection: Connection, run_name: str
) -> None:
    secret = enrol(station.at_work)
    async with AtWork(settings, connection, f"{run_name}.r3") as dropped:
        await equip(dropped)
        gone = Station(dropped, station.broker, settings)
        async with gone.connected(enrol(dropped)) as line:
            await line.publish(gone.topic(), point(1), qos=1)
            await gone.keeps([1])

    async with station.connected(secret) as line:
        await line.publish(station.topic(), point(1), qos=1)
        await station.keeps([1])


async def test_what_was_taken_is_told_for_health_and_metrics(station: Station, connection: Connection) -> None:
    secret = enrol(station.at_work)

    async with station.connected(secret) as line:
        await line.publish(station.topic(), point(1), qos=1)
        await line.publish(station.topic(), b"?", qos=1)
        async with asyncio.timeout(60):
            while not (seen := await told.seen(connection)) or not _told_all(seen):
                await asyncio.sleep(0.1)


def _told_all(seen: BrokerSeen) -> bool:
    """It is told once in a second: each of these becomes known in its own time."""
    taken = +Counter(seen.taken)
    return (seen.connected, seen.waiting, taken) == (1, 0, Counter({"kept": 1, "refused malformed": 1}))


async def test_nothing_acknowledged_is_lost_when_the_broker_is_killed_again_and_again(
    station: Station, broker: Broker
) -> None:
    secret = enrol(station.at_work)
    told_so: list[int] = []

    async def report() -> None:
        while len(told_so) < 3_000:
            async with station.connected(secret) as line:
                try:
                    while len(told_so) < 3_000:
                        await line.publish(station.topic(), point(len(told_so)), qos=1, timeout=2)
                        told_so.append(len(told_so))
                except aiomqtt.MqttError:
                    continue

    reporting = asyncio.create_task(report())
    for upto in (300, 1_000, 2_000):
        while len(told_so) < upto:
            await asyncio.sleep(0.01)
        broker.kill()
        await broker.start()
    async with asyncio.timeout(120):
        await reporting

    await station.keeps(told_so)
    assert await station.refused() == {}

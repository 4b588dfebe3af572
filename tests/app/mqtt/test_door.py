# SPDX-License-Identifier: Apache-2.0
"""The door of the broker: who comes in, what he may do there, and when he is put out."""

import asyncio
from typing import Any

import aiomqtt
import pytest

from fourleaf.app import door
from fourleaf.messaging.names import Name
from tests.app.mqtt.ground import BOX, OTHER, Station, enrol, point

pytestmark = [pytest.mark.postgres, pytest.mark.process]


async def test_a_device_enrols_over_http_and_is_told_how_to_connect(station: Station) -> None:
    secret = enrol(station.at_work)
    how = station.at_work.get(f"/sensing/devices/{BOX}/mqtt.json").json()

    async with station.connected(secret, identifier=how["client_id"], username=how["user"], port=how["port"]) as line:
        await line.publish(how["topics"]["readings"], point(1), qos=1)
        await station.keeps([1])

    assert how["version"] == "3.1.1"
    assert station.at_work.get(f"/sensing/devices/{BOX}/health.json").json()["word"] == "well"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"password": "another"}, "wrong-secret"),
        ({"identifier": "free-choice"}, "wrong-client-id"),
    ],
)
async def test_who_is_not_the_device_stays_out_and_is_counted(
    station: Station, wrong: dict[str, Any], reason: str
) -> None:
    secret = enrol(station.at_work)
    async with station.connected(secret):
        pass

    with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
        async with station.line(secret, **wrong):
            pass

    await station.refuses(reason, 1)


async def test_strangers_stay_out_and_leave_nothing_behind(station: Station) -> None:
    secret = enrol(station.at_work)
    async with station.connected(secret):
        pass
    strangers = [f"{station.at_work.run}/electric-box:none", "no.run/electric-box:B.001", "a/b/c", "*", "", ">/>"]

    for user in strangers:
        with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
            async with station.line(secret, username=user or None, identifier=f"x{len(user)}"):
                pass

    assert await station.refused("electric-box:none") == {}


async def test_a_client_of_mqtt_5_is_told_that_its_version_is_not_spoken(station: Station) -> None:
    secret = enrol(station.at_work)
    async with station.connected(secret):
        pass

    with pytest.raises(aiomqtt.MqttError, match="Unsupported protocol version"):
        async with station.line(secret, protocol=aiomqtt.ProtocolVersion.V5):
            pass


async def test_what_is_published_under_anothers_topic_reaches_nobody_and_is_counted(station: Station) -> None:
    secret, others = enrol(station.at_work), enrol(station.at_work, OTHER)
    will = aiomqtt.Will(station.topic("s", OTHER), b"gone", qos=1, retain=True)

    async with station.connected(secret, will=will) as line, station.connected(others, OTHER) as other:
        for qos in (0, 1, 2):
            await line.publish(station.topic("r", OTHER), point(1), qos=qos)
        await line.publish(station.topic("c", OTHER), b"{}", qos=1, retain=True)
        await line.publish(station.topic("r"), point(2), qos=1)
        await other.publish(station.topic("r", OTHER), point(3), qos=1)
        await station.keeps([2])
        await station.keeps([3], OTHER)
        about = await station.refuses("forbidden-publish", 4)
        broken = line._client.socket()
        assert broken is not None
        broken.close()  # no word of good-bye: the will is due

    assert about == station.topic("c", OTHER)
    assert await station.refuses("forbidden-publish", 5) == station.topic("s", OTHER)
    assert await station.kept(OTHER) == [3]


@pytest.mark.parametrize("topic", ["#", "d/+/+/r", "$SYS/#", "own readings", "other's commands"])
async def test_nobody_listens_to_more_than_his_own_commands(station: Station, topic: str) -> None:
    secret = enrol(station.at_work)
    wanted = {"own readings": station.topic("r"), "other's commands": station.topic("c", OTHER)}.get(topic, topic)

    async with station.connected(secret) as line:
        granted = await line.subscribe(station.topic("c"), 1)
        failed = await line.subscribe(wanted, 1)

    assert [str(code) for code in granted] == ["Granted QoS 1"]
    assert [str(code) for code in failed] == ["Unspecified error"]
    assert await station.refuses("forbidden-subscription", 1) == wanted


async def test_a_message_that_is_too_long_ends_the_connection_and_is_counted(station: Station) -> None:
    secret = enrol(station.at_work)

    async with station.connected(secret) as line:
        with pytest.raises(aiomqtt.MqttError):
            await line.publish(station.topic(), b"x" * 40_000, qos=1)

    assert "vs" in await station.refuses("oversize", 1)


async def test_a_revoked_device_is_cut_off_and_does_not_come_back(station: Station) -> None:
    secret = enrol(station.at_work)

    async with station.connected(secret) as line:
        await line.publish(station.topic(), point(1), qos=1)
        station.at_work.post(f"/sensing/devices/{BOX}/revoke", request_id="r", reason="lost")
        with pytest.raises(aiomqtt.MqttError):
            async with asyncio.timeout(60):
                await anext(aiter(line.messages))

    with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
        async with station.line(secret):
            pass
    assert await station.refuses("revoked", 1)


async def test_a_device_that_is_enrolled_anew_ends_the_connection_of_its_old_secret(station: Station) -> None:
    old = enrol(station.at_work)

    async with station.connected(old) as line:
        new = enrol(station.at_work, request="b")
        with pytest.raises(aiomqtt.MqttError):
            async with asyncio.timeout(60):
                await anext(aiter(line.messages))

    async with station.connected(new) as line:
        await line.publish(station.topic(), point(5), qos=1)
        await station.keeps([5])


async def test_a_self_test_is_asked_for_under_the_topic_of_commands(station: Station) -> None:
    secret = enrol(station.at_work)

    async with station.connected(secret) as line:
        await line.subscribe(station.topic("c"), 1)
        station.at_work.post(f"/sensing/devices/{BOX}/self-test", request_id="t")
        async with asyncio.timeout(60):
            told = await anext(aiter(line.messages))

    assert told.payload == b'{"ask":["self-test"]}'


async def test_a_device_that_floods_is_told_put_out_and_kept_out_and_others_are_unharmed(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MESSAGES_A_S", 20.0)
    secret, others = enrol(station.at_work), enrol(station.at_work, OTHER)
    told: list[bytes] = []

    async def listen(line: aiomqtt.Client) -> None:
        async for message in line.messages:
            told.append(bytes(message.payload))

    async with station.connected(secret) as line, station.connected(others, OTHER) as other:
        await line.subscribe(station.topic("c"), 1)
        listening = asyncio.create_task(listen(line))
        sequence = 0
        with pytest.raises(aiomqtt.MqttError):
            async with asyncio.timeout(100):
                while True:
                    await line.publish(station.topic(), point(sequence := sequence + 1), qos=1)
        await other.publish(station.topic("r", OTHER), point(1), qos=1)
        await station.keeps([1], OTHER)
        await asyncio.gather(listening, return_exceptions=True)

    assert b'"refused":"flooding"' in told[0]
    with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
        async with station.line(secret):
            pass
    assert "/s" in await station.refuses("flooding", 1)


async def test_who_tries_what_is_forbidden_again_and_again_is_put_out(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "FORBIDDEN_A_LOOK", 5)
    secret = enrol(station.at_work)

    async with station.connected(secret) as line:
        with pytest.raises(aiomqtt.MqttError):
            async with asyncio.timeout(100):
                while True:
                    await line.publish(Name(station.at_work.run, OTHER).topic("r"), b"{}", qos=1)

    assert await station.refuses("flooding", 1)

# SPDX-License-Identifier: Apache-2.0
"""A real broker on ports of its own, the worker's side of it, and devices that speak MQTT to it."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec

from fourleaf.app import address, broker
from fourleaf.app.post import deliver
from fourleaf.app.settings import Settings
from fourleaf.app.tasks import end
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.engines.sensing.state import DEVICES, Device
from fourleaf.messaging import server
from fourleaf.messaging.names import Name
from fourleaf.messaging.server import Ports
from tests.engines.at_work import AT, AtWork

BOX, OTHER = "electric-box:B.001", "electric-box:B.002"
WORDS = {"zh": "某", "en": "some"}


class Broker:
    """One server of one data folder, as `fourleaf up` runs it."""

    def __init__(self, data: Path) -> None:
        data.mkdir(exist_ok=True)
        self._leases = [address.lease("127.0.0.1", wanted) for wanted in (24_222, 21_883)]
        own, self.mqtt_port = (lease.port for lease in self._leases)
        self.url, self.log = f"nats://127.0.0.1:{own}", broker.log_file(data)
        self.log.parent.mkdir(exist_ok=True)
        self._command = server.dress(data, Ports(own=own, mqtt_host="127.0.0.1", mqtt=self.mqtt_port), self.log)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._process = subprocess.Popen(self._command)
        while not await asyncio.to_thread(self._answers):
            await asyncio.sleep(0.05)

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        self._end(signal.SIGTERM)
        for lease in self._leases:
            lease.close()

    def _end(self, number: signal.Signals) -> None:
        if self._process:
            os.kill(self._process.pid, number)
            self._process.wait(20)
            self._process = None

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.mqtt_port), timeout=1):
            return True
        return False


@asynccontextmanager
async def delivered(settings: Settings) -> AsyncIterator[None]:
    """With the worker's side of the broker at work."""
    task = asyncio.create_task(deliver(settings))
    try:
        yield
    finally:
        await end([task])


async def equip(at_work: AtWork) -> None:
    """List two electric boxes."""
    quantity = {"key": "leak_ma", "name": WORDS, "unit": "mA", "min": 0, "max": 1_000_000}
    speaks = {"name": WORDS, "interval_s": 60, "silent_after_s": 300, "self_test": True}
    await at_work.declare("device_type", "electric-box", of="electric-box", quantity=[quantity], **speaks)
    for name in (BOX, OTHER):
        thing = name.partition(":")[2]
        body = DeviceListed(
            device=name, device_type="electric-box", thing=thing, name_zh="某", name_en="some", place={}
        )
        assert await at_work.site.record("test", DEVICES, name, Device(device=name), body)


def enrol(at_work: AtWork, device: str = BOX, *, request: str = "a") -> str:
    """Give a device its secret, over HTTP, for the code that the office gave."""
    told = at_work.post(f"/sensing/devices/{device}/code", request_id=f"{request}-{device}")
    secret: str = at_work.post(f"/sensing/devices/{device}/enrol", code=told.json()["code"]).json()["secret"]
    return secret


def point(sequence: int, leak_ma: float = 1.0, *, off: timedelta = timedelta()) -> bytes:
    """off: by how much the device's clock is wrong."""
    return msgspec.json.encode({"s": sequence, "t": (AT + off).isoformat(), "q": {"leak_ma": leak_ma}})


class Station:
    """Where the devices of one run connect."""

    def __init__(self, at_work: AtWork, broker: Broker, settings: Settings) -> None:
        self.at_work, self.broker, self.settings = at_work, broker, settings

    def line(self, secret: str, device: str = BOX, **options: Any) -> aiomqtt.Client:
        """A device's connection, not made yet. options: as of aiomqtt, in place of what is right."""
        name = Name(self.at_work.run, device)
        right: dict[str, Any] = {
            "port": self.broker.mqtt_port,
            "username": name.user,
            "password": secret,
            "identifier": name.client_id,
            "timeout": 10,
        }
        return aiomqtt.Client("127.0.0.1", **(right | options))

    def topic(self, of: str = "r", device: str = BOX) -> str:
        return Name(self.at_work.run, device).topic(of)

    @asynccontextmanager
    async def connected(self, secret: str, device: str = BOX, **options: Any) -> AsyncIterator[aiomqtt.Client]:
        """Connect however long it takes until the worker lets devices in."""
        async with asyncio.timeout(60):
            while True:
                line = self.line(secret, device, **options)
                try:
                    await line.__aenter__()
                    break
                except aiomqtt.MqttError:
                    await asyncio.sleep(0.1)
        try:
            yield line
        finally:
            with suppress(aiomqtt.MqttError):
                await line.__aexit__(None, None, None)

    async def kept(self, device: str = BOX) -> list[int]:
        """The sequence numbers that are kept of a device."""
        async with self.at_work.site.connection() as connection:
            cursor = await connection.execute("select sequence from measure where source = %s order by 1", [device])
            return [row[0] for row in await cursor.fetchall()]

    async def refused(self, device: str = BOX) -> dict[str, tuple[int, str]]:
        """What was refused of a device. Shape: reason -> how often, and the last of them."""
        async with self.at_work.site.connection() as connection:
            cursor = await connection.execute(
                "select reason, total, about from device_refusal where device = %s", [device]
            )
            return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}

    async def keeps(self, wanted: list[int], device: str = BOX) -> None:
        async with asyncio.timeout(60):
            while await self.kept(device) != wanted:
                await asyncio.sleep(0.05)

    async def refuses(self, reason: str, times: int, device: str = BOX) -> str:
        """Wait until so much was refused for this reason. Gives what the last of it was."""
        async with asyncio.timeout(60):
            while (found := (await self.refused(device)).get(reason, (0, "")))[0] < times:
                await asyncio.sleep(0.05)
        return found[1]

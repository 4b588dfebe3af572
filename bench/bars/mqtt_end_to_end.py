# SPDX-License-Identifier: Apache-2.0
"""Readings from MQTT to the table: devices publish with QoS 1, the broker asks and stores, a worker of its own process keeps."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import msgspec
from psycopg import AsyncConnection

from bench import crowd
from bench.bars.telemetry import site_of
from bench.devices import Devices, Login, devices
from bench.ground import Ground
from bench.result import Measured, middle
from fourleaf.app import address, broker
from fourleaf.app.settings import Settings
from fourleaf.engines.sensing import rules, store
from fourleaf.messaging import keys, server
from fourleaf.messaging.names import READINGS, Name
from fourleaf.messaging.server import Ports
from fourleaf.postgres.pool import Pools, connect

BAR = 5_000
# Each may say two hundred messages a second; one that says more is cut off.
DEVICES = 100
MESSAGES, EACH = 30_000, 10


async def measure(ground: Ground) -> list[Measured]:
    messages, found = ground.size(MESSAGES, DEVICES), dict[int, tuple[list[float], list[float]]]()
    async with ground.run() as run, connect(ground.dsn, run) as connection:
        pools = Pools(ground.dsn)
        await site_of(pools, run)
        await pools.close()
        names = [Name(run, f"box:{number}") for number in range(DEVICES)]
        for name in names:
            await store.devices.put_secret(connection, run, name.device, rules.devices.hash_of(name.user))
        with _broker(ground) as (port, password, settings), _worker(settings):
            made = [Login(name.user, name.user, name.client_id, name.topic(READINGS)) for name in names]
            bare = [Login(keys.INTAKE, password, f"floor-{number}", "floor") for number in range(DEVICES)]
            with devices(port, made) as ours, devices(port, bare) as alone:
                for each in (1, EACH):
                    sent = messages if each == 1 else messages // 5
                    kept = [await _through(connection, ours, sent, each, turn) for turn in range(ground.rounds)]
                    found[each] = kept, [_alone(alone, sent, each, turn) for turn in range(ground.rounds)]
    return [
        _measured(
            "one reading a message",
            *found[1],
            "the worker: one Python process takes each from the broker and lets go of it",
        ),
        _measured(
            f"{EACH} readings a message",
            *found[EACH],
            "the same worker, which reads them, and the table with its index",
        ),
    ]


def _measured(what: str, ours: Sequence[float], floor: Sequence[float], limited_by: str) -> Measured:
    return Measured(
        bench="mqtt_end_to_end",
        what=f"readings from {DEVICES} devices by MQTT, QoS 1, to rows in the table, {what}",
        unit="readings/s",
        better="high",
        value=middle(ours),
        floor=middle(floor),
        floor_is="the same messages into the broker alone, until the last is acknowledged",
        bar=BAR,
        limited_by=limited_by,
        rounds=tuple(ours),
    )


async def _through(connection: AsyncConnection[object], sending: Devices, messages: int, each: int, turn: int) -> float:
    """Readings a second until the last is a row."""
    bodies, before = _bodies(max(1, messages // DEVICES), each, turn), await _rows(connection)
    readings = len(bodies) * each * DEVICES
    began = monotonic()
    sending.send(bodies)
    while await _rows(connection) < before + readings:
        if monotonic() - began > 240:
            raise TimeoutError("not all readings were kept")
        await asyncio.sleep(0.02)
    took = monotonic() - began
    sending.wait()
    return readings / took


def _alone(sending: Devices, messages: int, each: int, turn: int) -> float:
    bodies = _bodies(max(1, messages // DEVICES), each, turn)
    began = monotonic()
    sending.send(bodies)
    sending.wait()
    return len(bodies) * each * DEVICES / (monotonic() - began)


async def _rows(connection: AsyncConnection[object]) -> int:
    """By what is noted of each device: counting the table itself would take its share of the machine."""
    row = await (await connection.execute("select coalesce(sum(kept), 0)::bigint from device_heard")).fetchone()
    return int(row[0]) if row else 0  # type: ignore[index]


def _bodies(count: int, each: int, turn: int) -> list[bytes]:
    at, first = crowd.OPENS, (turn * 10 + each) * 10_000_000
    points = [{"s": first + number, "t": at, "q": {"leak_ma": number % 200}} for number in range(count * each)]
    return [msgspec.json.encode(points[start : start + each]) for start in range(0, len(points), each)]


@contextmanager
def _broker(ground: Ground) -> Iterator[tuple[int, str, Settings]]:
    """Gives the port for MQTT, the password of one who may say anything anywhere, and the settings of the worker."""
    data = Path(ground.folder) / "post"
    data.mkdir(exist_ok=True)
    with closing(address.lease("127.0.0.1", 25_222)) as own, closing(address.lease("127.0.0.1", 25_883)) as mqtt:
        log = broker.log_file(data)
        log.parent.mkdir(exist_ok=True)
        command = server.dress(data, Ports(own=own.port, mqtt_host="127.0.0.1", mqtt=mqtt.port), log)
        settings = Settings(database_url=ground.dsn, data=data, nats_url=f"nats://127.0.0.1:{own.port}")
        process = subprocess.Popen(command)
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", mqtt.port), timeout=1):
                    break
                sleep(0.1)
            yield mqtt.port, keys.ready(data).passwords[keys.INTAKE], settings
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    with (settings.data / "worker.log").open("ab") as log:
        command = [sys.executable, "-m", "fourleaf.app", "worker"]
        process = subprocess.Popen(command, env=settings.environment(), stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)

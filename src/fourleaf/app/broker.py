# SPDX-License-Identifier: Apache-2.0
"""Broker: the NATS server that devices speak to by MQTT, started and watched by `fourleaf up`."""

import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from fourleaf.app import address
from fourleaf.app.children import Child
from fourleaf.app.settings import LOOPBACK, Settings
from fourleaf.app.speech import Speech
from fourleaf.messaging import server
from fourleaf.messaging.server import NoBroker, Ports

# The port that we alone use, or the next free one.
OWN_PORT = 4222


def log_file(data: Path) -> Path:
    return data / "logs" / "nats.log"


def begin(settings: Settings, speech: Speech, leases: ExitStack, logs: Path) -> tuple[Settings, Child | None]:
    """Take two ports and write the broker's configuration. Gives the settings that name it, and the process to start.

    Nothing to start where a setting names a broker, or where there is no program: then devices have HTTP alone, which is said.
    Raises: OSError when no port is free.
    """
    if settings.nats_url:
        return settings, None
    try:
        program = server.program()
    except NoBroker as problem:
        speech.warn(problem.zh, problem.en)
        return settings, None
    own, mqtt = address.lease("127.0.0.1", OWN_PORT), address.lease(settings.mqtt_host, settings.mqtt_port)
    for lease in (own, mqtt):
        leases.callback(lease.close)
    ports = Ports(
        own=own.port, mqtt_host=settings.mqtt_host, mqtt=mqtt.port, cert=settings.mqtt_cert, key=settings.mqtt_key
    )
    command = server.dress(settings.data, ports, log_file(settings.data))
    _say(settings, speech, ports, server.version(program))
    named = msgspec.structs.replace(settings, nats_url=f"nats://127.0.0.1:{own.port}", mqtt_port=mqtt.port)
    return named, Child("nats", command, settings.environment(), logs)


def examined(settings: Settings) -> tuple[bool, str, str]:
    """For the doctor: whether devices can speak MQTT, in Chinese and in English."""
    if settings.nats_url:
        there = _answers(settings.nats_url)
        said = (
            ("可用", "answers")
            if there
            else ("无响应，请检查 FOURLEAF_NATS_URL", "does not answer. Check FOURLEAF_NATS_URL")
        )
        return there, f"NATS {settings.nats_url} {said[0]}", f"NATS at {settings.nats_url} {said[1]}"
    try:
        version = server.version(server.program())
    except NoBroker as problem:
        return False, problem.zh, problem.en
    return True, f"NATS {version}（fourleaf up 会启动）", f"NATS {version} (fourleaf up starts it)"


def _answers(url: str) -> bool:
    """A NATS server speaks first."""
    where = urlsplit(url)
    try:
        with socket.create_connection((where.hostname or "", where.port or OWN_PORT), timeout=3) as line:
            return line.recv(5) == b"INFO "
    except OSError:
        return False


def _say(settings: Settings, speech: Speech, ports: Ports, version: str) -> None:
    where = f"{ports.mqtt_host}:{ports.mqtt}"
    speech.say(f"NATS {version}，设备用 MQTT 连接 {where}", f"NATS {version}; devices connect by MQTT to {where}")
    if ports.mqtt != settings.mqtt_port:
        speech.warn(
            f"端口 {settings.mqtt_port} 已被占用，MQTT 改用 {ports.mqtt}",
            f"Port {settings.mqtt_port} is taken, MQTT uses {ports.mqtt}",
        )
    if ports.mqtt_host not in LOOPBACK and ports.cert is None:
        speech.warn(
            "MQTT 对网络开放而没有 TLS：设备的密钥明文传输。请设置 FOURLEAF_MQTT_CERT 和 FOURLEAF_MQTT_KEY",
            "MQTT is open to the network without TLS: secrets of devices pass in the clear."
            " Set FOURLEAF_MQTT_CERT and FOURLEAF_MQTT_KEY",
        )

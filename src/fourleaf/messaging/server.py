# SPDX-License-Identifier: Apache-2.0
"""The embedded broker of one data folder: its program, what it is told at each start, and the command that runs it."""

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import msgspec

from fourleaf.messaging import keys as own_keys
from fourleaf.messaging.keys import DOOR, INTAKE, WATCH, Keys

PROGRAM = "nats-server"
DEVICES, ASKED, SYSTEM = "DEVICES", "ASKED", "SYSTEM"
# A message of a device, and what the server writes before it.
MOST_BYTES = 16 * 1024
_HEADER_BYTES = 64
# What the worker has not taken in yet: at a thousand messages a second of 200 bytes, an hour and a half.
MOST_STORED_BYTES = 1_000_000_000
# A message is acknowledged when the file has it; after so long the disk has it too, whatever happens to the power.
SYNC = "1s"
# Longer than the worker needs to look up a device.
ASK_FOR_S = 3
LOG_BYTES = 10_000_000


class NoBroker(Exception):
    """There is no program to run. Carries both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Where it listens: to us on this machine alone, to devices where the setting says. cert, key: for TLS."""

    own: int
    mqtt_host: str
    mqtt: int
    cert: Path | None = None
    key: Path | None = None


def program() -> Path:
    """Raises: NoBroker"""
    beside = Path(sysconfig.get_path("scripts")) / PROGRAM
    found = str(beside) if beside.exists() else shutil.which(PROGRAM)
    if found is None:
        raise NoBroker(
            zh="没有 nats-server，设备暂不能用 MQTT（HTTP 仍可用）：请 make .venv/ready，或用 FOURLEAF_NATS_URL 指定已有的服务器",
            en="There is no nats-server, so devices cannot use MQTT (HTTP works):"
            " run make .venv/ready, or name a server by FOURLEAF_NATS_URL",
        )
    return Path(found)


def version(at: Path) -> str:
    said = subprocess.run([str(at), "--version"], capture_output=True, text=True, timeout=10)
    return said.stdout.strip().rpartition("v")[2]


def dress(data: Path, ports: Ports, log: Path) -> list[str]:
    """Write down what the server is told, and give the command that runs it.

    Raises: NoBroker
    """
    at = program()
    folder = own_keys.folder(data)
    file = folder / "server.conf"
    own_keys.put(file, told(own_keys.ready(data), ports, store=folder / "store", log=log).encode())
    return [str(at), "-c", str(file)]


def told(keys: Keys, ports: Ports, *, store: Path, log: Path) -> str:
    """The server's configuration. Written at every start: what is changed by hand does not last."""
    users = {role: f"{{ user: {role}, password: {quoted(word)} }}" for role, word in keys.passwords.items()}
    return f"""# Written by Fourleaf at every start.
server_name: fourleaf
host: 127.0.0.1
port: {ports.own}
max_payload: {MOST_BYTES + _HEADER_BYTES}
log_file: {quoted(log)}
logfile_size_limit: {LOG_BYTES}
logfile_max_num: 3
logtime_utc: true
jetstream {{
  store_dir: {quoted(store)}
  max_memory_store: 64MB
  max_file_store: {2 * MOST_STORED_BYTES}
  sync_interval: {SYNC}
}}
mqtt {{
  host: {quoted(ports.mqtt_host)}
  port: {ports.mqtt}
  max_ack_pending: 100
{_tls(ports)}}}
accounts {{
  {DEVICES} {{ jetstream: enabled, users: [ {users[INTAKE]} ] }}
  {ASKED} {{ users: [ {users[DOOR]} ] }}
  {SYSTEM} {{ users: [ {users[WATCH]} ] }}
}}
system_account: {SYSTEM}
authorization {{
  timeout: {ASK_FOR_S}
  auth_callout {{ issuer: {keys.account.public}, account: {ASKED}, auth_users: [ {INTAKE}, {DOOR}, {WATCH} ] }}
}}
"""


def quoted(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _tls(ports: Ports) -> str:
    if ports.cert is None or ports.key is None:
        return ""
    return f"  tls {{ cert_file: {quoted(ports.cert)}, key_file: {quoted(ports.key)} }}\n"

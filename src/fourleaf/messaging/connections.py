# SPDX-License-Identifier: Apache-2.0
"""Connections: which devices are connected now, how much each has sent, and how one is cut off."""

from typing import NamedTuple

import msgspec
from nats.aio.client import Client

from fourleaf.messaging.names import Name, of_user
from fourleaf.messaging.server import DEVICES

PAGE = 1_000
ANSWER_FOR_S = 2.0


class Connected(NamedTuple):
    """A device's connection. Unit: messages since it began."""

    server: str
    number: int
    name: Name
    messages: int


class _Connection(msgspec.Struct):
    cid: int
    type: str = ""
    in_msgs: int = 0
    authorized_user: str = ""


class _Page(msgspec.Struct):
    server_id: str
    total: int
    connections: list[_Connection] = []


class _Answer(msgspec.Struct):
    data: _Page


async def connected(client: Client) -> list[Connected]:
    """All devices that are connected. client: a line to watch by. Raises: nats.errors.Error"""
    found: list[Connected] = []
    offset = 0
    while True:
        asked = {"auth": True, "acc": DEVICES, "offset": offset, "limit": PAGE}
        said = await client.request("$SYS.REQ.SERVER.PING.CONNZ", msgspec.json.encode(asked), timeout=ANSWER_FOR_S)
        page = msgspec.json.decode(said.data, type=_Answer).data
        for one in page.connections:
            name = of_user(one.authorized_user) if one.type == "mqtt" else None
            if name:
                found.append(Connected(page.server_id, one.cid, name, one.in_msgs))
        offset += PAGE
        if offset >= page.total:
            return found


async def cut(client: Client, connection: Connected) -> None:
    """End a connection at once. Raises: nats.errors.Error"""
    kick = msgspec.json.encode({"cid": connection.number})
    await client.request(f"$SYS.REQ.SERVER.{connection.server}.KICK", kick, timeout=ANSWER_FOR_S)

# SPDX-License-Identifier: Apache-2.0
"""Callout: the server asks us of everybody who comes; we say who he is, and what he may. Pure."""

from datetime import datetime
from typing import Any

import msgspec

from fourleaf.messaging.names import COMMANDS, READINGS, STATE, Name
from fourleaf.standards.nkeys import AccountKey, claims

SUBJECT = "$SYS.REQ.USER.AUTH"
# A device listens to its commands; the server itself subscribes once more for each session.
MOST_SUBSCRIPTIONS = 4


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes, as he says of himself: nothing of it is true yet but the kind of his connection and the address it is from."""

    server: str
    nkey: str
    kind: str
    host: str
    client_id: str
    user: str
    secret: str


class _Server(msgspec.Struct):
    id: str


class _Client(msgspec.Struct):
    type: str = ""
    host: str = ""
    mqtt_id: str = ""


class _Given(msgspec.Struct):
    user: str = ""
    password: str = msgspec.field(default="", name="pass")


class _Request(msgspec.Struct):
    server_id: _Server
    user_nkey: str
    client_info: _Client
    connect_opts: _Given


class _Claims(msgspec.Struct):
    nats: _Request


def asked(token: bytes) -> Asked:
    """Read the server's question.

    Raises: ValueError
    """
    said = msgspec.json.decode(claims(token), type=_Claims).nats
    return Asked(
        server=said.server_id.id,
        nkey=said.user_nkey,
        kind=said.client_info.type,
        host=said.client_info.host,
        client_id=said.client_info.mqtt_id,
        user=said.connect_opts.user,
        secret=said.connect_opts.password,
    )


def let_in(key: AccountKey, question: Asked, name: Name, account: str, now: datetime) -> bytes:
    """The answer that lets a device in, under its own topics alone."""
    may: dict[str, Any] = {
        "pub": {"allow": [name.subject(READINGS), name.subject(STATE)]},
        "sub": {"allow": [name.subject(COMMANDS)]},
        "subs": MOST_SUBSCRIPTIONS,
        "data": -1,
        "payload": -1,
        "allowed_connection_types": ["MQTT"],
        "type": "user",
        "version": 2,
    }
    user = key.sign({"sub": question.nkey, "aud": account, "name": name.user, "nats": may}, now)
    return _answer(key, question, {"jwt": user.decode()}, now)


def keep_out(key: AccountKey, question: Asked, why: str, now: datetime) -> bytes:
    """The answer that refuses. MQTT tells the device no more than that it may not; the server logs why."""
    return _answer(key, question, {"error": why}, now)


def _answer(key: AccountKey, question: Asked, said: dict[str, Any], now: datetime) -> bytes:
    body = {**said, "type": "authorization_response", "version": 2}
    return key.sign({"sub": question.nkey, "aud": question.server, "nats": body}, now)

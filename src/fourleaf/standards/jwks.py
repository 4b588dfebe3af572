# SPDX-License-Identifier: Apache-2.0
"""JWK Set (RFC 7517): the keys of a ring, as they are published for gates and anybody else who checks codes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from fourleaf.standards import jwk
from fourleaf.standards.keyring import PublicKey

_LIMIT = 64


class _Set(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


def write(keys: Iterable[PublicKey]) -> bytes:
    """nbf and exp say, as in a token, from when to before when the key counts, in whole seconds."""
    return msgspec.json.encode({"keys": [_said(one) for one in keys]})


def read(published: bytes) -> list[PublicKey]:
    """Every key or none: whoever reads a set in part refuses good codes without a word. Limits: 64 keys.

    Raises: ValueError
    """
    try:
        found = msgspec.json.decode(published, type=_Set).keys
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("no JWK set") from error
    if len(found) > _LIMIT:
        raise ValueError(f"more than {_LIMIT} keys")
    return [_key(one) for one in found]


def _said(one: PublicKey) -> dict[str, object]:
    return {
        **jwk.members(one.key),
        "kid": jwk.text(one.kid),
        "use": "sig",
        "alg": "ES256",
        "nbf": int(one.opens_at.timestamp()),
        "exp": int(one.closes_at.timestamp()),
    }


def _key(said: dict[str, Any]) -> PublicKey:
    if (said.get("use"), said.get("alg")) != ("sig", "ES256"):
        raise ValueError("a key for another purpose")
    one = PublicKey(key=jwk.key(said), opens_at=_time(said.get("nbf")), closes_at=_time(said.get("exp")))
    if said.get("kid") != jwk.text(one.kid):
        raise ValueError("a key that is not called by its thumbprint")
    return one


def _time(said: object) -> datetime:
    if type(said) is not int or not 0 <= said < 1 << 32:
        raise ValueError("a key without its time")
    return datetime.fromtimestamp(said, UTC)

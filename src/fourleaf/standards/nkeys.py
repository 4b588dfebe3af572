# SPDX-License-Identifier: Apache-2.0
"""NATS keys and tokens: an Ed25519 key written with its kind and a checksum, and claims signed with it."""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES = 32
_ACCOUNT = 0
_HEADER = b'{"typ":"JWT","alg":"ed25519-nkey"}'


class AccountKey:
    """The key of an account: whatever it signs, the server takes as said by the account."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = _written(_ACCOUNT, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, claims: dict[str, Any], now: datetime) -> bytes:
        """A token that says these claims, issued now."""
        issued = {**claims, "iss": self.public, "iat": int(now.timestamp())}
        name = base64.b32encode(hashlib.sha256(msgspec.json.encode(issued)).digest()).rstrip(b"=").decode()
        said = _text(_HEADER) + b"." + _text(msgspec.json.encode({**issued, "jti": name}))
        return said + b"." + _text(self._key.sign(said))


def claims(token: bytes) -> bytes:
    """What a token says, as JSON. Its signature is not looked at: ask only what comes over a line that is trusted.

    Raises: ValueError
    """
    parts = token.split(b".")
    if len(parts) != 3:
        raise ValueError("a token has three parts")
    return base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))


def _written(kind: int, raw: bytes) -> str:
    body = bytes([kind << 3]) + raw
    return base64.b32encode(body + binascii.crc_hqx(body, 0).to_bytes(2, "little")).rstrip(b"=").decode()


def _text(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")

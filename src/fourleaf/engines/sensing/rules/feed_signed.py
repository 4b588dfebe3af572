# SPDX-License-Identifier: Apache-2.0
"""Feed signed: one file from a closed network, its counter and its signature. Nothing can be asked back there. Pure."""

import json
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.rules.feed_tables import MOST_BYTES, Broken, legible

# base64 makes four of three; and what stands around it.
MOST_SIGNED = MOST_BYTES * 4 // 3 + 4096
_BEGIN = b"fourleaf-feed-1"


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed file. counter: one more than that of the file before; body and signature in base64."""

    feed: str
    counter: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    format: Literal["csv", "json"]
    body: str
    signature: str


class Opened(NamedTuple):
    """What was signed. missing: files between the last one and this one that never came."""

    body: bytes
    format: Literal["csv", "json"]
    counter: int
    missing: int


def message(feed: str, counter: int, format: str, body: bytes) -> bytes:
    """What the signature is over: no line of it can be mistaken for another."""
    return b"\n".join(
        [_BEGIN, feed.encode(), str(counter).encode(), format.encode(), sha256(body).hexdigest().encode()]
    )


def sign(key: Ed25519PrivateKey, feed: str, counter: int, format: str, body: bytes) -> bytes:
    """A signed file, ready to be carried over."""
    signature = key.sign(message(feed, counter, format, body))
    said = {"feed": feed, "counter": counter, "format": format}
    return (
        json.dumps({**said, "body": b64encode(body).decode(), "signature": b64encode(signature).decode()}) + "\n"
    ).encode()


def open_signed(name: str, feed: Feed, data: bytes, last: int) -> Opened | Broken:
    """What a signed file of this feed holds. last: the counter of the last one that was taken, 0 for none.

    A counter that was there before is a replay, whatever the file holds.
    """
    if len(data) > MOST_SIGNED:
        return Broken("oversize", f"{len(data):,} B")
    try:
        said = msgspec.json.decode(data, type=Signed)
        body, signature = b64decode(said.body, validate=True), b64decode(said.signature, validate=True)
    except (msgspec.DecodeError, UnicodeDecodeError, Error, ValueError, RecursionError):
        return Broken("not-signed")
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(feed.public_key))
        key.verify(signature, message(said.feed, said.counter, said.format, body))
    except (InvalidSignature, ValueError):
        return Broken("bad-signature")
    if said.feed != name:
        return Broken("other-feed", legible(said.feed))
    if said.counter <= last:
        return Broken("replayed", f"{said.counter} ≤ {last}")
    return Opened(body, said.format, said.counter, said.counter - last - 1)

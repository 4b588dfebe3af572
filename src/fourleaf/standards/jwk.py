# SPDX-License-Identifier: Apache-2.0
"""JWK (RFC 7517) and its thumbprint (RFC 7638), for keys on P-256."""

import base64
import binascii
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

_BYTES = 32


def members(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """What makes the key, in the order that its thumbprint is taken in."""
    point = key.public_numbers()
    x, y = (text(one.to_bytes(_BYTES, "big")) for one in (point.x, point.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def thumbprint(key: ec.EllipticCurvePublicKey) -> bytes:
    return sha256(msgspec.json.encode(members(key))).digest()


def key(said: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    """Raises: ValueError"""
    if (said.get("kty"), said.get("crv")) != ("EC", "P-256") or "d" in said:
        raise ValueError("no public key on P-256")
    x, y = raw(said.get("x")), raw(said.get("y"))
    if (len(x), len(y)) != (_BYTES, _BYTES):
        raise ValueError("a coordinate has 32 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)


def text(bare: bytes) -> str:
    """Base64url without padding, as all of JOSE writes bytes."""
    return base64.urlsafe_b64encode(bare).rstrip(b"=").decode()


def raw(said: object) -> bytes:
    """Raises: ValueError"""
    if not isinstance(said, str) or not said.isascii():
        raise ValueError("bytes are written as text")
    try:
        bare = base64.b64decode(said + "=" * (-len(said) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
    if text(bare) != said:
        raise ValueError("bytes have one text")
    return bare

# SPDX-License-Identifier: Apache-2.0
"""What a badge says: who may go where and when, by numbers that mean something only to the fair."""

from datetime import UTC, datetime
from typing import TypeGuard

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from fourleaf.standards import cbor, cwt
from fourleaf.standards.cbor import Malformed, Map, Value

RIGHT = -65537
_LONGEST = 128
# Of index, holder, category, zones and days. With these a phone's code has 240 bytes at most.
_BELOW = (1 << 32, 1 << 32, 1 << 16, 1 << 32, 1 << 32)


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """One issued version of a credential.

    index: its place in the status list; holder: opaque; category: place in the policy's table of them;
    zones, days: bit n says that it is good in the policy's nth. device: the phone's key; none on a printed badge.
    Limits: category below 2**16, the others below 2**32; expires_at in whole seconds.
    """

    index: int
    holder: int
    category: int
    zones: int
    days: int
    expires_at: datetime
    device: ec.EllipticCurvePublicKey | None = None


def encode(claims: Claims) -> bytes:
    """Raises: ValueError, if a number is out of bounds: the issuer's mistake, not a stranger's."""
    right = [claims.index, claims.holder, claims.category, claims.zones, claims.days]
    expires = claims.expires_at.timestamp()
    if not _bounded(right) or not expires.is_integer() or not 0 <= expires < 1 << 32:
        raise ValueError("a claim is out of bounds")
    said: Map = {cwt.EXPIRES: int(expires), RIGHT: list[Value](right)}
    if claims.device is not None:
        if not isinstance(claims.device.curve, ec.SECP256R1):
            raise ValueError("a phone's key is on P-256")
        said[cwt.CONFIRMATION] = cwt.confirmation(claims.device)
    return cbor.encode(said)


def decode(payload: bytes) -> Claims:
    """Raises: Malformed"""
    said = cwt.claims(payload, longest=_LONGEST)
    if not {cwt.EXPIRES, RIGHT} <= set(said) <= {cwt.EXPIRES, RIGHT, cwt.CONFIRMATION}:
        raise Malformed("other claims")
    expires, right = said[cwt.EXPIRES], said[RIGHT]
    if not isinstance(expires, int) or not 0 <= expires < 1 << 32 or not _bounded(right):
        raise Malformed("a claim is out of bounds")
    index, holder, category, zones, days = right
    return Claims(
        index=index,
        holder=holder,
        category=category,
        zones=zones,
        days=days,
        expires_at=datetime.fromtimestamp(expires, UTC),
        device=_device(said[cwt.CONFIRMATION]) if cwt.CONFIRMATION in said else None,
    )


def _bounded(right: object) -> TypeGuard[list[int]]:
    return (
        isinstance(right, list)
        and len(right) == len(_BELOW)
        and all(type(one) is int and 0 <= one < below for one, below in zip(right, _BELOW, strict=True))
    )


def _device(cnf: Value) -> ec.EllipticCurvePublicKey:
    """Compressed alone, for a code says a thing in one way."""
    match cnf:
        case {1: {-3: bool()}}:
            return cwt.confirmed(cnf)
    raise Malformed("a point is compressed")

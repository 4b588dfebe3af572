# SPDX-License-Identifier: Apache-2.0
"""Keyring: the keys whose signatures count, each in its time, and what they have signed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from fourleaf.standards import cose, jwk
from fourleaf.standards.cbor import Malformed, Value

KEY_ID_BYTES = 8
# So many bytes make the bias of a key that is derived from them too small to matter (FIPS 186-5, A.2.1).
SEED_BYTES = 40
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Untrusted: TypeAlias = Literal["bad-code", "unknown-key", "key-expired", "bad-signature"]


class SigningKey:
    """A private key of the issuer, made from a secret: the same secret gives the same key."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SEED_BYTES:
            raise ValueError(f"a secret has {SEED_BYTES} random bytes")
        scalar = int.from_bytes(secret, "big") % (_P256_ORDER - 1) + 1
        self._key = ec.derive_private_key(scalar, ec.SECP256R1())
        self.public = self._key.public_key()
        self.kid = key_id(self.public)

    def sign(self, said: bytes) -> bytes:
        return cose.signature(self._key, said)

    def signed(self, payload: bytes, *, kind: str | None = None) -> bytes:
        """A COSE_Sign1 that names this key. kind: the media type, signed too, so that nothing passes for something else."""
        return cose.sign(payload, self, _header(self.kid, kind))

    def published(self, opens_at: datetime, closes_at: datetime) -> "PublicKey":
        return PublicKey(key=self.public, opens_at=opens_at, closes_at=closes_at)


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that counts from opens_at until before closes_at. It closes when the last thing that it signed has expired."""

    key: ec.EllipticCurvePublicKey
    opens_at: datetime
    closes_at: datetime

    @property
    def kid(self) -> bytes:
        return key_id(self.key)


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a key of the ring has signed."""

    kid: bytes
    payload: bytes


class Keyring:
    """Several keys count at a time, so that a new one is known everywhere before it signs."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self.keys = tuple(keys)
        self._by_id = {one.kid: one for one in self.keys}
        if len(self._by_id) != len(self.keys):
            raise ValueError("a key twice")

    def open(self, message: bytes, now: datetime, *, longest: int, kind: str | None = None) -> Opened | Untrusted:
        """What was signed, or why it does not count. Never raises for what a message holds.

        The header is exactly algorithm, key id and kind: one thing more, such as a critical parameter, is refused.
        """
        try:
            signed = cose.read(message, longest=longest)
        except Malformed:
            return "bad-code"
        kid = signed.header.get(cose.KEY_ID)
        if not isinstance(kid, bytes) or len(kid) != KEY_ID_BYTES:
            return "bad-code"
        if signed.open_header or signed.header != {cose.ALGORITHM: cose.ES256, **_header(kid, kind)}:
            return "bad-code"
        known = self._by_id.get(kid)
        if known is None:
            return "unknown-key"
        if not known.opens_at <= now < known.closes_at:
            return "key-expired"
        return Opened(kid=kid, payload=signed.payload) if cose.right(signed, known.key) else "bad-signature"


def key_id(key: ec.EllipticCurvePublicKey) -> bytes:
    """The first 8 bytes of the key's thumbprint (RFC 7638)."""
    return jwk.thumbprint(key)[:KEY_ID_BYTES]


def _header(kid: bytes, kind: str | None) -> dict[int | str, Value]:
    return {cose.KEY_ID: kid} if kind is None else {cose.KEY_ID: kid, cose.TYPE: kind}

# SPDX-License-Identifier: Apache-2.0
"""COSE_Sign1 (RFC 9052) with ES256 (RFC 9053): a payload, a header that is signed with it, and one signature."""

from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from fourleaf.standards import cbor
from fourleaf.standards.cbor import Malformed, Map, Value

ALGORITHM, CRITICAL, KEY_ID, TYPE = 1, 2, 4, 16
ES256 = -7
SIGNATURE_BYTES = 64
# Tag 18 in its shortest form. It is one byte in one place, so the reader of CBOR needs to know no tags.
_TAG = b"\xd2"
_ECDSA = ec.ECDSA(SHA256())
# RFC 6979: the same claims give the same code, and a poor source of randomness does not give the key away.
_SIGNING = ec.ECDSA(SHA256(), deterministic_signing=True)


class Signer(Protocol):
    """Whoever holds a private key: a file here, a key server elsewhere."""

    def sign(self, said: bytes) -> bytes:
        """Shape: r and s, 32 bytes each."""
        ...


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A COSE_Sign1 as it was read. Nothing of it is true before `right` says so.

    protected: the signed header as bytes; header: the same, read; open_header: the other one, which anybody may alter.
    """

    protected: bytes
    header: Map
    open_header: Map
    payload: bytes
    signature: bytes


def read(message: bytes, *, longest: int) -> Signed:
    """Raises: Malformed"""
    if message[:1] != _TAG:
        raise Malformed("no COSE_Sign1")
    match cbor.decode(message[1:], longest=longest - 1):
        case [bytes() as protected, dict() as open_header, bytes() as payload, bytes() as signature]:
            header = cbor.decode(protected, longest=longest)
            if not isinstance(header, dict) or len(signature) != SIGNATURE_BYTES:
                raise Malformed("no header, or no signature of ES256")
            return Signed(
                protected=protected, header=header, open_header=open_header, payload=payload, signature=signature
            )
    raise Malformed("no COSE_Sign1")


def right(signed: Signed, key: ec.EllipticCurvePublicKey, external: bytes = b"") -> bool:
    """Whether this key signed it with ES256, the only algorithm there is. What the message says is compared, never followed."""
    if signed.header.get(ALGORITHM) != ES256:
        return False
    return signature_right(signed.signature, key, _to_be_signed(signed.protected, external, signed.payload))


def sign(payload: bytes, signer: Signer, header: "dict[int | str, Value]", external: bytes = b"") -> bytes:
    """The algorithm is put into the header here."""
    protected = cbor.encode({ALGORITHM: ES256, **header})
    signature = signer.sign(_to_be_signed(protected, external, payload))
    return _TAG + cbor.encode([protected, {}, payload, signature])


def signature_right(signature: bytes, key: ec.EllipticCurvePublicKey, said: bytes) -> bool:
    """Limits: of each signature there are two forms, (r, s) and (r, n - s), and both are right: never know a message by its bytes."""
    half = SIGNATURE_BYTES // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    try:
        key.verify(encode_dss_signature(r, s), said, _ECDSA)
    except InvalidSignature:
        return False
    return len(signature) == SIGNATURE_BYTES


def signature(key: ec.EllipticCurvePrivateKey, said: bytes) -> bytes:
    """ES256, always the same for the same bytes. Shape: r and s, 32 bytes each, as WebCrypto gives them too."""
    r, s = decode_dss_signature(key.sign(said, _SIGNING))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _to_be_signed(protected: bytes, external: bytes, payload: bytes) -> bytes:
    return cbor.encode(["Signature1", protected, external, payload])

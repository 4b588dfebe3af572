# SPDX-License-Identifier: Apache-2.0
"""CWT (RFC 8392): claims by number. And the claim that a key is its holder's (cnf, RFC 8747)."""

from cryptography.hazmat.primitives.asymmetric import ec

from fourleaf.standards import cbor
from fourleaf.standards.cbor import Malformed, Map, Value

ISSUER, SUBJECT, AUDIENCE, EXPIRES, NOT_BEFORE, ISSUED, ID, CONFIRMATION = range(1, 9)
COORDINATE_BYTES = 32

_KINDS: dict[int, type] = {ISSUER: str, SUBJECT: str, AUDIENCE: str, EXPIRES: int, NOT_BEFORE: int, ISSUED: int}
_KINDS |= {ID: bytes, CONFIRMATION: dict}
_COSE_KEY = 1
_KEY_TYPE, _CURVE, _X, _Y = 1, -1, -2, -3
_EC2, _P256 = 2, 1


def claims(payload: bytes, *, longest: int, ordered: bool = True) -> Map:
    """Claims by number; those of RFC 8392 and 8747 have their types. Times are whole seconds since 1970.

    Raises: Malformed
    """
    said = cbor.decode(payload, longest=longest, ordered=ordered)
    if not isinstance(said, dict):
        raise Malformed("claims are a map")
    for number, kind in _KINDS.items():
        if number in said and type(said[number]) is not kind:
            raise Malformed(f"claim {number} has another type")
    return said


def confirmation(key: ec.EllipticCurvePublicKey) -> Map:
    """The claim cnf: a COSE_Key on P-256, its point compressed (RFC 9053, 7.1.1)."""
    point = key.public_numbers()
    x = point.x.to_bytes(COORDINATE_BYTES, "big")
    return {_COSE_KEY: {_KEY_TYPE: _EC2, _CURVE: _P256, _X: x, _Y: bool(point.y & 1)}}


def confirmed(cnf: Value) -> ec.EllipticCurvePublicKey:
    """The key that a claim cnf names, compressed or not.

    Raises: Malformed
    """
    if not isinstance(cnf, dict) or set(cnf) != {_COSE_KEY}:
        raise Malformed("no COSE_Key alone")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _point(cnf[_COSE_KEY]))
    except ValueError as error:
        raise Malformed("no point of P-256") from error


def _point(key: Value) -> bytes:
    if not isinstance(key, dict) or set(key) != {_KEY_TYPE, _CURVE, _X, _Y}:
        raise Malformed("no key of two coordinates")
    kind = (type(key[_KEY_TYPE]), key[_KEY_TYPE], type(key[_CURVE]), key[_CURVE])
    x, y = key[_X], key[_Y]
    if kind != (int, _EC2, int, _P256) or not isinstance(x, bytes) or len(x) != COORDINATE_BYTES:
        raise Malformed("no key on P-256")
    if isinstance(y, bool):
        return (b"\x03" if y else b"\x02") + x
    if isinstance(y, bytes) and len(y) == COORDINATE_BYTES:
        return b"\x04" + x + y
    raise Malformed("no second coordinate")

# SPDX-License-Identifier: Apache-2.0
"""Crypt: sealing, wrapping and marking. A sealed value opens only under its own key and in its own place.

Method: AES-256-GCM with a fresh nonce a value; HMAC-SHA256 for marks; HKDF-SHA256 for keys of a purpose.
"""

import hmac
import os
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE = 12
KEY_BYTES = 32

Value = str | bytes


class Tampered(Exception):
    """What is stored was altered, or stands where something else belongs. Says where, never what."""


def fresh_key() -> bytes:
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def seal(key: bytes, plain: bytes, place: tuple[str, ...]) -> bytes:
    """Encrypt for one place: run, person, field."""
    nonce = os.urandom(_NONCE)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, _about(place))


def unseal(key: bytes, sealed: bytes, place: tuple[str, ...]) -> bytes:
    """Raises: Tampered"""
    if sealed[:1] != _VERSION:
        raise Tampered(place)
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], _about(place))
    except (InvalidTag, ValueError) as error:
        raise Tampered(place) from error


def derived(key: bytes, purpose: str, *about: str) -> bytes:
    """A key for one purpose only."""
    info = msgspec.json.encode(["fourleaf", purpose, *about])
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def mark(key: bytes, text: str) -> bytes:
    """A blind index: equal for equal texts, and telling nothing else."""
    return hmac.digest(key, text.encode(errors="surrogatepass"), sha256)


def packed(value: Value) -> bytes:
    """A text or bytes as bytes that say which of the two they are."""
    return b"t" + value.encode() if isinstance(value, str) else b"b" + value


def unpacked(plain: bytes) -> Value:
    return plain[1:].decode() if plain[:1] == b"t" else plain[1:]


def _about(place: tuple[str, ...]) -> bytes:
    return msgspec.json.encode(["fourleaf", *place])

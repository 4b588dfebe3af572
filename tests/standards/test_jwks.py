# SPDX-License-Identifier: Apache-2.0
"""Published keys: as JWK sets are written, and read whole or not at all."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, KeySet

from fourleaf.standards import jwk, jwks
from fourleaf.standards.keyring import SigningKey

OPENS = datetime(2026, 11, 1, tzinfo=UTC)
KEYS = [
    SigningKey(bytes(range(40))).published(OPENS, OPENS + timedelta(days=20)),
    SigningKey(bytes(40)).published(OPENS + timedelta(days=3), OPENS + timedelta(days=30)),
]
SAID: dict[str, Any] = json.loads(jwks.write(KEYS))["keys"][0]


def test_keys_come_back_with_their_times() -> None:
    assert jwks.read(jwks.write(KEYS)) == KEYS


def test_another_library_finds_the_same_keys_and_thumbprints() -> None:
    others = KeySet.import_key_set(json.loads(jwks.write(KEYS))).keys

    for ours, theirs in zip(KEYS, others, strict=True):
        assert isinstance(theirs, ECKey)
        assert theirs.public_key == ours.key
        assert theirs.thumbprint() == jwk.text(jwk.thumbprint(ours.key))
        assert theirs.kid == jwk.text(ours.kid)


def test_nothing_but_the_public_part_is_published() -> None:
    assert set(SAID) == {"kty", "crv", "x", "y", "kid", "use", "alg", "nbf", "exp"}


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"d": "AA"},
        {"x": SAID["y"]},
        {"x": SAID["x"] + "="},
        {"x": SAID["x"][:-1]},
        {"x": 7},
        {"y": None},
        {"x": "é" * 43},
        {"x": SAID["x"][:-1] + "\n"},
        {"kid": "AAAAAAAAAAA"},
        {"kid": None},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": None},
        {"use": "enc"},
        {"nbf": None},
        {"exp": "1"},
        {"exp": 1.5},
        {"exp": True},
        {"exp": -1},
        {"exp": 1 << 40},
    ],
)
def test_one_key_that_is_not_ours_refuses_the_set(changed: dict[str, object]) -> None:
    published = json.dumps({"keys": [SAID, {**SAID, **changed}]}).encode()

    with pytest.raises(ValueError):
        jwks.read(published)


@pytest.mark.parametrize("published", [b"", b"[]", b"{}", b'{"keys":1}', b'{"keys":[1]}', b"\xff", b"[" * 9999])
def test_what_is_no_set_is_refused(published: bytes) -> None:
    with pytest.raises(ValueError):
        jwks.read(published)


def test_a_set_has_an_end() -> None:
    with pytest.raises(ValueError, match="64"):
        jwks.read(json.dumps({"keys": [SAID] * 65}).encode())


@given(st.binary(max_size=40))
def test_bytes_survive_as_base64url(bare: bytes) -> None:
    assert jwk.raw(jwk.text(bare)) == bare


def test_a_thumbprint_is_that_of_the_rfcs_rule() -> None:
    # RFC 7638, section 3: members in order of their names, without space, hashed with SHA-256.
    public = ec.derive_private_key(1, ec.SECP256R1()).public_key()

    assert list(jwk.members(public)) == ["crv", "kty", "x", "y"]
    assert jwk.text(jwk.thumbprint(public)) == ECKey.import_key(dict(jwk.members(public))).thumbprint()

# SPDX-License-Identifier: Apache-2.0
"""NATS keys and tokens: written as the server reads them."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.standards.nkeys import AccountKey, claims

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEED = bytes(range(32))


def test_a_public_key_is_written_as_by_the_servers_own_tools() -> None:
    key = AccountKey(SEED).public

    # Made with the Python package nkeys 0.2.1 from the same seed.
    assert key == "AAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3QPZV"


def test_a_token_says_its_claims_and_carries_the_keys_signature() -> None:
    key = AccountKey(SEED)

    token = key.sign({"sub": "U1", "nats": {"type": "user"}}, NOW)

    head, body, signature = token.split(b".")
    said = json.loads(claims(token))
    assert (said["sub"], said["iss"], said["iat"]) == ("U1", key.public, 1_767_225_600)
    assert json.loads(base64.urlsafe_b64decode(head + b"==")) == {"typ": "JWT", "alg": "ed25519-nkey"}
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    public.verify(base64.urlsafe_b64decode(signature + b"=="), head + b"." + body)


@given(st.binary(max_size=40))
def test_what_is_no_token_is_refused_as_a_value(text: bytes) -> None:
    if text.count(b".") != 2:
        with pytest.raises(ValueError):
            claims(text)

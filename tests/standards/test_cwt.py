# SPDX-License-Identifier: Apache-2.0
"""CWT: the examples of RFC 8392 and RFC 8747, and claims of another type than theirs."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from fourleaf.standards import cbor, cose, cwt
from fourleaf.standards.cbor import Malformed, Map, Value
from tests.standards.published import PUBLISHED, key

POINT = ec.derive_private_key(5, ec.SECP256R1()).public_key()
COSE_KEY = cwt.confirmation(POINT)[1]


def test_the_signed_example_of_rfc_8392_says_its_claims() -> None:
    signed = cose.read(bytes.fromhex(PUBLISHED["cwt"]["signed"]), longest=512)

    assert cose.right(signed, key("cwt"))
    assert cwt.claims(signed.payload, longest=512) == {
        cwt.ISSUER: "coap://as.example.com",
        cwt.SUBJECT: "erikw",
        cwt.AUDIENCE: "coap://light.example.com",
        cwt.EXPIRES: 1444064944,
        cwt.NOT_BEFORE: 1443944944,
        cwt.ISSUED: 1443944944,
        cwt.ID: b"\x0bq",
    }


def test_the_example_of_rfc_8747_names_its_key() -> None:
    said = cwt.claims(bytes.fromhex(PUBLISHED["cwt"]["confirming"]), longest=512)

    point = cwt.confirmed(said[cwt.CONFIRMATION]).public_numbers()

    assert (said[cwt.ISSUER], said[cwt.AUDIENCE]) == ("coaps://server.example.com", "coaps://client.example.org")
    assert said[cwt.EXPIRES] == 1879067471
    assert f"{point.x:064x}" == "d7cc072de2205bdc1537a543d53c60a6acb62eccd890c7fa27c9e354089bbe13"
    assert f"{point.y:064x}" == "f95e1d4b851a2cc80fff87d8e23f22afb725d535e515d020731e79a3b4e47120"


@given(st.integers(1, 2**250))
@settings(max_examples=25)
def test_a_compressed_key_is_the_same_key(scalar: int) -> None:
    public = ec.derive_private_key(scalar, ec.SECP256R1()).public_key()

    assert cwt.confirmed(cwt.confirmation(public)) == public


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_claim_of_another_type_is_refused(number: int) -> None:
    with pytest.raises(Malformed):
        cwt.claims(cbor.encode({number: True}), longest=64)


@pytest.mark.parametrize("payload", [b"", b"\x80", b"\x01", b"\xa1\x04\xfb" + bytes(8), b"\xa1\x04\xf5"])
def test_what_is_no_map_of_claims_is_refused(payload: bytes) -> None:
    with pytest.raises(Malformed):
        cwt.claims(payload, longest=64)


@pytest.mark.parametrize(
    "changed",
    [
        {1: 1},
        {1: True},
        {-1: 2},
        {-1: True},
        {-2: b""},
        {-2: b"\xff" * 32},
        {-3: b""},
        {-3: 1},
        {-4: bytes(32)},
        {2: b"id"},
    ],
)
def test_what_is_no_key_on_p256_is_refused(changed: Map) -> None:
    assert isinstance(COSE_KEY, dict)

    with pytest.raises(Malformed):
        cwt.confirmed({1: {**COSE_KEY, **changed}})


@pytest.mark.parametrize("cnf", [0, {}, {1: 0}, {1: {}}, {2: {}}, {3: b"id"}])
def test_other_confirmations_are_refused(cnf: Value) -> None:
    with pytest.raises(Malformed):
        cwt.confirmed(cnf)

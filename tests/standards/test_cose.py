# SPDX-License-Identifier: Apache-2.0
"""COSE_Sign1: the working group's examples, and two other libraries that read ours and write for us."""

from typing import Any

import cwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from pycose.algorithms import Es256
from pycose.headers import KID, Algorithm
from pycose.keys.ec2 import EC2Key
from pycose.messages.sign1message import Sign1Message

from fourleaf.standards import cbor, cose
from fourleaf.standards.cbor import Malformed
from fourleaf.standards.keyring import SigningKey
from tests.standards.published import PUBLISHED, key

SIGNER = SigningKey(bytes(range(40)))
CASES: dict[str, dict[str, str]] = PUBLISHED["cose"]


def verdict(case: dict[str, str]) -> str:
    try:
        signed = cose.read(bytes.fromhex(case["message"]), longest=512)
    except Malformed:
        return "refused"
    right = cose.right(signed, key("cose"), bytes.fromhex(case.get("external", "")))
    return "right" if right else "wrong"


@pytest.mark.parametrize("name", CASES)
def test_the_working_groups_examples_have_the_verdict_that_their_file_names(name: str) -> None:
    assert verdict(CASES[name]) == CASES[name]["ours"]


def test_the_content_of_an_example_is_read() -> None:
    signed = cose.read(bytes.fromhex(CASES["ecdsa-sig-01"]["message"]), longest=512)

    assert (signed.header, signed.open_header, signed.payload) == (
        {1: -7, 3: 0},
        {4: b"11"},
        b"This is the content.",
    )


@given(st.binary(max_size=200), st.binary(max_size=20))
@settings(max_examples=25)
def test_what_is_signed_is_right_for_its_key_and_no_other(payload: bytes, external: bytes) -> None:
    message = cose.sign(payload, SIGNER, {cose.KEY_ID: SIGNER.kid}, external)

    signed = cose.read(message, longest=512)

    assert signed.payload == payload
    assert cose.right(signed, SIGNER.public, external)
    assert not cose.right(signed, SigningKey(bytes(40)).public, external)
    assert not cose.right(signed, SIGNER.public, external + b"1")


def test_pycose_reads_what_we_sign() -> None:
    message = Sign1Message.decode(SIGNER.signed(b"payload"))

    message.key = pycose_key(SIGNER.public)
    assert message.verify_signature()
    assert (message.payload, message.phdr) == (b"payload", {Algorithm: Es256, KID: SIGNER.kid})


def test_we_read_what_pycose_signs() -> None:
    private = ec.derive_private_key(7, ec.SECP256R1())
    message = Sign1Message(phdr={Algorithm: Es256, KID: b"12345678"}, payload=b"payload")
    message.key = pycose_key(private.public_key(), d=(7).to_bytes(32, "big"))

    signed = cose.read(message.encode(), longest=512)

    assert cose.right(signed, private.public_key())
    assert (signed.header, signed.payload) == ({1: -7, 4: b"12345678"}, b"payload")


def test_cwt_reads_what_we_sign() -> None:
    public = cwt.COSEKey.new({1: 2, 2: SIGNER.kid, 3: -7, -1: 1, **coordinates(SIGNER.public)})

    claims = cwt.decode(SIGNER.signed(cbor.encode({4: 4_000_000_000, 1: "fair"})), public)

    assert claims == {1: "fair", 4: 4_000_000_000}


def test_we_read_what_cwt_signs() -> None:
    d = {-4: (9).to_bytes(32, "big")}
    public = ec.derive_private_key(9, ec.SECP256R1()).public_key()
    private = cwt.COSEKey.new({1: 2, 2: b"12345678", 3: -7, -1: 1, **coordinates(public), **d})

    signed = cose.read(cwt.encode({1: "fair", 4: 4_000_000_000}, private), longest=512)

    assert cose.right(signed, public)
    said = cbor.decode(signed.payload, longest=512, ordered=False)
    assert isinstance(said, dict) and (said[1], said[4]) == ("fair", 4_000_000_000)


@pytest.mark.parametrize(
    "parts",
    [
        [b"\xa1\x01\x26", {}, b""],
        [b"\xa1\x01\x26", {}, b"", bytes(64), b""],
        [{}, {}, b"", bytes(64)],
        [b"\xa1\x01\x26", b"", b"", bytes(64)],
        [b"\xa1\x01\x26", {}, "", bytes(64)],
        [b"\xa1\x01\x26", {}, b"", bytes(63)],
        [b"\xa1\x01\x26", {}, b"", bytes(65)],
        [b"\x80", {}, b"", bytes(64)],
        [b"", {}, b"", bytes(64)],
        {1: 2},
    ],
)
def test_other_shapes_are_no_sign1(parts: Any) -> None:
    with pytest.raises(Malformed):
        cose.read(b"\xd2" + cbor.encode(parts), longest=512)


def test_signatures_are_those_of_rfc_6979() -> None:
    # Appendix A.2.5, P-256 with SHA-256.
    key = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())

    assert cose.signature(key, b"sample").hex() == (
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    )


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, bytes(63), bytes(32) + b"\x01" * 32])
def test_numbers_that_are_no_signature_are_wrong_and_break_nothing(signature: bytes) -> None:
    assert not cose.signature_right(signature, SIGNER.public, b"said")


def pycose_key(public: ec.EllipticCurvePublicKey, d: bytes = b"") -> EC2Key:
    told = coordinates(public)
    return EC2Key(crv="P_256", x=told[-2], y=told[-3], d=d)


def coordinates(public: ec.EllipticCurvePublicKey) -> dict[int, bytes]:
    point = public.public_numbers()
    return {-2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}

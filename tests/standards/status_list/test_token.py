# SPDX-License-Identifier: Apache-2.0
"""A signed status list: as small as it must be, and refused with a reason."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourleaf.standards import cbor, cose, cwt
from fourleaf.standards.cbor import Map
from fourleaf.standards.keyring import SigningKey
from fourleaf.standards.status_list import read, sign
from fourleaf.standards.status_list.bits import MOST, packed, unpacked
from fourleaf.standards.status_list.token import MEDIA_TYPE
from tests.standards.published import PUBLISHED, key
from tests.standards.status_list.lists import KEY, NOW, RING, URI, listed

CLAIMS: Map = {2: URI, 6: 1_793_869_200, 65533: packed(b"\x05"), -65538: [3, 8]}


def test_the_example_of_the_draft_is_right_and_says_its_list() -> None:
    signed = cose.read(bytes.fromhex(PUBLISHED["status_list"]["token"]), longest=512)

    said = cwt.claims(signed.payload, longest=512, ordered=False)

    assert cose.right(signed, key("status_list"))
    assert signed.header == {1: -7, 16: MEDIA_TYPE}
    assert unpacked(said[65533]).hex() == "b9a3"


def test_a_list_that_another_signed_is_none_of_ours() -> None:
    assert read(bytes.fromhex(PUBLISHED["status_list"]["token"]), RING, NOW, uri=URI) == "bad-code"


@given(st.integers(0, 300), st.data())
@settings(max_examples=25)
def test_a_list_survives_its_signing(size: int, data: st.DataObject) -> None:
    held = listed(7, size, data.draw(st.sets(st.integers(0, size - 1)) if size else st.just(set())))

    assert read(sign(held, KEY), RING, NOW, uri=URI) == held


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_700_000_indexes_take_100_kb_at_most(share: float) -> None:
    chance = random.Random(4)
    held = listed(1, 700_000, (index for index in range(700_000) if chance.random() < share))

    message = sign(held, KEY)

    assert len(message) <= (88_000 if share == 0.5 else 10_000) + 250
    assert read(message, RING, NOW, uri=URI) == held


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({**CLAIMS, 2: "another"}, "other-list"),
        ({**CLAIMS, 4: 1_793_869_200}, "expired"),
        ({**CLAIMS, 2: 1}, "bad-code"),
        ({**CLAIMS, 6: -1}, "bad-code"),
        ({**CLAIMS, 6: 1 << 40}, "bad-code"),
        ({**CLAIMS, -65538: [3, 9]}, "bad-code"),
        ({**CLAIMS, -65538: [3, 0]}, "bad-code"),
        ({**CLAIMS, -65538: [3, 2]}, "bad-code"),
        ({**CLAIMS, -65538: [3, MOST + 1]}, "bad-code"),
        ({**CLAIMS, -65538: [3, True]}, "bad-code"),
        ({**CLAIMS, -65538: [3]}, "bad-code"),
        ({**CLAIMS, -65538: [-1, 8]}, "bad-code"),
        ({**CLAIMS, 65533: packed(bytes(9_000_000))}, "bad-code"),
        ({2: URI, 6: 1, -65538: [3, 8]}, "bad-code"),
        ({}, "bad-code"),
    ],
)
def test_a_list_that_says_something_odd_is_refused(claims: Map, code: str) -> None:
    assert read(KEY.signed(cbor.encode(claims), kind=MEDIA_TYPE), RING, NOW, uri=URI) == code


def test_keys_and_kinds_are_looked_at() -> None:
    held = listed(1, 8, [1])

    assert read(sign(held, SigningKey(bytes(40))), RING, NOW, uri=URI) == "unknown-key"
    assert read(sign(held, KEY), RING, NOW + timedelta(days=2), uri=URI) == "key-expired"
    assert read(KEY.signed(cbor.encode(CLAIMS)), RING, NOW, uri=URI) == "bad-code"


def test_no_bit_of_a_list_can_be_turned() -> None:
    message = sign(listed(1, 16, [3]), KEY)

    for at in range(8 * len(message)):
        turned = bytearray(message)
        turned[at // 8] ^= 1 << at % 8
        assert read(bytes(turned), RING, NOW, uri=URI) in ("bad-code", "unknown-key", "bad-signature")


@pytest.mark.parametrize("version", [-1, 1 << 32])
def test_a_version_out_of_bounds_is_not_signed(version: int) -> None:
    with pytest.raises(ValueError):
        sign(listed(version, 8, []), KEY)

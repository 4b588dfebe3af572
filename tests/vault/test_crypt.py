# SPDX-License-Identifier: Apache-2.0
"""What is sealed shows nothing, opens only whole, only under its key and only in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.vault import crypt
from fourleaf.vault.crypt import Tampered

KEY = bytes(range(32))
PLACE = ("ciie-7", "p1", "name")
VALUES = st.one_of(st.text(max_size=80), st.binary(max_size=80))


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: str | bytes) -> None:
    sealed = crypt.seal(KEY, crypt.packed(value), PLACE)

    assert crypt.unpacked(crypt.unseal(KEY, sealed, PLACE)) == value


@given(st.binary(min_size=4, max_size=80))
def test_a_sealed_value_does_not_hold_the_plain_one_and_no_two_are_equal(value: bytes) -> None:
    first, second = crypt.seal(KEY, value, PLACE), crypt.seal(KEY, value, PLACE)

    assert value not in first
    assert first != second


@given(st.binary(max_size=40), st.data())
def test_any_changed_bit_is_found(value: bytes, data: st.DataObject) -> None:
    sealed = bytearray(crypt.seal(KEY, value, PLACE))

    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(Tampered):
        crypt.unseal(KEY, bytes(sealed), PLACE)


@given(st.binary(max_size=60))
def test_anything_else_is_no_sealed_value(noise: bytes) -> None:
    with pytest.raises(Tampered):
        crypt.unseal(KEY, noise, PLACE)


@pytest.mark.parametrize("place", [("ciie-7.r1", "p1", "name"), ("ciie-7", "p1", "note"), ("ciie-7", "p1n", "ame")])
def test_another_place_does_not_open(place: tuple[str, ...]) -> None:
    with pytest.raises(Tampered):
        crypt.unseal(KEY, crypt.seal(KEY, b"x", PLACE), place)


def test_keys_of_different_purposes_differ() -> None:
    made = {crypt.derived(KEY, "file"), crypt.derived(KEY, "blind index", "r", "phone"), crypt.derived(KEY, "x", "y")}

    assert len(made | {KEY}) == 4

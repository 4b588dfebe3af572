# SPDX-License-Identifier: Apache-2.0
"""The bits of a status list: the draft's vectors, and streams that would not end."""

import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.standards import cbor
from fourleaf.standards.cbor import Malformed, Value
from fourleaf.standards.status_list import made
from fourleaf.standards.status_list.bits import MOST, packed, unpacked
from tests.standards.published import PUBLISHED

NOW = datetime(2026, 11, 5, tzinfo=UTC)


@pytest.mark.parametrize(("name", "size"), [("short", 16), ("long", 1 << 20)])
def test_the_vectors_of_the_draft_set_their_indexes(name: str, size: int) -> None:
    said = cbor.decode(bytes.fromhex(PUBLISHED["status_list"][name]), longest=512, ordered=False)
    ours = made("list", 1, size, PUBLISHED["status_list"][f"{name}_set"], NOW)

    assert unpacked(said) == ours.bits


@given(st.binary(max_size=2000))
def test_bits_survive(bits: bytes) -> None:
    assert unpacked(packed(bits), len(bits)) == bits


@given(st.sets(st.integers(0, 999)))
def test_an_index_is_invalid_if_it_was_named_and_unknown_beyond_the_list(named: set[int]) -> None:
    held = made("list", 1, 1000, named, NOW)

    assert {index for index in range(1000) if held.invalid(index)} == named
    assert [held.invalid(index) for index in (-1, 1000, 1 << 40)] == [None, None, None]


@pytest.mark.parametrize(("size", "named"), [(8, [8]), (8, [-1]), (MOST + 1, []), (-1, [])])
def test_a_list_is_not_made_for_indexes_that_it_does_not_tell_of(size: int, named: list[int]) -> None:
    with pytest.raises(ValueError):
        made("list", 1, size, named, NOW)


def test_a_stream_that_unpacks_to_more_than_agreed_is_left_alone() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)

    with pytest.raises(Malformed, match="too long"):
        unpacked({"bits": 1, "lst": bomb}, 1000)


@pytest.mark.parametrize(
    "said",
    [
        0,
        {},
        {"bits": 1},
        {"bits": 2, "lst": zlib.compress(b"1")},
        {"bits": True, "lst": zlib.compress(b"1")},
        {"bits": 1, "lst": "text"},
        {"bits": 1, "lst": b""},
        {"bits": 1, "lst": b"1"},
        {"bits": 1, "lst": zlib.compress(b"1")[:-1]},
        {"bits": 1, "lst": zlib.compress(b"1") + b"1"},
        {"bits": 1, "lst": zlib.compress(b"1")[2:-4]},
    ],
)
def test_what_is_no_list_of_one_bit_is_refused(said: Value) -> None:
    with pytest.raises(Malformed):
        unpacked(said)

# SPDX-License-Identifier: Apache-2.0
"""CBOR: the deterministic part of it reads and writes as the library cbor2 does; all the rest is refused."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.standards import cbor
from fourleaf.standards.cbor import Malformed, Value

NUMBERS = st.integers(-(2**64), 2**64 - 1)
KEYS = st.one_of(NUMBERS, st.text(max_size=30))
PLAIN: st.SearchStrategy[Value] = st.one_of(NUMBERS, st.booleans(), st.binary(max_size=300), st.text(max_size=300))


def nested(depth: int) -> st.SearchStrategy[Value]:
    if depth == 0:
        return PLAIN
    inner = nested(depth - 1)
    return st.one_of(PLAIN, st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=5))


@given(nested(4))
def test_values_survive(value: Value) -> None:
    assert cbor.decode(cbor.encode(value), longest=1 << 20) == value


@given(nested(3))
def test_another_library_reads_what_we_write_and_writes_the_same_numbers_and_texts(value: Value) -> None:
    assert cbor2.loads(cbor.encode(value)) == value


@given(nested(4))
def test_we_read_what_another_library_writes(value: Value) -> None:
    # Its canonical order is the older one, by length first (RFC 7049): so order is not asked for.
    assert cbor.decode(cbor2.dumps(value), longest=1 << 20, ordered=False) == value


@given(st.binary(max_size=60))
def test_whatever_is_read_has_this_one_form(raw: bytes) -> None:
    try:
        value = cbor.decode(raw, longest=60)
    except Malformed:
        return

    assert cbor.encode(value) == raw


@pytest.mark.parametrize(
    ("hexadecimal", "why"),
    [
        ("", "cut off"),
        ("0000", "something follows"),
        ("1817", "23 in two bytes"),
        ("1900ff", "255 in three bytes"),
        ("1a0000ffff", "65535 in five bytes"),
        ("1b00000000ffffffff", "32 bits in nine bytes"),
        ("5801", "cut off"),
        ("580161", "a length in two bytes that one would hold"),
        ("5f4161ff", "bytes of no length"),
        ("7f6161ff", "text of no length"),
        ("9fff", "an array of no length"),
        ("bfff", "a map of no length"),
        ("1c", "a reserved length"),
        ("ff", "the end of nothing"),
        ("f6", "null"),
        ("f7", "undefined"),
        ("f814", "true in two bytes"),
        ("f93c00", "half a float"),
        ("fa3f800000", "a float"),
        ("fb3ff0000000000000", "a double"),
        ("c100", "a tag"),
        ("d9d9f700", "the tag of CBOR itself"),
        ("d81c80d81d00", "shared values"),
        ("c249010000000000000000", "a big number"),
        ("a201000100", "a key twice"),
        ("a202000100", "keys out of order"),
        ("a1f500", "a truth as key"),
        ("a1410100", "bytes as key"),
        ("a1800000", "an array as key"),
        ("a101", "a map cut off"),
        ("61ff", "no UTF-8"),
        ("8181818181", "cut off in the depth"),
        ("818181818100", "too deep"),
        ("9b7fffffffffffffff", "an array of many"),
        ("bb7fffffffffffffff", "a map of many"),
        ("5b7fffffffffffffff", "bytes of many"),
        ("7b7fffffffffffffff", "text of many"),
    ],
)
def test_other_forms_are_refused(hexadecimal: str, why: str) -> None:
    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex(hexadecimal), longest=64)


def test_more_than_agreed_is_not_looked_at() -> None:
    with pytest.raises(Malformed, match="too long"):
        cbor.decode(b"\x81" * 100_000, longest=512)


def test_nesting_ends_at_its_depth_and_not_at_the_end_of_the_stack() -> None:
    with pytest.raises(Malformed, match="too deep"):
        cbor.decode(b"\x81" * 100_000, longest=200_000)


def test_keys_of_others_standards_may_stand_in_their_order_but_once() -> None:
    assert cbor.decode(bytes.fromhex("a202000100"), longest=9, ordered=False) == {2: 0, 1: 0}

    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex("a201000100"), longest=9, ordered=False)

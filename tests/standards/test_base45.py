# SPDX-License-Identifier: Apache-2.0
"""Base45: as RFC 9285 has it, and no text for which it has no bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.standards import base45

# RFC 9285, sections 4.3 and 4.4.
EXAMPLES = [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0"), ("", "")]


@pytest.mark.parametrize(("plain", "said"), EXAMPLES)
def test_the_examples_of_the_rfc_come_out_both_ways(plain: str, said: str) -> None:
    assert base45.encode(plain.encode()) == said
    assert base45.decode(said) == plain.encode()


@given(st.binary(max_size=600))
def test_bytes_survive(raw: bytes) -> None:
    assert base45.decode(base45.encode(raw)) == raw


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=40))
def test_what_decodes_is_what_was_written(text: str) -> None:
    try:
        raw = base45.decode(text)
    except ValueError:
        return

    assert base45.encode(raw) == text


@pytest.mark.parametrize(
    "text",
    ["A", "BB8A", ":::", "GGW", "::", "5U", "bb8", "BB8\n", "BB,", "ＢＢ8", "BB\u0668"],
    ids=[
        "one sign",
        "a sign too many",
        "most of all",
        "65536",
        "two too much",
        "256",
        "small",
        "line",
        "other",
        "wide",
        "digit",
    ],
)
def test_what_stands_for_no_bytes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        base45.decode(text)

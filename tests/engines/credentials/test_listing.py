# SPDX-License-Identifier: Apache-2.0
"""Credentials: which text is the mark of a page."""

import pytest

from fourleaf.engines.credentials import store


@pytest.mark.parametrize("text", ["2024-11-05T01:00:00+00:00~c1", "2024-11-05T01:00:00.25+08:00~c-1", "infinity~c1"])
def test_what_a_page_gives_as_its_next_is_taken_back(text: str) -> None:
    assert store.is_cursor(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c1",
        "~c1",
        "1~c1",
        "infinity~",
        "2024-11-05T01:00:00~c1",
        "2024-99-05T01:00:00+00:00~c1",
        "infinity~a b",
        "é\x18",
    ],
)
def test_what_no_page_gives_never_reaches_the_database(text: str) -> None:
    """The fuzz test found one that did, and was answered 500."""
    assert not store.is_cursor(text)

# SPDX-License-Identifier: Apache-2.0
"""Sentences by key, and which language a page speaks."""

from pathlib import Path

import pytest

from fourleaf.ui import MESSAGES, words
from fourleaf.ui.format import Lang
from fourleaf.ui.pages import Page, pick_language


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "lang"),
    [
        ("en", "zh", "zh", "en"),
        (None, "en", "zh-CN,zh", "en"),
        (None, None, "fr;q=1, en-GB;q=0.8, zh;q=0.5", "en"),
        (None, None, "zh-CN", "zh"),
        ("fr", "de", "ja", "zh"),
        (None, None, "", "zh"),
    ],
)
def test_the_query_decides_then_the_cookie_then_the_browser(
    asked: str | None, kept: str | None, accepted: str, lang: Lang
) -> None:
    assert pick_language(asked, kept, accepted) == lang


def test_a_missing_sentence_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(KeyError):
        words.read("zh", MESSAGES)("no.such.key")


def test_places_in_a_sentence_are_filled() -> None:
    assert words.read("en", MESSAGES)("runs.speed_reached", speed="58") == "reached 58"


def test_a_key_may_not_be_defined_twice(tmp_path: Path) -> None:
    (tmp_path / "zh.toml").write_text('[status]\ncalm = "又一个"\n', "utf-8")

    with pytest.raises(ValueError, match=r"status\.calm"):
        words.read("zh", MESSAGES, tmp_path)


def test_the_language_switch_keeps_the_place() -> None:
    page = Page(lang="zh", chosen=False, path="/r/x/wall", query={"level": "L2", "lang": "zh"}, nonce="")

    assert page.in_language("en") == "/r/x/wall?level=L2&lang=en"


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "/\\/evil.example/x", "///evil.example/x"])
def test_the_language_switch_leads_to_no_other_host(path: str) -> None:
    page = Page(lang="zh", chosen=False, path=path, query={}, nonce="n")

    assert page.in_language("en") == "/evil.example/x?lang=en"

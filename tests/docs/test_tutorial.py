# SPDX-License-Identifier: Apache-2.0
"""The tutorial quotes what stands on the pages: a word that a page no longer has does not stand in it either."""

import re
import tomllib
from collections.abc import Iterator

from tests.docs.source import Source
from tests.docs.test_messages import sentences

PACK = "editions/ciie-7/groups"


def said(source: Source) -> Iterator[tuple[str, str]]:
    """Everything that a page may say, in Chinese and in English: messages, and names of registers and of their acts."""
    for folder in source.messages().values():
        zh, en = (sentences(folder / f"{lang}.toml") for lang in ("zh", "en"))
        yield from ((zh[key], en[key]) for key in zh)
    for path in (source.root / PACK).glob("*/registers/*.toml"):
        declared = tomllib.loads(path.read_text("utf-8"))
        yield from ((one["name"]["zh"], one["name"]["en"]) for one in (declared, *declared.get("act", ())))


def tutorial(source: Source) -> str:
    return re.sub(r"```.*?```", "", source.text("docs/tutorial.md"), flags=re.DOTALL)


def plain(text: str) -> str:
    """A sentence without its blanks and numbers, which are filled by the day."""
    return re.sub(r"{[^}]*}|\d+|\s+", "", text).casefold().rstrip("?？")


def test_what_is_pressed_is_called_so_in_both_languages(source: Source) -> None:
    pairs = {(plain(zh), plain(en)) for zh, en in said(source)}
    quoted = re.findall(r"\*\*([A-Za-z][A-Za-z ]*) ([\u4e00-\u9fff]+)\*\*", tutorial(source))

    assert len(quoted) >= 9
    assert [(en, zh) for en, zh in quoted if (plain(zh), plain(en)) not in pairs] == []


def test_every_chinese_word_of_the_tutorial_stands_on_a_page(source: Source) -> None:
    known = " ".join(plain(zh) for zh, _ in said(source))
    words = re.findall(r"[\u4e00-\u9fff][\u4e00-\u9fff\d 、，]*", tutorial(source))

    assert [word for word in words if plain(word) not in known] == []


def test_every_line_quoted_in_the_tutorial_stands_on_a_page(source: Source) -> None:
    known = {plain(en) for _, en in said(source)}
    lines = re.findall(r"`(\d+ of [^`]+)`", tutorial(source))

    assert lines
    assert [line for line in lines if plain(line) not in known] == []

# SPDX-License-Identifier: Apache-2.0
"""The glossary: one word for one thing, and every word with a source that exists."""

import re
from collections import Counter

from tests.docs.source import Source

SOURCES = {"this project", "office usage", "event sourcing", "functional programming"}


def rows(source: Source) -> list[list[str]]:
    """Shape: zh, en, code words, meaning, source."""
    lines = [line for line in source.text("docs/glossary.md").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] != "zh"]


def test_every_word_has_chinese_english_a_code_word_and_a_source(source: Source) -> None:
    assert [row for row in rows(source) if len(row) != 5 or not (row[0] and row[1] and "`" in row[2] and row[4])] == []


def test_a_code_word_means_one_thing(source: Source) -> None:
    words = Counter(word for row in rows(source) for word in re.findall(r"`(\w+)`", row[2]))

    assert [word for word, count in words.items() if count > 1] == []


def test_sources_are_known(source: Source) -> None:
    known = set(source.toml("docs/requirements.toml")["requirements"]) | SOURCES

    named = {part.strip() for row in rows(source) for part in row[4].split(",")}

    assert named - known == set()

# SPDX-License-Identifier: Apache-2.0
"""Units: a figure counts in a unit that the words of the pack list, and nothing that is counted is below 0."""

import tomllib
from pathlib import Path

import pytest

from fourleaf.pack import check
from tests.conftest import CIIE
from tests.pack.small_pack import Pack

FILE = "history/fair-0.toml"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "fair-1")


def told(pack: Pack) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.code) for one in check(pack.root, {}).problems]


def test_an_unknown_unit_is_told_with_those_that_there_are_and_a_guess(pack: Pack) -> None:
    pack.swap(FILE, "person-time", "persontime")

    (found,) = check(pack.root, {}).problems

    assert (found.line, found.en) == (4, "There is no unit 'persontime'. There are: %, person-time.")
    assert found.mend_en.startswith("Did you mean 'person-time'?")
    assert found.zh == "没有单位“persontime”。已有：%, person-time。"


def test_a_unit_with_a_word_in_one_language_lacks_the_other(pack: Pack) -> None:
    pack.swap(FILE, "person-time", "lion")
    pack.swap("words/zh.toml", "[unit]", '[unit]\nlion = "头狮子"')

    assert told(pack) == [("words/zh.toml", 5, "pack.untranslated")]


def test_words_that_cannot_be_read_bring_no_line_about_units(pack: Pack) -> None:
    pack.write("words/zh.toml", "a =")
    pack.write("words/en.toml", "a =")

    assert {code for _, _, code in told(pack)} == {"toml.syntax"}


@pytest.mark.parametrize("value", ["-21", "-0.5", '"-2.0"'])
def test_what_is_counted_is_never_below_zero(pack: Pack, value: str) -> None:
    pack.swap(FILE, "1.5", value)

    assert told(pack) == [(FILE, 3, "history.below-zero")]


def test_a_share_may_fall_below_zero(pack: Pack) -> None:
    pack.swap(FILE, "1.5", '"-2.6"')
    pack.swap(FILE, "person-time", "%")

    assert told(pack) == []


def test_the_shipped_edition_lists_no_unit_that_nothing_is_counted_in() -> None:
    listed = tomllib.loads((CIIE / "words/en.toml").read_text("utf-8"))["unit"]
    figures = [one for file in CIIE.glob("history/*.toml") for one in tomllib.loads(file.read_text("utf-8"))["figure"]]

    assert set(listed) == {one["unit"] for one in figures}

# SPDX-License-Identifier: Apache-2.0
"""Reasons: what a parser says in its own English never reaches a reader of Chinese."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from fourleaf.engines.sensing.declares import DECLARES
from fourleaf.pack import check
from fourleaf.pack.reasons import of_csv, of_file, of_json, of_toml, of_type
from tests.pack.small_pack import Pack
from tests.pack.test_feeds import FEED

# Words of English prose; code words of the pack are in quotes, or names of files and formats.
PROSE = re.compile(
    r"\b(expected|got|invalid|object|missing|unknown|character|line|column|value|at|of|the|is|no|not)\b", re.I
)


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "fair-1")


@pytest.mark.parametrize(
    "text",
    [
        "a = ",
        "a = 'x",
        "a = [1",
        "a = {b = 1",
        "a 1",
        "a = 1 2",
        "[a\n",
        "[[a]\n",
        "[a]\n[a]",
        "a = 1\na = 2",
        "a = {b = 1}\n[a.c]",
        "a = 2024-13-45",
        "a = 25:61:61",
        'a = "\\q"',
        'a = "\\ud800"',
        "a = x",
        "= 1",
        "a = 'x\x01'",
        "a = {b = 1, b = 2}",
        "a = " + "9" * 9_999,
        "]",
        "a = 1\r2",
    ],
)
def test_broken_toml_is_told_in_plain_words_of_both_languages(text: str) -> None:
    with pytest.raises(ValueError) as error:
        tomllib.loads(text)
    raw = re.sub(r" \(at .*\)$", "", str(error.value))

    why = of_toml(raw)

    assert_plain(why["why_zh"])
    assert why["why_en"] != raw


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    count: int | None = None
    kind: str = ""


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        (
            {"count": "x"},
            "“count”应为整数或空，而非文字",
            "at 'count', it should be a whole number or nothing, not text",
        ),
        ({"kind": 1}, "“kind”应为文字，而非整数", "at 'kind', it should be text, not a whole number"),
        ({"other": 1}, "不认识“other”", "'other' is not known"),
        ([], "应为表，而非列表", "it should be a table, not a list"),
    ],
)
def test_a_value_of_another_type_is_told_with_its_key(said: object, zh: str, en: str) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(said, Inner)

    assert of_type(str(error.value)) == {"why_zh": zh, "why_en": en}


@pytest.mark.parametrize("of", [of_toml, of_json, of_csv, of_type])
def test_what_no_rule_knows_is_general_in_chinese(of: Callable[[str], dict[str, str]]) -> None:
    why = of("a sentence of a parser to come")

    assert_plain(why["why_zh"])
    assert why["why_en"] == "a sentence of a parser to come"


def test_a_file_that_cannot_be_opened_has_a_reason() -> None:
    for error in (
        PermissionError(13, "Permission denied"),
        OSError(99, "Odd"),
        RuntimeError("loop"),
        ValueError("null"),
    ):
        assert_plain(of_file(error)["why_zh"])


def test_nothing_a_reader_of_chinese_sees_is_the_english_of_a_parser(pack: Pack) -> None:
    pack.write("groups/site/feeds/metro.toml", FEED.replace("interval_s = 300", 'interval_s = "x"'))
    pack.write("groups/site/feeds/lot.toml", FEED.replace('way = "push"', 'way = "by pigeon"'))
    pack.write("history/a.toml", "a = ")
    pack.write("exhibitors.csv", 'id,name_zh,name_en\nX1,"甲"x,A\n')
    pack.swap("venue/gate.geojson", "}},\n", "}}\n")
    pack.swap("venue/door.geojson", "[121.0", "[121.0,,")
    (pack.root / "history/loop.toml").symlink_to("loop.toml")

    told = check(pack.root, DECLARES).problems

    by_file = {one.file: one.zh for one in told}
    assert by_file["groups/site/feeds/metro.toml"] == "数据接入“metro”的声明不符：“interval_s”应为整数，而非文字。"
    assert len(by_file) >= 7
    for one in told:
        assert_plain(one.zh)


def assert_plain(zh: str) -> None:
    assert re.search("[\u4e00-\u9fff]", zh)
    assert not PROSE.search(re.sub("“[^”]*”", "", zh)), zh

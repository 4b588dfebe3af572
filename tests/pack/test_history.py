# SPDX-License-Identifier: Apache-2.0
"""The published figures: how many each requirement has, and that each number can be read in its quote."""

import re
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

HISTORY = Path(__file__).parents[2] / "editions" / "ciie-7" / "history"
SCALES = {"": 1, "万": 10_000, "亿": 100_000_000}
WORDS = {"零": 0, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "十": 10, "百": 100}
NUMERAL = re.compile(r"(\d+(?:\.\d+)?)\s*[多余]?(万|亿)?")
BOUNDS = {"近": "nearly", "超": "over", "超过": "over", "逾": "over", "约": "about"}
BOUNDED = re.compile(r"(近|超过?|逾|(?<!签)约)(\d+(?:\.\d+)?)\s*[多余]?(万|亿)?|(\d+(?:\.\d+)?)\s*[多余](万|亿)?")

# Requirement -> how many figures the articles give for it; a figure of two articles counts twice.
PUBLISHED = """
A02:2 A03:1 A04:1 A05:1 A06:1 A09:1 A10:1 A11:1 A12:1 A13:1 A15:2 A16:1 A21:3 A23:1
B01:2 B02:2 B03:2 B04:1 B05:1 B06:2 B07:1 B08:2 B09:1 B10:1 B11:1 B12:1 B13:2 B14:2 B15:1 B17:1 B18:2 B20:4 B21:1
B22:1 B23:1 B24:1 B25:2 C01:1 C02:2 C07:1 C09:2 C11:2 D05:1 D06:2 D09:1 D10:2 D15:1 D20:1 D27:1 D28:3
E02:1 E03:1 E04:1 E06:1 E07:1 E08:2 E09:1 E10:3 E14:1 E15:2 E17:1 F01:2 F06:1 F11:1 F12:2 F14:1 F16:1
G03:1 G04:1 G05:1 G07:3 G08:1 G11:1 H01:3 H02:2 H03:1 H04:2 H05:1 H06:1 I01:1 I02:1 I03:1 I05:2 I06:2 I07:1
J02:1 J03:1 J04:2 J05:1 J06:1 J11:1 J12:1 J13:1 J14:1 J15:1 J17:1 J18:1 J21:1 J22:3 J23:2 J26:1 J27:1 J29:1 J30:1
J31:1 J33:1 J35:1 J40:1 J45:1 J46:1 K01:2 K02:2 K03:2 K04:1 K08:3 K09:1 K10:4 K12:2 K13:5 K14:1 K15:2 K16:2 K17:2
K18:2 K19:1 K22:2 K24:2 K25:3 K26:1 K27:2 K28:2 K30:2 K31:4 K32:1 K33:1 K34:2 K35:1 K39:2 K40:2
L01:3 L02:1 L07:1 L09:2 L10:2 L11:1 L13:1 M01:1 M02:1 N08:1 O08:1 P01:6
"""
FIGURES: list[dict[str, Any]] = [
    figure for file in sorted(HISTORY.glob("*.toml")) for figure in tomllib.loads(file.read_text("utf-8"))["figure"]
]


def test_each_requirement_has_its_published_figures() -> None:
    wanted = {row: int(count) for row, count in (pair.split(":") for pair in PUBLISHED.split())}

    assert Counter(figure["row"] for figure in FIGURES) == wanted
    assert len(FIGURES) == sum(wanted.values()) == 231


def test_a_number_stands_in_its_quote_or_a_note_says_why_not() -> None:
    astray = [one["key"] for one in FIGURES if "note" not in one and _size(one) not in _numbers(one["quote"])]

    assert astray == []


def test_a_number_quoted_with_a_bound_word_is_never_exact() -> None:
    for figure in FIGURES:
        for number, bound in _bounds(figure.get("quote", "")):
            if number == _size(figure):
                assert figure["bound"] == bound, figure["key"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("超过43万", [(Decimal(430_000), "over")]),
        ("近3000批次货值逾10亿美元", [(Decimal(3000), "nearly"), (Decimal(10**9), "over")]),
        ("3700余名", [(Decimal(3700), "over")]),
        ("85.2万人次", []),
    ],
)
def test_bound_words_are_read_with_their_number(text: str, found: list[tuple[Decimal, str]]) -> None:
    assert _bounds(text) == found


def _size(figure: dict[str, Any]) -> Decimal:
    """Without its sign: a quote says `down 5.1 %`."""
    return abs(Decimal(str(figure["value"])))


def _numbers(quote: str) -> set[Decimal]:
    digits = {Decimal(number) * SCALES[scale] for number, scale in NUMERAL.findall(quote)}
    return digits | {Decimal(WORDS[sign]) for sign in quote if sign in WORDS}


def _bounds(quote: str) -> list[tuple[Decimal, str]]:
    return [
        (Decimal(before or after) * SCALES[scale or other], BOUNDS.get(word, "over"))
        for word, before, scale, after, other in BOUNDED.findall(quote)
    ]

# SPDX-License-Identifier: Apache-2.0
"""Numbers, bound words and moments in both languages."""

from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.kernel.figure import Bound
from fourleaf.ui import format
from fourleaf.ui.format import LANGS, Lang
from tests.ui.cases import BOUNDED, DATES, MOMENTS, NUMBERS, SHORT

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(("value", "digits", "text"), NUMBERS)
def test_numbers_have_thousands_separators_in_both_languages(value: float, digits: int, text: str) -> None:
    assert format.number(value, digits=digits) == text


@pytest.mark.parametrize(("value", "zh", "en"), SHORT)
def test_large_numbers_are_short_in_chinese_and_whole_in_english(value: float, zh: str, en: str) -> None:
    assert (format.short(value, "zh"), format.short(value, "en")) == (zh, en)


@pytest.mark.parametrize(("bound", "zh", "en"), BOUNDED)
def test_a_published_number_carries_its_bound_word(bound: str | None, zh: str, en: str) -> None:
    assert (format.bounded("41", bound, "zh"), format.bounded("41", bound, "en")) == (zh, en)


def test_every_bound_a_figure_may_have_has_a_word_of_its_own_in_both_languages() -> None:
    bounds = set(get_args(Bound)) | set(format.BOUNDS)

    printed = {lang: {format.bounded("41", bound, lang) for bound in bounds} for lang in LANGS}

    assert all(len(printed[lang]) == len(bounds) for lang in LANGS)
    assert {bound for bound, _, _ in BOUNDED if bound} == bounds


def test_a_bound_without_a_word_is_not_printed_as_an_exact_number() -> None:
    with pytest.raises(KeyError):
        format.bounded("41", "circa", "en")


@pytest.mark.parametrize(("iso", "zh", "en"), DATES)
def test_a_day_of_another_year_carries_its_year(iso: str, zh: str, en: str) -> None:
    moment = datetime.fromisoformat(iso)

    assert (format.dated(moment, "zh", SHANGHAI), format.dated(moment, "en", SHANGHAI)) == (zh, en)


@pytest.mark.parametrize(("iso", "zh", "en"), MOMENTS)
def test_moments_stand_in_the_zone_of_the_edition(iso: str, zh: str, en: str) -> None:
    moment = datetime.fromisoformat(iso)

    assert (format.moment(moment, "zh", SHANGHAI), format.moment(moment, "en", SHANGHAI)) == (zh, en)


def test_weekday_follows_the_zone() -> None:
    late = datetime(2024, 11, 4, 17, 30, tzinfo=UTC)

    assert (format.weekday(late, "zh", SHANGHAI), format.weekday(late, "en", SHANGHAI)) == ("周二", "Tue")


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_number_can_be_read_back(value: int) -> None:
    assert int(format.number(value).replace(",", "").replace(format.MINUS, "-")) == value


@given(st.sampled_from(LANGS), st.integers(min_value=0, max_value=10**11))
def test_a_short_number_is_off_by_less_than_one_percent(lang: Lang, value: int) -> None:
    text = format.short(value, lang)
    unit = {"万": 10**4, "亿": 10**8}.get(text[-1], 1)

    read = float(text.rstrip("万亿").replace(",", "")) * unit

    assert abs(read - value) <= 0.01 * value

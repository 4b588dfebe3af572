# SPDX-License-Identifier: Apache-2.0
"""What a body may hold: text that can be kept, moments an edition can know, and nothing else."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.ui.sent import FURTHEST_ZONE, YEARS, Sent, moment

zones = st.timedeltas(-FURTHEST_ZONE, FURTHEST_ZONE).map(
    lambda at: timezone(timedelta(minutes=at // timedelta(minutes=1)))
)

# Hypothesis adds the zone.
FIRST, LAST = datetime(YEARS[0], 1, 1), datetime(YEARS[-1], 12, 31)  # noqa: DTZ001


class Part(Sent, frozen=True, kw_only=True):
    text: str


class Whole(Sent, frozen=True, kw_only=True):
    text: str = ""
    at: datetime | None = None
    parts: tuple[Part, ...] = ()
    values: dict[str, Any] | None = None


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_any_text_of_whole_printable_characters_is_taken(text: str) -> None:
    body = msgspec.json.encode({"text": text, "parts": [{"text": text}], "values": {text: [text]}})

    assert msgspec.json.decode(body, type=Whole).text == text


@pytest.mark.parametrize("text", ["\x00", "a\x07", "\x7f", "\x9f", "a\n", "a\r", "a\u202eb", "\u2067a"])
@pytest.mark.parametrize("place", ["text", "parts", "values", "keys"])
def test_text_that_cannot_be_printed_is_refused_wherever_it_stands(text: str, place: str) -> None:
    whole = {
        "text": {"text": text},
        "parts": {"parts": [{"text": text}]},
        "values": {"values": {"a": [{"b": text}]}},
        "keys": {"values": {text: 1}},
    }[place]

    with pytest.raises(msgspec.ValidationError, match="cannot be printed"):
        msgspec.convert(whole, Whole)


@given(st.datetimes(FIRST, LAST, timezones=zones))
def test_a_moment_of_our_time_is_taken_and_every_zone_can_show_it(at: datetime) -> None:
    assert moment(at) == at
    assert at.astimezone(UTC).year in range(YEARS[0] - 1, YEARS[-1] + 2)


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(2024, 11, 5, tzinfo=timezone(timedelta(hours=15))),
        datetime(2024, 11, 5),  # noqa: DTZ001
    ],
)
def test_a_moment_no_clock_shows_is_refused(at: datetime) -> None:
    with pytest.raises(msgspec.ValidationError, match="no moment"):
        msgspec.convert({"at": at}, Whole)


def test_a_field_nobody_asked_for_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"text": "a", "labels": []}, Whole)

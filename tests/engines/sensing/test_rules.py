# SPDX-License-Identifier: Apache-2.0
"""Sensing: levels with hysteresis, and doors that fall silent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.sensing import rules
from fourleaf.engines.sensing.facts import FellSilent, Level, LevelChanged, SpokeAgain
from fourleaf.engines.sensing.state import DoorView, HallView

AT = datetime(2024, 11, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "occupancy", "after"),
    [
        ("calm", 7_999, "calm"),
        ("calm", 8_000, "watch"),
        ("calm", 10_000, "alert"),
        ("watch", 7_700, "watch"),
        ("watch", 7_599, "calm"),
        ("alert", 9_500, "alert"),
        ("alert", 9_499, "watch"),
        ("alert", 0, "calm"),
    ],
)
def test_a_level_is_left_only_well_below_its_threshold(before: Level, occupancy: int, after: Level) -> None:
    assert rules.level(before, occupancy, (8_000, 10_000)) == after


@given(st.sampled_from(["calm", "watch", "alert"]), st.integers(0, 20_000))
def test_a_steady_count_settles_at_once(before: Level, occupancy: int) -> None:
    after = rules.level(before, occupancy, (8_000, 10_000))

    assert rules.level(after, occupancy, (8_000, 10_000)) == after


def _hall(level: Level, occupancy: int) -> HallView:
    return HallView(
        hall="8.1",
        thresholds=(8_000, 10_000),
        occupancy=occupancy,
        peak=occupancy,
        last=AT,
        level=level,
        since=None,
        version=0,
        sample_ppm=100_000,
    )


def test_thresholds_of_a_sampled_run_are_scaled_by_its_share() -> None:
    assert rules.level_changed(_hall("calm", 799)) is None
    assert rules.level_changed(_hall("calm", 800)) == LevelChanged(
        hall="8.1", before="calm", after="watch", occupancy=800, threshold=800
    )
    assert rules.level_changed(_hall("alert", 100)) == LevelChanged(
        hall="8.1", before="alert", after="calm", occupancy=100, threshold=1000
    )


def _door(last: datetime | None, silent_since: datetime | None = None) -> DoorView:
    return DoorView(door="d", hall="8.1", version=0, silent_since=silent_since, last=last)


def test_a_door_falls_silent_once_and_speaks_again_once() -> None:
    late = AT + rules.SILENT_AFTER + timedelta(seconds=1)

    assert rules.voice_changed(_door(AT), AT + rules.SILENT_AFTER) is None
    assert rules.voice_changed(_door(AT), late) == FellSilent(door="d", hall="8.1", last=AT)
    assert rules.voice_changed(_door(AT, silent_since=late), late) is None
    assert rules.voice_changed(_door(late, silent_since=AT), late) == SpokeAgain(door="d", hall="8.1")


def test_a_door_never_heard_is_not_silent() -> None:
    assert rules.voice_changed(_door(None), AT) is None

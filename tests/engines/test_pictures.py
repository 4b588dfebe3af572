# SPDX-License-Identifier: Apache-2.0
"""Pictures: what is not known is never drawn as calm."""

from datetime import UTC, datetime, timedelta

from fourleaf.engines.admission import picture as admission
from fourleaf.engines.admission.state import Day, GateView, VenueView
from fourleaf.engines.sensing import picture as sensing
from fourleaf.engines.sensing.facts import Level
from fourleaf.engines.sensing.state import DoorView, HallView
from fourleaf.engines.world import picture as world
from fourleaf.engines.world.state import Thing

NOW = datetime(2024, 11, 5, 2, tzinfo=UTC)


def _hall(last: datetime | None, level: Level = "calm", occupancy: int = 0) -> HallView:
    return HallView(
        hall="8.1",
        thresholds=(8_000, 10_000),
        occupancy=occupancy,
        peak=occupancy,
        last=last,
        level=level,
        since=last,
        version=1,
        sample_ppm=100_000,
    )


def test_a_hall_never_heard_of_has_no_number_and_is_stale_at_once() -> None:
    drawn = sensing.hall("8.1", _hall(None), NOW)

    assert drawn.props["occupancy"] is None
    assert drawn.stale_at == NOW


def test_a_hall_goes_stale_by_its_own_last_report_and_not_by_the_time_it_is_drawn() -> None:
    last = NOW - timedelta(minutes=30)

    drawn = sensing.hall("8.1", _hall(last, occupancy=5), NOW)

    assert drawn.stale_at is not None
    assert drawn.stale_at < NOW
    assert drawn.props["as_of"] == last


def test_the_sum_of_halls_is_as_old_as_the_oldest_and_unknown_when_one_is_missing() -> None:
    old = NOW - timedelta(minutes=3)
    whole = sensing.total("halls", {"a": _hall(NOW, occupancy=2), "b": _hall(old, occupancy=3)}, NOW)
    partly = sensing.total("halls", {"a": _hall(NOW, occupancy=2), "b": _hall(None)}, NOW)

    assert (whole.props["value"], whole.props["as_of"]) == (5, old)
    assert partly.stale_at == NOW


def test_a_crowded_hall_calls_for_attention_and_a_calm_one_does_not() -> None:
    alert = sensing.crowded("8.1", _hall(NOW, "alert", 1_001), NOW)

    assert alert is not None
    assert (alert.props["severity"], alert.props["what"]["en"]) == ("alert", "Over 1,000")
    assert alert.props["next"]["en"] == "One in for several out, until below 800"
    assert sensing.crowded("8.1", _hall(NOW), NOW) is None


def test_a_call_about_a_crowd_is_renewed_with_every_report_of_its_hall() -> None:
    first = sensing.crowded("8.1", _hall(NOW, "watch", 900), NOW)
    later = sensing.crowded("8.1", _hall(NOW + timedelta(minutes=5), "watch", 900), NOW + timedelta(minutes=5))

    assert first is not None
    assert later is not None
    assert first.props != later.props
    assert later.stale_at == NOW + timedelta(minutes=5) + sensing.STALE_AFTER


def test_many_silent_doors_of_a_hall_are_one_call_for_attention() -> None:
    doors = [
        DoorView(door=f"8.1-D{number}", hall="8.1", version=1, silent_since=NOW if number else None, last=NOW)
        for number in range(4)
    ]

    drawn = sensing.silent("8.1", doors, NOW)

    assert drawn is not None
    assert (drawn.props["why"]["en"], drawn.props["doors"]) == (
        "3 of its 4 doors are silent",
        ["8.1-D1", "8.1-D2", "8.1-D3"],
    )
    assert sensing.silent("8.1", doors[:1], NOW) is None


def _closed() -> Thing:
    return Thing(thing="N", version=1, closed=True, closed_at=NOW, until=NOW, reason_zh="检修", reason_en="repair")


def test_a_closure_that_has_outlived_its_end_is_an_alert() -> None:
    closed = world.Named(thing=_closed())

    due, overdue = world.closure("N", closed, NOW), world.closure("N", closed, NOW + timedelta(minutes=1))

    assert due is not None
    assert overdue is not None
    assert (due.props["severity"], overdue.props["severity"]) == ("watch", "alert")
    assert world.closure("N", world.Named(thing=Thing(thing="N", version=2)), NOW) is None


def test_a_closed_lane_is_worth_knowing_and_calls_for_more_only_when_overdue() -> None:
    lane = world.Named(thing=_closed(), kind="lane")

    due, overdue = world.closure("N", lane, NOW), world.closure("N", lane, NOW + timedelta(minutes=1))

    assert due is not None
    assert overdue is not None
    assert (due.props["severity"], overdue.props["severity"]) == ("info", "watch")


def test_a_closure_is_named_as_the_pack_names_it_with_its_reason() -> None:
    drawn = world.closure("N", world.Named(thing=_closed(), name={"zh": "北厅入口", "en": "North gate"}), NOW)

    assert drawn is not None
    assert drawn.props["where"] == {"zh": "北厅入口", "en": "North gate"}
    assert drawn.props["why"] == {"zh": "检修", "en": "repair"}


def test_every_call_for_attention_says_what_where_since_when_and_what_to_do() -> None:
    silent = DoorView(door="8.1-D1", hall="8.1", version=1, silent_since=NOW, last=NOW)
    called = [
        sensing.crowded("8.1", _hall(NOW, "watch", 900), NOW),
        sensing.crowded("8.1", _hall(NOW, "alert", 1_001), NOW),
        sensing.silent("8.1", [silent], NOW),
        world.closure("N", world.Named(thing=_closed()), NOW),
        world.closure("N", world.Named(thing=_closed()), NOW + timedelta(minutes=1)),
    ]

    for one in called:
        assert one is not None
        said = [one.props[part][lang] for part in ("what", "where", "next") for lang in ("zh", "en")]
        assert all(said), one.thing
        assert one.props["since"] is not None


def _gate(last: datetime | None, *, closed: bool = False, sample_ppm: int = 1_000_000) -> GateView:
    return GateView(
        gate="N",
        entries=5,
        exits=0,
        per_minute=0,
        per_hour=0,
        last30=[0] * 6,
        closed=closed,
        lanes=18,
        last=last,
        sample_ppm=sample_ppm,
    )


def test_a_gate_that_nobody_passes_for_long_is_unknown_with_the_time_of_its_last_passage() -> None:
    last = NOW - timedelta(minutes=20)

    drawn = admission.gate("N", _gate(last), NOW)

    assert drawn.stale_at is not None
    assert drawn.stale_at < NOW
    assert drawn.props["as_of"] == last


def test_a_gate_is_known_while_people_pass_and_while_it_is_closed() -> None:
    passed = admission.gate("N", _gate(NOW - timedelta(minutes=3)), NOW)
    closed = admission.gate("N", _gate(None, closed=True), NOW)

    assert [drawn.stale_at and drawn.stale_at > NOW for drawn in (passed, closed)] == [True, True]
    assert passed.props["as_of"] == NOW


def test_a_small_sample_is_waited_for_longer_and_a_gate_never_heard_of_is_unknown() -> None:
    last = NOW - timedelta(minutes=20)

    rare = admission.gate("N", _gate(last, sample_ppm=10_000), NOW)

    assert rare.stale_at is not None
    assert rare.stale_at > NOW
    assert admission.gate("N", _gate(None), NOW).stale_at == NOW


def test_the_figures_of_the_day_turn_unknown_when_all_gates_fall_silent() -> None:
    last = NOW - timedelta(minutes=20)
    day = Day(day=NOW.date(), entries=7, exits=2, last_at=last)

    drawn = admission.figure("inside", VenueView(day=day, minutes=[], hours=[]), NOW)

    assert drawn.stale_at is not None
    assert drawn.stale_at < NOW
    assert (drawn.props["value"], drawn.props["as_of"]) == (5, last)


def test_an_earlier_edition_is_called_by_its_ordinal() -> None:
    called = [admission._ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)]

    assert called == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"]
    assert [admission._numeral(number) for number in (1, 4, 10, 11)] == ["一", "四", "十", "11"]

# SPDX-License-Identifier: Apache-2.0
"""Levels: reached when steady, left with hysteresis, unknown when stale, whatever the order of the readings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.actions.feeds import Came, take_feed
from fourleaf.engines.sensing.declares import Level, Step, Words
from fourleaf.engines.sensing.facts import LevelReached
from fourleaf.engines.sensing.rules.devices import increase
from fourleaf.engines.sensing.rules.levels import Passed, Sample, passed
from fourleaf.engines.sensing.state import LevelState
from tests.engines.at_work import AT, AtWork
from tests.engines.sensing.feed_samples import METRO, metro
from tests.engines.sensing.test_devices import BOX, LISTED
from tests.engines.sensing.test_intake import WORDS, message, point, quantity

SAID = Words(zh="某", en="some")
WATCH = Step(state="watch", at=300, until=250, name=SAID, advice=SAID)  # type: ignore[arg-type]
ALERT = Step(state="alert", at=500, until=400, name=SAID, advice=SAID)  # type: ignore[arg-type]
LEAK = Level(name=SAID, quantity="leak_ma", steps=(WATCH, ALERT), device_type="box", debounce_s=20, stale_after_s=300)
START = LevelState(name="leak/x/x")


def stood(state: str, at: datetime = AT - timedelta(seconds=1)) -> LevelState:
    return LevelState(name="leak/x/x", version=1, state=state, at=at)


def every(seconds: int, values: Sequence[float], start: datetime = AT) -> list[Sample]:
    return [Sample(start + timedelta(seconds=seconds * number), value) for number, value in enumerate(values)]


def states(samples: Sequence[Sample], before: LevelState = START, now: datetime | None = None) -> list[str]:
    last = max((one.at for one in samples), default=AT)
    return [one.after for one in passed(LEAK, before, samples, now or last)]


@pytest.mark.parametrize(
    ("values", "after"),
    [
        ([100, 299, 299], []),
        ([300, 300, 300], ["watch"]),
        ([300, 300], []),
        ([300, 299, 300, 300], []),
        ([600, 310, 310], ["watch"]),
        ([600, 600, 600], ["alert"]),
        ([600] * 3 + [450] * 3, ["alert"]),
        ([600] * 3 + [399] * 3, ["alert", "watch"]),
        ([600] * 3 + [100] * 3, ["alert", "calm"]),
        ([600] * 3 + [100, 399, 399], ["alert", "watch"]),
        ([300] * 3 + [260] * 5 + [249] * 3, ["watch", "calm"]),
    ],
)
def test_a_step_is_reached_and_left_by_readings_that_agree_for_a_while(values: list[float], after: list[str]) -> None:
    assert states(every(10, values)) == after


def test_without_debounce_one_reading_is_enough() -> None:
    at_once = Level(name=SAID, quantity="leak_ma", steps=(WATCH,), device_type="box", stale_after_s=300)

    assert passed(at_once, START, [Sample(AT, 300)], AT) == [Passed("watch", AT, 300)]


def test_too_little_is_a_level_as_well() -> None:
    low = Step(state="watch", at=10, until=12, name=SAID, advice=SAID)  # type: ignore[arg-type]
    battery = Level(name=SAID, quantity="v", steps=(low,), device_type="box", side="below", stale_after_s=300)

    found = passed(battery, START, every(10, [13, 11, 10, 11, 12, 12.5]), AT + timedelta(minutes=1))

    assert [(one.after, one.value) for one in found] == [("watch", 10), ("calm", 12.5)]


def test_a_level_without_readings_is_unknown_once_and_known_again_with_the_next() -> None:
    late = AT + timedelta(seconds=301)

    assert states([Sample(AT, 100)], START, late) == ["unknown"]
    assert states([Sample(AT, 100)], stood("unknown", AT), late) == []
    assert states([Sample(late, 100)], stood("unknown"), late) == ["calm"]
    assert states([], START, late) == []


readings = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 700)), max_size=30).map(
    lambda pairs: [
        Sample(AT + timedelta(seconds=after), float(value))
        for after, (_, value) in zip(accumulate(gap for gap, _ in pairs), pairs, strict=True)
    ]
)


@given(readings, st.randoms(use_true_random=False), st.sampled_from(["calm", "watch", "alert", "unknown"]))
def test_the_order_in_which_readings_come_and_how_often_does_not_matter(
    samples: list[Sample], shuffled: Any, before: str
) -> None:
    again = [*samples, *samples[:5]]
    shuffled.shuffle(again)

    assert states(again, stood(before)) == states(samples, stood(before))


@given(st.lists(st.integers(250, 299), min_size=1, max_size=40), st.sampled_from(["calm", "watch"]))
def test_between_leaving_and_reaching_nothing_changes(values: list[int], before: str) -> None:
    assert states(every(30, [float(value) for value in values]), stood(before)) == []


@given(st.lists(st.integers(1, 19), min_size=1, max_size=10), st.integers(300, 3000))
def test_a_spike_shorter_than_the_debounce_reaches_nothing(gaps: list[int], height: int) -> None:
    samples, at = list[Sample](), AT
    for gap in gaps:
        samples += [Sample(at, height), Sample(at + timedelta(seconds=gap), 0)]
        at += timedelta(seconds=60)

    assert states(samples) == []


@given(readings, st.integers(301, 10_000))
def test_old_readings_always_end_unknown(samples: list[Sample], age_s: int) -> None:
    last = max((one.at for one in samples), default=AT)

    assert states(samples, stood("watch"), last + timedelta(seconds=age_s))[-1:] == ["unknown"]


@given(readings)
def test_what_was_decided_is_not_decided_again(samples: list[Sample]) -> None:
    now = max((one.at for one in samples), default=AT)
    found = passed(LEAK, START, samples, now)

    if found:
        last = stood(found[-1].after, found[-1].at)
        assert passed(LEAK, last, [one for one in samples if one.at <= found[-1].at], found[-1].at) == []


@given(st.lists(st.integers(0, 50), max_size=20), st.lists(st.integers(0, 20), max_size=3))
def test_a_counter_that_begins_anew_loses_nothing_that_it_told(steps: list[int], resets: list[int]) -> None:
    told, total = [0.0], 0.0
    for number, step in enumerate(steps):
        begins_anew = number in resets
        # After a reset it tells what came since; it may come to the same or more than before only by what came.
        value = float(step) if begins_anew and step < told[-1] else told[-1] + step
        total += step
        told.append(value)

    assert increase(told) == total


@pytest.mark.postgres
async def test_a_leaking_box_is_recorded_shown_and_taken_down_again(at_work: AtWork) -> None:
    await at_work.declare(
        "device_type",
        "electric-box",
        name=WORDS,
        of="electric-box",
        interval_s=60,
        silent_after_s=300,
        quantity=[quantity("leak_ma", 0, 3000) | {"unit": "mA"}],
    )
    step = {"name": {"zh": "漏电", "en": "Leak"}, "advice": {"zh": "断电", "en": "Cut the power"}}
    steps = [{"state": "watch", "at": 300, "until": 250, **step}, {"state": "alert", "at": 500, "until": 400, **step}]
    said = {"name": WORDS, "device_type": "electric-box", "quantity": "leak_ma", "stale_after_s": 300}
    await at_work.declare("group", "power", name={"zh": "能源组", "en": "Power"})
    await at_work.declare("threshold", "leak", **said, group="power", debounce_s=20, step=steps)
    async with at_work.site.connection() as connection:
        await actions.take_over(at_work.site.journal, connection, [LISTED], actor="pack", now=AT)

    async def report(sequence: int, minutes: int, value: float) -> int:
        at_work.at = AT + timedelta(minutes=minutes)
        await actions.take_in(at_work.site, [message(point(sequence, at_work.at, leak_ma=value))])
        return await actions.watch_levels(at_work.site)

    calm = [await report(1, 0, 10), await report(2, 1, 320)]
    reached = await report(3, 2, 330)
    shown = await at_work.picture("attention")
    alert = [await report(4, 3, 700), await report(5, 4, 700), await actions.watch_levels(at_work.site)]
    left = [await report(6, 5, 10), await report(7, 6, 10)]
    gone = await at_work.picture("attention")
    at_work.at += timedelta(minutes=6)
    stale = [await actions.watch_levels(at_work.site) for _ in range(2)]

    assert (calm, reached, alert, left, stale) == ([0, 0], 1, [0, 1, 0], [0, 1], [1, 0])
    name = f"leak/{BOX}/B001"
    assert [(one.before, one.after, one.value, one.threshold) for one in await _facts(at_work, name)] == [
        ("calm", "watch", "330", "300"),
        ("watch", "alert", "700", "500"),
        ("alert", "calm", "10", "500"),
        ("calm", "unknown", "", ""),
    ]
    assert shown[f"reached:{name}"]["what"] == {"zh": "漏电 330 mA", "en": "Leak: 330 mA"}
    assert shown[f"reached:{name}"]["next"] == {"zh": "断电", "en": "Cut the power"}
    assert shown[f"reached:{name}"]["owner"] == {"zh": "能源组", "en": "Power"}
    assert gone == {}


async def _facts(at_work: AtWork, name: str) -> list[LevelReached]:
    return [one for one in await at_work.facts(f"level:{name}") if isinstance(one, LevelReached)]


@pytest.mark.postgres
async def test_a_level_of_a_feed_says_place_and_unit_and_what_it_was_when_nothing_comes_any_more(
    at_work: AtWork,
) -> None:
    quantities = [{**METRO["quantity"][0], "unit": {"zh": "人", "en": "persons"}}]
    await at_work.declare("feed", "metro", **(METRO | {"quantity": quantities}))
    step = {
        "state": "alert",
        "at": 500,
        "until": 400,
        "name": {"zh": "拥挤", "en": "Crowd"},
        "advice": {"zh": "疏导", "en": "Guide"},
    }
    said = {
        "name": {"zh": "进站", "en": "In"},
        "feed": "metro",
        "quantity": "n_in",
        "stale_after_s": 7200,
        "step": [step],
    }
    await at_work.declare("threshold", "crowd", **said)

    async def come(at: datetime, persons: int) -> dict[str, Any]:
        at_work.at = at
        body = f"line,at,in\nline-2,{at.isoformat()},{persons}".encode()
        await take_feed(at_work.site, "metro", metro(quantity=quantities), Came(way="push", name="test", body=body))
        return await look(at)

    async def look(at: datetime) -> dict[str, Any]:
        at_work.at = at
        await actions.watch_levels(at_work.site)
        found: dict[str, Any] = (await at_work.picture("attention")).get("reached:crowd/feed:metro/line-2", {})
        return found

    reached = await come(AT, 600)
    lost = await look(AT + timedelta(hours=2, seconds=1))
    back = await come(AT + timedelta(hours=3), 20)

    assert (reached["severity"], reached["what"]["zh"]) == ("alert", "拥挤 600 人")
    assert reached["what"]["en"] == "Crowd: 600 persons"
    assert reached["where"] == {"zh": "2号线", "en": "Line 2"}
    assert (lost["severity"], lost["kind"], lost["where"]) == ("unknown", "level-unknown", reached["where"])
    assert lost["what"] == {"zh": "拥挤：现在不明", "en": "Crowd: not known any more"}
    assert back == {}

# SPDX-License-Identifier: Apache-2.0
"""Lanes: each says that it is alive through the day, and one of them loses its line."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from rehearsal import lanes as lanes_module
from rehearsal import parameters as p
from rehearsal.client import Reading
from rehearsal.lanes import Beats, Lane, Telemetry
from rehearsal.plan import DayPlan, plan_day
from tests.rehearsal.test_plan import VENUE

DAY = p.OPENING_DAY


@pytest.fixture(scope="module")
def plan() -> DayPlan:
    return plan_day(VENUE, DAY, seed=7, sample=0.1, entries=3_000)


class Heard(Lane):
    """Keeps what it would say to the broker."""

    def __init__(self) -> None:
        super().__init__({}, "")
        self.said: list[dict[str, Any]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def say(self, body: bytes) -> None:
        await self.free.wait()
        self.said.append(json.loads(body))


class Day:
    """A clock that goes on by so much with every look, until the day is over."""

    def __init__(self, plan: DayPlan, step: int, looks: int, speed: float = 60) -> None:
        self._at, self._step, self._left, self._speed = plan.moment(plan.hours.gates_open), step, looks, speed

    async def __call__(self) -> Reading:
        await asyncio.sleep(0)  # let what was started be said
        self._left -= 1
        self._at += timedelta(seconds=self._step)
        state = "running" if self._left else "finished"
        return Reading(now=self._at, speed=self._speed, state=state, speed_reached=self._speed, ends_at=None)


def test_passages_rise_to_what_the_plan_has_at_the_lane(plan: DayPlan) -> None:
    telemetry, last = Telemetry(plan), plan.hours.closes

    told = [telemetry.point(lane, last)["q"]["passages"] for lane in range(len(plan.venue.lanes))]
    through = [telemetry.point(0, second)["q"]["passages"] for second in range(30_000, last, 600)]

    assert sum(told) == len(plan.passages)
    assert through == sorted(through)


def test_every_value_is_one_that_the_declared_type_takes(plan: DayPlan) -> None:
    telemetry = Telemetry(plan)

    points = [telemetry.point(lane, second)["q"] for lane in (0, 1) for second in range(0, 86_400, 900)]

    assert all(0 <= one["queue"] <= 2_000 and -40 <= one["celsius"] < 60 for one in points)


def test_some_lane_falls_silent_in_the_morning_and_comes_back(plan: DayPlan) -> None:
    telemetry = Telemetry(plan)
    seconds = range(plan.hours.gates_open, plan.hours.closes, 60)

    silent = np.array([[telemetry.is_silent(lane, at) for at in seconds] for lane in range(len(plan.venue.lanes))])

    assert 1 <= silent.any(axis=1).sum() < len(silent)
    assert set(silent.sum(axis=1)) == {0, int(p.SILENT_FOR.value)}
    assert not silent[:, -1].any()


async def test_each_lane_beats_once_an_interval_and_at_speed_less_often(
    plan: DayPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "POLL_S", 0)
    slow, fast = ([Heard() for _ in plan.venue.lanes] for _ in range(2))

    await Beats(slow, Telemetry(plan), plan.hours.gates_open).work(Day(plan, 5, 121, speed=1))
    await Beats(fast, Telemetry(plan), plan.hours.gates_open).work(Day(plan, 5, 121, speed=60))

    assert {len(one.said) for one in slow} <= {10, 11}
    assert {len(one.said) for one in fast} <= {5, 6}
    assert len({one.said[1]["s"] for one in slow}) > 1  # not all at once
    assert all(datetime.fromisoformat(one.said[0]["t"]).date() == DAY for one in slow)


async def test_a_lane_that_cannot_speak_holds_up_no_other_and_saves_nothing_up(
    plan: DayPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "POLL_S", 0)
    lanes = [Heard() for _ in plan.venue.lanes]
    lanes[0].free.clear()

    await Beats(lanes, Telemetry(plan), plan.hours.gates_open).work(Day(plan, 30, 60))

    assert lanes[0].said == []
    assert min(len(one.said) for one in lanes[1:]) > 10


async def test_a_lane_that_is_told_to_test_itself_says_how_it_went_once(
    plan: DayPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "POLL_S", 0)
    lanes = [Heard() for _ in plan.venue.lanes]
    lanes[1].test_asked = True

    await Beats(lanes, Telemetry(plan), plan.hours.gates_open).work(Day(plan, 60, 10))

    assert [one.get("test") for one in lanes[1].said].count({"ok": True, "note": "rehearsal"}) == 1
    assert not any("test" in one for one in lanes[0].said)

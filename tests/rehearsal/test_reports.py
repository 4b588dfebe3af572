# SPDX-License-Identifier: Apache-2.0
"""Door reports: every minute of every door once, spread over time, one hall at one moment."""

from collections import defaultdict
from datetime import date

import numpy as np
import pytest

from rehearsal.halls import span
from rehearsal.plan import plan_day
from rehearsal.reports import minutes_per_report, plan_reports
from tests.rehearsal.stand_in import a_venue

PLAN = plan_day(a_venue(), date(2024, 11, 5), seed=7, entries=100)


@pytest.mark.parametrize("every", [1, 5])
def test_every_minute_of_every_door_is_posted_once_and_in_order(every: int) -> None:
    reports = plan_reports(PLAN, every)

    minutes: defaultdict[int, list[int]] = defaultdict(list)
    for door, start, stop in zip(reports.door, reports.start, reports.stop, strict=True):
        minutes[int(door)] += range(int(start), int(stop))
    assert set(minutes) == set(range(len(PLAN.venue.doors)))
    assert all(posted == list(range(span(PLAN.hours))) for posted in minutes.values())
    assert (np.diff(reports.due) >= 0).all()
    assert (reports.stop - reports.start <= every).all()


def test_posts_are_spread_and_the_doors_of_a_hall_post_together() -> None:
    reports = plan_reports(PLAN, 5)
    hall_of_door = np.repeat(np.arange(len(PLAN.venue.halls)), 4)

    _, per_minute = np.unique(reports.due, return_counts=True)
    of_first_hall = reports.due[hall_of_door[reports.door] == 0]

    assert np.median(per_minute) <= len(PLAN.venue.doors) / 5 + 4
    assert (np.unique(of_first_hall, return_counts=True)[1] == 4).all()


def test_slow_runs_report_every_minute_and_fast_ones_every_five() -> None:
    assert [minutes_per_report(speed) for speed in (1, 10, 60, 600)] == [1, 1, 5, 5]

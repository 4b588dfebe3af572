# SPDX-License-Identifier: Apache-2.0
"""Plan and server are held against the published counters."""

from datetime import date

import pytest

from rehearsal import parameters as p
from rehearsal.compare import compare, of_plan, of_server, table
from rehearsal.plan import plan_day
from tests.rehearsal.stand_in import a_venue


@pytest.mark.parametrize(
    ("day", "sample"),
    [(p.CALIBRATION_DAY, 1.0), (p.CALIBRATION_DAY, 0.1), (date(2024, 11, 5), 0.1), (date(2024, 11, 6), 0.02)],
)
def test_a_planned_day_meets_the_published_counters_scaled(day: date, sample: float) -> None:
    plan = plan_day(a_venue(), day, seed=7, sample=sample)

    rows = compare(of_plan(plan), day, sample=sample)

    assert [row.name for row in rows if not row.holds] == [], table(rows)
    assert len(rows) == 7


def test_a_counter_that_is_off_or_missing_does_not_hold() -> None:
    rows = compare({"entries": 20_000, "exits": 22_543}, p.CALIBRATION_DAY, sample=0.1)

    held = {row.name: row.holds for row in rows}

    assert held["entries"] is False
    assert held["exits"] is True
    assert held["hall 8.2"] is False
    assert "NOT" in table(rows)


def test_server_counts_are_read_from_picture_and_runs() -> None:
    series = [["2019-11-06T05:59:00Z", 3], ["2019-11-06T06:00:00Z", 5]]
    picture = {
        "things": [
            {"layer": "hall", "thing": "8.2", "props": {"occupancy": 3, "peak_today": 1358}},
            {"layer": "hall", "thing": "8.1", "props": {"occupancy": None, "peak_today": None}},
            {"layer": "figure", "thing": "admission.entries_by_minute", "props": {"series": series}},
            {"layer": "gate", "thing": "N", "props": {"entries_today": 9}},
        ]
    }
    runs = [
        {"run": "ciie-7.r2", "totals": {"entries": 1, "exits": 1}},
        {"run": "ciie-7.r1", "totals": {"entries": 8, "exits": 7}},
    ]

    measured = of_server(picture, runs, "ciie-7.r1")

    assert measured == {"entries": 8, "exits": 7, "hall 8.2": 1358, "entries to 14:00": 3}

# SPDX-License-Identifier: Apache-2.0
"""Reports: which door posts the counts of which minutes, and when. Pure."""

from dataclasses import dataclass

import numpy as np

from rehearsal.halls import Index, span
from rehearsal.plan import DayPlan
from rehearsal.population import Seconds

# At 60x a minute passes in a second: each door then posts five minutes at once, so that 80 doors make 16 posts a second.
SLOW_SPEED = 10
MINUTES_AT_SPEED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Posts in order of time. Shape: one row per post; minutes count from the opening of the gates."""

    due: Seconds
    door: Index
    start: Index
    stop: Index


def minutes_per_report(speed: float) -> int:
    """Choose how many minutes a door gathers, from the speed of the run."""
    return 1 if speed <= SLOW_SPEED else MINUTES_AT_SPEED


def plan_reports(plan: DayPlan, every: int) -> Reports:
    """Cut the day into posts of ``every`` minutes, zeros included: a silent door must be seen to be silent.

    The doors of one hall post together (else its occupancy would mix two times), the halls one after another.
    """
    minutes = span(plan.hours)
    rows: list[tuple[int, int, int]] = []
    door = 0
    for number, hall in enumerate(plan.venue.halls):
        stops = [*range(number % every or every, minutes, every), minutes]
        starts = [0, *stops[:-1]]
        for _ in hall.doors:
            rows += [(door, start, stop) for start, stop in zip(starts, stops, strict=True)]
            door += 1
    table = np.array(rows, dtype=np.int32).reshape(-1, 3)
    table = table[np.lexsort((table[:, 0], table[:, 2]))]
    due = (plan.hours.gates_open + table[:, 2] * 60).astype(np.int32)
    return Reports(due=due, door=table[:, 0], start=table[:, 1], stop=table[:, 2])

# SPDX-License-Identifier: Apache-2.0
"""Population: who comes on a day, when they arrive, step out and leave. Pure: a seed in, arrays out."""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rehearsal import parameters as p

Seconds = NDArray[np.int32]
Generator = np.random.Generator

HOUR = 3600
TWO_PM = 14 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The hours of one day. Unit: seconds since midnight in the fair's zone."""

    gates_open: int = round(p.GATES_OPEN.value * HOUR)
    halls_open: int = round(p.HALLS_OPEN.value * HOUR)
    last_entry: int = round(p.LAST_ENTRY.value * HOUR)
    closes: int = round(p.CLOSES.value * HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """One day's visitors. Shape: ``enter``, ``leave`` by person in order of arrival; ``trip_*`` by re-entry."""

    enter: Seconds
    leave: Seconds
    trip_person: NDArray[np.int32]
    trip_out: Seconds
    trip_back: Seconds

    def stays(self) -> tuple[NDArray[np.int32], Seconds, Seconds]:
        """Every uninterrupted stay inside the fence. Shape: (person, from, to); a re-entry makes two of one."""
        first_end = self.leave.copy()
        first_end[self.trip_person] = self.trip_out
        everyone = np.arange(len(self.enter), dtype=np.int32)
        return (
            np.concatenate((everyone, self.trip_person)),
            np.concatenate((self.enter, self.trip_back)),
            np.concatenate((first_end, self.leave[self.trip_person])),
        )


def entries_on(day: date) -> int:
    """Choose the entries of a whole day.

    Method: the opening day has the 100,000 published persons and their re-entries. The rest of the 852,000 entries
    to noon of day 6 goes to days 2 to 6 by assumed weights; of day 6 that is the part to noon. Any other day gets
    the mean of the edition, 852,000 / 5.5.
    """
    opening = round(p.OPENING_DAY_PERSONS.value * (1 + p.REENTRY_SHARE.value))
    if day == p.CALIBRATION_DAY:
        return round(p.CALIBRATION_ENTRIES.value)
    if day == p.OPENING_DAY:
        return opening
    total = p.EDITION_ENTRIES_TO_NOON_OF_DAY_6.value
    if day not in p.DAY_WEIGHTS:
        return round(total / 5.5)
    weights = p.DAY_WEIGHTS
    to_count = (total - opening) * weights[day].value / sum(weight.value for weight in weights.values())
    return round(to_count / share_by(12 * HOUR)) if day == p.LAST_DAY else round(to_count)


def share_by(second: int) -> float:
    """Share of a full day's entries up to a time of day, by the calibrated curve."""
    hours = Hours()
    grid, morning, afternoon = _bells(hours)
    share = p.CALIBRATION_ENTRIES_TO_14.value / p.CALIBRATION_ENTRIES.value
    weight = _morning_weight(share, grid, morning, afternoon)
    return float(np.interp(second, grid, weight * morning + (1 - weight) * afternoon))


def draw_population(entries: int, hours: Hours, rng: Generator) -> Population:
    """Draw a day of exactly ``entries`` entries, of which the published share falls before 14:00."""
    trips = int(entries * p.REENTRY_SHARE.value / (1 + p.REENTRY_SHARE.value))
    persons = entries - trips
    trip_out, trip_back = _trips(trips, rng)
    enter = _arrivals(persons, entries, trip_back, hours, rng)
    early = np.flatnonzero(enter < p.LUNCH_ARRIVED_BY.value * HOUR)
    trip_person = rng.choice(early, size=trips, replace=False).astype(np.int32)
    leave = _departures(enter, hours, rng)
    least = round(p.STAY_LEAST.value * 60)
    leave[trip_person] = np.maximum(leave[trip_person], trip_back + least)
    return Population(enter=enter, leave=leave, trip_person=trip_person, trip_out=trip_out, trip_back=trip_back)


def _trips(count: int, rng: Generator) -> tuple[Seconds, Seconds]:
    middle, spread = p.LUNCH_OUT.value * HOUR, p.LUNCH_OUT_SPREAD.value * 60
    out = np.clip(rng.normal(middle, spread, count), middle - 2.4 * spread, middle + 3 * spread)
    gap = np.clip(rng.gamma(4, p.LUNCH_GAP.value / 4, count), p.LUNCH_GAP_LEAST.value, 3 * p.LUNCH_GAP.value)
    return out.astype(np.int32), (out + gap * 60).astype(np.int32)


def _arrivals(persons: int, entries: int, trip_back: Seconds, hours: Hours, rng: Generator) -> Seconds:
    """First entries, sorted. Method: the two bells weighed so that all entries to 14:00 are the published share."""
    share = p.CALIBRATION_ENTRIES_TO_14.value / p.CALIBRATION_ENTRIES.value
    first_before = share * entries - np.count_nonzero(trip_back < TWO_PM)
    grid, morning, afternoon = _bells(hours)
    weight = _morning_weight(first_before / persons, grid, morning, afternoon)
    # One draw in each of `persons` equal slices of the curve: the day total and the count to 14:00 come out exact.
    slices = (np.arange(persons) + rng.random(persons)) / persons
    return np.interp(slices, weight * morning + (1 - weight) * afternoon, grid).astype(np.int32)


def _bells(hours: Hours) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The morning and the afternoon bell, cumulative and cut to the hours of entry, on a grid of minutes."""
    grid = np.arange(hours.gates_open, hours.last_entry + 60, 60, dtype=np.float64)
    morning = _bell(grid, p.MORNING_PEAK.value * HOUR, p.MORNING_SPREAD.value * 60)
    afternoon = _bell(grid, p.AFTERNOON_PEAK.value * HOUR, p.AFTERNOON_SPREAD.value * 60)
    return grid, morning, afternoon


def _bell(grid: NDArray[np.float64], middle: float, spread: float) -> NDArray[np.float64]:
    below = np.array([math.erf((x - middle) / spread / math.sqrt(2)) for x in grid])
    cut: NDArray[np.float64] = (below - below[0]) / (below[-1] - below[0])
    return cut


def _morning_weight(
    share: float, grid: NDArray[np.float64], morning: NDArray[np.float64], afternoon: NDArray[np.float64]
) -> float:
    early, late = float(np.interp(TWO_PM, grid, morning)), float(np.interp(TWO_PM, grid, afternoon))
    return min(1.0, max(0.0, (share - late) / (early - late))) if early > late else 1.0


def _departures(enter: Seconds, hours: Hours, rng: Generator) -> Seconds:
    """Leave after a gamma stay, or with the closing wave, whichever comes first; never after the last walk out."""
    count = len(enter)
    stay = rng.gamma(p.STAY_SHAPE.value, p.STAY.value / p.STAY_SHAPE.value, count)
    before = rng.normal(p.CLOSING_WAVE.value, p.CLOSING_WAVE_SPREAD.value, count)
    wave = hours.closes - np.clip(before, p.LAST_WALK_OUT.value, 2 * p.CLOSING_WAVE.value) * 60
    leave = np.minimum(enter + np.maximum(stay, p.STAY_LEAST.value) * 60, wave)
    latest = hours.closes - p.LAST_WALK_OUT.value * 60
    least = np.minimum(enter + p.STAY_LEAST.value * 60, latest)
    bounded: Seconds = np.maximum(leave, least).astype(np.int32)
    return bounded

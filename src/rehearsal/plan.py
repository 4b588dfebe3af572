# SPDX-License-Identifier: Apache-2.0
"""Plan: everything the visitors of one day will do at gates and hall doors. Pure: same seed, same day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from rehearsal import parameters as p
from rehearsal.halls import Counts, Index, Walks, draw_walks, span
from rehearsal.population import Generator, Hours, Population, Seconds, draw_population, entries_on
from rehearsal.venue import Gate, Venue

IN, OUT, AGAIN = 1, -1, 0
GOLDEN = 0.6180339887498949
MASK = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """What happens at lanes, in order of time. Shape: one row per attempt.

    ``turn``: IN, OUT, or AGAIN (a second scan of one who is already inside: the gate must turn it away).
    ``nth``: the holder's how-manieth attempt of the day, from 0. ``lane``: number of the lane in the venue.
    """

    at: Seconds
    person: Index
    turn: NDArray[np.int8]
    nth: NDArray[np.int8]
    lane: NDArray[np.int16]

    def __len__(self) -> int:
        """Number of attempts."""
        return len(self.at)

    def rows(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> "Passages":
        """The chosen rows, in the order given."""
        return Passages(
            at=self.at[keep],
            person=self.person[keep],
            turn=self.turn[keep],
            nth=self.nth[keep],
            lane=self.lane[keep],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """One day of a sampled population. All numbers are raw counts of the sample.

    ``door_in``, ``door_out``. Shape: doors x minutes since the gates opened; order of doors as in the venue.
    """

    day: date
    seed: int
    sample: float
    entries: int
    hours: Hours
    venue: Venue
    passages: Passages
    door_in: Counts
    door_out: Counts

    @property
    def persons(self) -> int:
        """Number of different persons of the sample."""
        return len(np.unique(self.passages.person))

    def holder(self, row: int) -> str:
        """Opaque id of the holder of one attempt: the same person has the same id in every plan of this seed."""
        return f"h-{_scramble(self.seed, int(self.passages.person[row])):016x}"

    def request_id(self, row: int, walk: int = 0) -> str:
        """Id of one attempt, at the how-manieth lane walked to: a rehearsal that starts again asks with the same one."""
        words = f"{self.seed}/{self.day}/{self.holder(row)}/{self.passages.nth[row]}/{walk}"
        return blake2b(words.encode(), digest_size=16).hexdigest()

    def moment(self, second: int) -> datetime:
        """Edition time of a second of the day."""
        return datetime.combine(self.day, time(), p.ZONE) + timedelta(seconds=second)

    def inside_by_minute(self) -> Counts:
        """Persons inside the fence at the end of each minute since the gates opened."""
        minute = (self.passages.at - self.hours.gates_open) // 60
        change = np.bincount(minute, weights=self.passages.turn, minlength=span(self.hours))
        return np.cumsum(change).astype(np.int64)

    def entries_by_hour(self) -> dict[int, int]:
        """Entries by clock hour of the day; an hour without entries is absent."""
        hours, counts = np.unique(self.passages.at[self.passages.turn == IN] // 3600, return_counts=True)
        return dict(zip(hours.tolist(), counts.tolist(), strict=True))

    def hall_occupancy(self) -> dict[str, Counts]:
        """Persons in each hall at the end of each minute since the gates opened."""
        inside = np.cumsum(self.door_in - self.door_out, axis=1)
        first = np.cumsum([0] + [len(hall.doors) for hall in self.venue.halls])
        return {hall.id: inside[first[i] : first[i + 1]].sum(axis=0) for i, hall in enumerate(self.venue.halls)}


def plan_day(
    venue: Venue,
    day: date,
    *,
    seed: int,
    sample: float = 1.0,
    entries: int | None = None,
    hours: Hours | None = None,
) -> DayPlan:
    """Plan a day of the full population, then keep the sampled persons with all they do.

    Raises: ValueError when the sample is not in (0, 1].
    """
    if not 0 < sample <= 1:
        raise ValueError(f"sample must be above 0 and at most 1, not {sample}")
    hours = hours or Hours()
    entries = entries_on(day) if entries is None else entries
    who, where, gates, doors = np.random.default_rng([seed, day.toordinal()]).spawn(4)
    population = draw_population(entries, hours, who)
    walks = draw_walks(population.stays(), venue.halls, entries, hours, where)
    kept = _kept(len(population.enter), sample, seed)
    passages = _passages(population, venue.gates, gates)
    door_in, door_out = _door_counts(walks, kept, venue, hours, doors)
    return DayPlan(
        day=day,
        seed=seed,
        sample=sample,
        entries=entries,
        hours=hours,
        venue=venue,
        passages=passages.rows(kept[passages.person]),
        door_in=door_in,
        door_out=door_out,
    )


def _kept(persons: int, sample: float, seed: int) -> NDArray[np.bool_]:
    """Choose the persons of a sample: evenly spread over the arrivals, and every smaller sample within a larger one."""
    start = _scramble(seed, persons) / 2**64
    kept: NDArray[np.bool_] = np.modf(np.arange(persons) * GOLDEN + start)[0] < sample
    return kept


def _passages(population: Population, gates: tuple[Gate, ...], rng: Generator) -> Passages:
    person, start, end = population.stays()
    again = np.flatnonzero(rng.random(len(population.enter)) < p.SECOND_SCANS.value).astype(np.int32)
    mode = rng.choice(len(p.MODES), size=len(population.enter), p=_mode_shares()).astype(np.int8)
    at = np.concatenate((start, population.enter[again] + 12, end)).astype(np.int32)
    who = np.concatenate((person, again, person))
    turn = np.repeat(np.array([IN, AGAIN, OUT], dtype=np.int8), [len(start), len(again), len(end)])
    gate = _gates(mode[who], gates, rng)
    gate[len(start) : len(start) + len(again)] = gate[again]
    unordered = Passages(at=at, person=who, turn=turn, nth=_nth(at, who), lane=gate)
    ordered = unordered.rows(np.lexsort((who, at)))
    return Passages(
        at=ordered.at,
        person=ordered.person,
        turn=ordered.turn,
        nth=ordered.nth,
        lane=_lanes(ordered.lane, gates),
    )


def _mode_shares() -> NDArray[np.float64]:
    shares = np.array([share.value for share in p.MODES.values()])
    normal: NDArray[np.float64] = shares / shares.sum()
    return normal


def _nth(at: Seconds, person: Index) -> NDArray[np.int8]:
    """Number each person's attempts in order of time."""
    order = np.lexsort((at, person))
    by_person = person[order]
    new = np.concatenate(([True], by_person[1:] != by_person[:-1]))[: len(order)]
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    nth = np.empty(len(order), dtype=np.int8)
    nth[order] = np.arange(len(order)) - first
    return nth


def _gates(mode: NDArray[np.int8], gates: tuple[Gate, ...], rng: Generator) -> NDArray[np.int16]:
    """Draw a gate for every attempt by the person's mode; unknown gate names share by their lanes."""
    lanes = np.array([len(gate.lanes) for gate in gates], dtype=np.float64)
    chosen = np.empty(len(mode), dtype=np.int16)
    for number, name in enumerate(p.MODES):
        shares = np.array([p.GATE_SHARES[name].get(gate.id, 0.0) for gate in gates])
        shares = shares if shares.sum() > 0 else lanes
        of_mode = mode == number
        chosen[of_mode] = rng.choice(len(gates), size=int(of_mode.sum()), p=shares / shares.sum())
    return chosen


def _lanes(gate: NDArray[np.int16], gates: tuple[Gate, ...]) -> NDArray[np.int16]:
    """Take the lanes of a gate in turn: with equal lanes that is the lane with the shortest queue."""
    lane = np.empty(len(gate), dtype=np.int16)
    first = 0
    for number, place in enumerate(gates):
        here = np.flatnonzero(gate == number)
        lane[here] = first + np.arange(len(here)) % len(place.lanes)
        first += len(place.lanes)
    return lane


def _door_counts(
    walks: Walks, kept: NDArray[np.bool_], venue: Venue, hours: Hours, rng: Generator
) -> tuple[Counts, Counts]:
    """Count the sample's hall visits per door and minute; each way takes any door of the hall."""
    doors = np.array([len(hall.doors) for hall in venue.halls])
    first = np.cumsum(doors) - doors
    minutes, size = span(hours), int(doors.sum()) * span(hours)
    mine = kept[walks.person]
    counts = []
    for at in (walks.into, walks.out):
        door = (first[walks.hall] + rng.random(len(at)) * doors[walks.hall]).astype(np.int64)
        cell = door[mine] * minutes + (at[mine] - hours.gates_open) // 60
        counts.append(np.bincount(cell, minlength=size).reshape(-1, minutes))
    return counts[0], counts[1]


def _scramble(seed: int, number: int) -> int:
    """Turn a number into another of 64 bits; for one seed no two numbers meet (splitmix64 is a bijection)."""
    z = (number + (seed + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)

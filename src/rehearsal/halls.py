# SPDX-License-Identifier: Apache-2.0
"""Halls: the walk of every visitor through halls, drawn so that the published hall peaks come out. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rehearsal import parameters as p
from rehearsal.population import Generator, Hours, Seconds
from rehearsal.venue import Hall

Index = NDArray[np.int32]
Counts = NDArray[np.int64]

# The fit below closes in on the published peaks by a factor of about ten in each round.
ROUNDS = 6
SLOT = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """Visits to halls. Shape: one row per visit; ``hall`` is the hall's number in the venue."""

    person: Index
    into: Seconds
    out: Seconds
    hall: NDArray[np.int8]


def draw_walks(
    stays: tuple[Index, Seconds, Seconds], halls: tuple[Hall, ...], entries: int, hours: Hours, rng: Generator
) -> Walks:
    """Lead every stay through halls with dwell times, then choose the halls."""
    person, into, out = _visits(stays, hours, rng)
    targets = _targets(halls, entries)
    hall = _choose(into, out, halls, targets, hours, rng)
    return Walks(person=person, into=into, out=out, hall=hall)


def occupancy(hall: NDArray[np.int8], into: Seconds, out: Seconds, halls: int, hours: Hours) -> Counts:
    """Persons in each hall at the end of each minute. Shape: halls x minutes since the gates opened."""
    minutes = span(hours)
    base = hall.astype(np.int64) * minutes
    size = halls * minutes
    rise = np.bincount(base + (into - hours.gates_open) // 60, minlength=size)
    fall = np.bincount(base + (out - hours.gates_open) // 60, minlength=size)
    return np.cumsum((rise - fall).reshape(halls, minutes), axis=1)


def span(hours: Hours) -> int:
    """Minutes from the opening of the gates to closing."""
    return (hours.closes - hours.gates_open) // 60


def _visits(stays: tuple[Index, Seconds, Seconds], hours: Hours, rng: Generator) -> tuple[Index, Seconds, Seconds]:
    person, start, end = stays
    last = end - round(p.WALK_OUT.value * 60)
    at = start + (rng.gamma(4, p.WALK_IN.value / 4, len(start)) * 60).astype(np.int32)
    # Those who wait at the doors when the halls open go in over ten minutes.
    at = np.maximum(at, hours.halls_open + rng.integers(0, 600, len(at), dtype=np.int32)).astype(np.int32)
    least = round(p.HALL_DWELL_LEAST.value * 60)
    found: list[tuple[Index, Seconds, Seconds]] = []
    while True:
        walking = last - at >= least
        person, at, last = person[walking], at[walking], last[walking]
        if not len(person):
            break
        dwell = np.maximum((rng.gamma(2, p.HALL_DWELL.value / 2, len(at)) * 60).astype(np.int32), least)
        out = np.minimum(at + dwell, last)
        found.append((person, at, out))
        at = out + 60 + (rng.gamma(2, p.BETWEEN_HALLS.value / 2, len(at)) * 60).astype(np.int32)
    if not found:
        return person, at, at
    people, into, left = (np.concatenate(column) for column in zip(*found, strict=True))
    return people, into, left


def _targets(halls: tuple[Hall, ...], entries: int) -> NDArray[np.float64]:
    """Published peaks, scaled to the day; 0 where none is published."""
    scale = entries / p.CALIBRATION_ENTRIES.value
    return np.array([p.HALL_PEAKS[hall.id].value * scale if hall.id in p.HALL_PEAKS else 0.0 for hall in halls])


def _choose(
    into: Seconds,
    out: Seconds,
    halls: tuple[Hall, ...],
    targets: NDArray[np.float64],
    hours: Hours,
    rng: Generator,
) -> NDArray[np.int8]:
    """Draw a hall for every visit. Method: pulls are corrected until the peaks of the named halls are met;
    the other halls share what is left by their floor."""
    named = targets > 0
    area = np.array([hall.area_m2 for hall in halls])
    lean = rng.uniform(-p.HALL_LEAN.value, p.HALL_LEAN.value, len(halls))
    draw = rng.random(len(into))
    slot = (into - hours.gates_open) // SLOT
    pull = _shared(np.where(named, area / area.sum(), 0.0), named, area)
    for _ in range(ROUNDS):
        chosen = _drawn(draw, slot, pull, lean, hours)
        if not named.any() or not len(into):
            break
        peaks = occupancy(chosen, into, out, len(halls), hours).max(axis=1)
        pull = _shared(np.where(named, pull * targets / np.maximum(peaks, 1), 0.0), named, area)
    return chosen


def _shared(pull: NDArray[np.float64], named: NDArray[np.bool_], area: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the halls without a published peak what the named ones leave, by floor; make the sum 1."""
    rest = np.where(named, 0.0, area)
    if rest.sum() > 0:
        pull = pull * min(1.0, 0.9 / max(pull.sum(), 1e-9))
        pull = pull + rest / rest.sum() * (1 - pull.sum())
    shared: NDArray[np.float64] = pull / pull.sum()
    return shared


def _drawn(
    draw: NDArray[np.float64],
    slot: Index,
    pull: NDArray[np.float64],
    lean: NDArray[np.float64],
    hours: Hours,
) -> NDArray[np.int8]:
    """Turn one uniform number per visit into a hall, with each hall's pull leaning over the day."""
    slots = span(hours) * 60 // SLOT + 1
    day = np.linspace(-1, 1, slots)[:, None]
    weight = pull[None, :] * (1 + lean[None, :] * day)
    edge = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    chosen = np.zeros(len(draw), dtype=np.int8)
    for hall in range(len(pull) - 1):
        chosen += draw > edge[slot, hall]
    return chosen

# SPDX-License-Identifier: Apache-2.0
"""Booths: back-to-back rows inside the grid cells of each hall, shared out to all exhibitors."""

from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil
from random import Random

from editions.making import shapes
from editions.making.halls import Hall
from editions.making.parameters import Parameters
from editions.making.site import Feature, Site, feature, named

ROW_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of one row in one cell, free of cross aisles; units are of equal width."""

    hall: Hall
    cell: int
    row: str
    start: float
    bottom: float
    units: int


def booth_features(parameters: Parameters, site: Site, halls: list[Hall]) -> list[Feature]:
    """One booth for each exhibitor, in the order of halls, rows and numbers."""
    runs = [run for hall in halls for run in _runs(parameters, hall)]
    density = parameters["booths"]["density"]
    weights = [run.units * density.size(run.hall.zone) for run in runs]
    shares = share_out(parameters["booths"].count("total"), weights, [run.units for run in runs])
    rng = Random(parameters["booths"].count("seed"))
    done: list[Feature] = []
    for (_, row), stretches in groupby(zip(runs, shares, strict=True), key=lambda one: (one[0].hall.id, one[0].row)):
        number = 0
        for run, share in stretches:
            for start, units in _parts(run.units, share, rng):
                number += 1
                done.append(_booth(parameters, site, run, f"{row}{number:02}", start, units, len(done) + 1))
    return done


def share_out(total: int, weights: list[float], most: list[int]) -> list[int]:
    """Whole numbers near the weights that add up to the total, each from 1 to its most."""
    whole = sum(weights)
    wished = [total * weight / whole for weight in weights]
    shares = [max(1, min(top, int(wish))) for wish, top in zip(wished, most, strict=True)]
    while (left := total - sum(shares)) != 0:
        step = 1 if left > 0 else -1
        order = sorted(range(len(shares)), key=lambda k: (step * (shares[k] - wished[k]), k))
        able = [k for k in order if 1 <= shares[k] + step <= most[k]]
        for k in able[: abs(left)]:
            shares[k] += step
    return shares


def _runs(parameters: Parameters, hall: Hall) -> list[Run]:
    size = parameters["booths"].size
    found = []
    bottom, rows = hall.rows_from, 0
    while bottom + size("depth_m") <= hall.rows_to:
        row = ROW_LETTERS[rows]
        for cell, ring in enumerate(hall.cells, 1):
            run = _run(parameters, hall, cell, ring, row, bottom)
            if run:
                found.append(run)
        rows += 1
        bottom += size("depth_m") + (0 if rows % 2 else size("aisle_m"))
    return found


def _run(parameters: Parameters, hall: Hall, cell: int, ring: shapes.Ring, row: str, bottom: float) -> Run | None:
    size = parameters["booths"].size
    chords = [shapes.chord(ring, bottom), shapes.chord(ring, bottom + size("depth_m"))]
    if None in chords:
        return None
    ends = [chord for chord in chords if chord]
    clear = size("cross_aisle_m") / 2
    west, east = max(end[0] for end in ends) + clear, min(end[1] for end in ends) - clear
    start = ceil(west / 3) * 3.0
    units = int((east - start) // size("unit_width_m"))
    return Run(hall=hall, cell=cell, row=row, start=start, bottom=bottom, units=units) if units > 0 else None


def _parts(units: int, count: int, rng: Random) -> list[tuple[int, int]]:
    """Start and length of so many parts of a run."""
    order = sorted((rng.random(), at) for at in range(1, units))
    cuts = [0, *sorted(at for _, at in order[: count - 1]), units]
    return [(a, b - a) for a, b in pairwise(cuts)]


def _booth(
    parameters: Parameters, site: Site, run: Run, code: str, start: int, units: int, exhibitor: int
) -> Feature:  # fmt: skip
    size = parameters["booths"].size
    west = run.start + start * size("unit_width_m")
    east = west + units * size("unit_width_m")
    ring = shapes.box(west, run.bottom, east, run.bottom + size("depth_m"))
    area = round(abs(shapes.area(ring)))
    return feature(
        f"{run.hall.id}-{code}",
        named(f"{run.hall.id}-{code}展位", f"Booth {run.hall.id}-{code}"),
        run.hall.level,
        site.polygon(run.hall.frame.ring(ring)),
        hall=run.hall.id,
        grid=f"{run.hall.id}-{run.cell}",
        exhibitor=f"X{exhibitor:04}",
        build="raw_space" if area >= size("raw_space_from_m2") else "shell_scheme",
        area_m2=area,
        area_m2_tag="assumed",
    )

# SPDX-License-Identifier: Apache-2.0
"""Ground: where made-up things may stand, and how their registers are written: a CSV beside each declaration."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from editions.making.parameters import Parameters
from editions.making.site import Feature

Row = dict[str, Any]
# How many degrees a thing may stand beside the booth it was put to: about 15 m.
SCATTER = 0.00015
STATES = ("ready",) * 18 + ("repair", "out")


class Ground:
    """Where things may stand: beside the booths of a hall, or somewhere in the city. made: rows so far, by register."""

    def __init__(self, rng: Random, kinds: Mapping[str, list[Feature]], made: Mapping[str, list[Row]]) -> None:
        self.rng, self.kinds, self.made = rng, kinds, made
        self._booths: dict[str, list[Feature]] = {}
        for booth in kinds["booth"]:
            self._booths.setdefault(booth["properties"]["hall"], []).append(booth)
        self.halls = sorted(self._booths)

    def inside(self, hall: str = "") -> Row:
        """A hall and a place in it. hall: "" for any."""
        return self.beside(hall)[1]

    def beside(self, hall: str = "") -> tuple[str, Row]:
        """A booth, and the hall and a place beside it."""
        hall = hall or self.rng.choice(self.halls)
        booth = self.rng.choice(self._booths[hall])
        east, north = booth["geometry"]["coordinates"][0][0]
        level = booth["properties"]["level"]
        place = f"{level} {self._near(east, SCATTER)} {self._near(north, SCATTER)}"
        return str(booth["id"]), {"hall": hall, "place": place}

    def outside(self, spread: float) -> str:
        """Somewhere around the fair. spread: degrees."""
        return f"{self._near(121.2974, spread)} {self._near(31.1916, spread)}"

    def _near(self, degrees: float, spread: float) -> str:
        return f"{degrees + (self.rng.random() * 2 - 1) * spread:.6f}"

    def state(self) -> str:
        return self.rng.choice(STATES)

    def day(self, year: int) -> str:
        return f"{year}-{self.rng.randrange(1, 13):02}-{self.rng.randrange(1, 29):02}"


# Group, register, and what makes its rows; a register that several make has the rows of all of them.
Registers = Iterable[tuple[str, str, Callable[[Ground, Parameters], Iterator[Row]]]]


def write_registers(
    edition: Path, kinds: Mapping[str, list[Feature]], parts: Iterable[tuple[Parameters, Registers]]
) -> None:
    """Write every register of these parts. edition: where the groups' folders lie. parts: amounts with their seed, registers."""
    made, groups = dict[str, list[Row]](), dict[str, str]()
    for of, registers in parts:
        ground = Ground(Random(of.count("seed")), kinds, made)
        for group, key, make in registers:
            groups[key] = group
            made.setdefault(key, []).extend(make(ground, of))
    for key, rows in made.items():
        write_rows(edition, groups[key], key, rows)


def write_rows(edition: Path, group: str, key: str, rows: Iterable[Row]) -> None:
    """The CSV beside a declaration. group: "" for a register of no group."""
    folder = edition / "groups" / group / "registers" if group else edition / "registers"
    folder.mkdir(parents=True, exist_ok=True)
    found = list(rows)
    columns = list(dict.fromkeys(name for row in found for name in row))
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(found)
    (folder / f"{key}.csv").write_text(text.getvalue(), "utf-8")

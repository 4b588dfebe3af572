# SPDX-License-Identifier: Apache-2.0
"""Exhibitors: the register's rows, with zone and sub-zone, how often they came, and the lists they stand on."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from editions.making.parameters import Parameters
from editions.making.site import Feature

Row = dict[str, Any]
LAST_EDITION, LISTED_EDITION = 7, 4
GLOBAL_500 = "global-500-or-leader"
# One in so many of those present at every edition is an institution and not a company: both are in the published number.
INSTITUTION_EVERY = 12


class SubZone(NamedTuple):
    """A part of a zone, on whole cells of the grid. since: the edition that first had it, "" where nothing is published."""

    id: str
    zone: str
    zh: str
    en: str
    cells: tuple[str, ...]
    since: str = ""


def _cells(hall: str, numbers: str) -> tuple[str, ...]:
    return tuple(f"{hall}-{number}" for number in numbers)


SUB_ZONES = (
    SubZone(
        "integrated-circuits", "technical_equipment", "集成电路专区", "Integrated circuits", _cells("4.1", "12345")
    ),
    SubZone("digital-industry", "technical_equipment", "数字工业专区", "Digital industry", _cells("4.2", "12345")),
    SubZone(
        "energy-environment", "technical_equipment", "能源环保专区", "Energy and environment", _cells("8.1", "1234")
    ),
    SubZone("sports", "consumer_goods", "体育用品及赛事专区", "Sports goods and events", _cells("6.2", "12")),
    SubZone("cultural-tourism", "services_trade", "文化旅游板块", "Cultural tourism", _cells("8.2", "12"), "4"),
)
OF_CELL = {cell: one.id for one in SUB_ZONES for cell in one.cells}


def exhibitor_rows(file: Path, booths: list[Feature], of: Parameters) -> list[Row]:
    """file: the pack's exhibitors. of: amounts."""
    of_booth = {booth["id"]: booth["properties"] for booth in booths}
    rows = [_row(row, of_booth[row["booth"]]) for row in csv.DictReader(StringIO(file.read_text("utf-8")))]
    for id_, tags in _lists(rows, of).items():
        row = rows[id_]
        row["tags"] = ";".join([row["tags"], *tags] if row["tags"] else tags)
    return rows


def _row(row: Mapping[str, str], booth: Mapping[str, Any]) -> Row:
    first, number = int(row["first_edition"]), int(row["id"][1:])
    always = first == 1
    return {
        **{key: row[key] for key in ("id", "name_zh", "name_en")},
        "kind": "institution" if always and number % INSTITUTION_EVERY == 0 else "company",
        **{key: row[key] for key in ("country", "zone")},
        "sub_zone": OF_CELL.get(booth["grid"], ""),
        "booth": row["booth"],
        "cell": booth["grid"],
        "build": booth["build"],
        "area_m2": booth["area_m2"],
        "first_edition": first,
        "streak": LAST_EDITION - first + 1,
        "tags": "full-attendance" if always else "first-time" if first == LAST_EDITION else "",
    }


def _lists(rows: list[Row], of: Parameters) -> dict[int, list[str]]:
    """The lists of the 4th edition, on exhibitors that had come by then. Shape: place in rows -> lists."""
    rng = Random(of.count("seed"))
    every, first, all_ = (of.count(f"global_500{part}") for part in ("_every", "_first", ""))
    leaders = [
        *rng.sample(_came(rows, 1, 1), every),
        *rng.sample(_came(rows, LISTED_EDITION, LISTED_EDITION), first),
        *rng.sample(_came(rows, 2, LISTED_EDITION - 1), all_ - every - first),
    ]
    tags = {at: [GLOBAL_500] for at in sorted(leaders)}
    for at, tag in _tops(rows, sorted(leaders), of, rng):
        tags[at].append(tag)
    return tags


def _came(rows: list[Row], earliest: int, latest: int) -> list[int]:
    """Places of companies that came first at one of these editions."""
    return [
        at for at, row in enumerate(rows) if row["kind"] == "company" and earliest <= row["first_edition"] <= latest
    ]


def _tops(rows: list[Row], leaders: list[int], of: Parameters, rng: Random) -> Iterator[tuple[int, str]]:
    cars = [at for at in leaders if rows[at]["zone"] == "automobile"]
    goods = [at for at in leaders if rows[at]["zone"] == "consumer_goods"]
    cosmetics, fashion = of.count("top_cosmetics"), of.count("top_fashion")
    for at in rng.sample(cars, of.count("top_car_group")):
        yield at, "top-10-car-groups"
    for number, at in enumerate(rng.sample(goods, cosmetics + fashion)):
        yield at, "top-10-cosmetics" if number < cosmetics else "top-3-fashion"

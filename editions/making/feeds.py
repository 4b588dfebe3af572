# SPDX-License-Identifier: Apache-2.0
"""Feeds: recorded samples of what other bodies would send on a show day. All of it is synthetic, made from a seed."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from math import exp
from pathlib import Path
from random import Random

ZONE = timezone(timedelta(hours=8))
FIRST = datetime(2024, 11, 5, 8, 0, tzinfo=ZONE)
LAST = datetime(2024, 11, 5, 18, 0, tzinfo=ZONE)
SEED = 7

# Share of the station's passengers; its exits and entries of a day are assumed.
LINES = {"line-2": 0.68, "line-17": 0.32}
STATION_DAY = 65_000
ARRIVAL, DEPARTURE = (9.6, 1.0), (15.8, 1.3)
# Capacity, and the share of it that is taken at the most.
LOTS = {"P1": (600, 0.93), "P4": (400, 0.88), "P5": (2000, 0.81), "P6": (500, 0.97), "P9": (400, 0.72)}


def write_feeds(target: Path) -> None:
    """A sample beside each declaration: rows of a table, or a JSON body a line."""
    dice = Random(SEED)
    groups = target / "groups"
    _table(groups / "traffic/feeds/metro.csv", ["at", "line", "exits", "entries"], _metro(dice))
    _table(groups / "traffic/feeds/parking.csv", ["at", "lot", "occupied"], _parking(dice))
    hotels = _hotels(dice, groups / "lodging/registers/hotel.csv")
    _table(groups / "lodging/feeds/hotel-occupancy.csv", ["at", "district", "hotels", "rooms", "occupied"], hotels)
    weather = groups / "weather/feeds/weather.jsonl"
    weather.parent.mkdir(parents=True, exist_ok=True)
    weather.write_text("".join(json.dumps(one) + "\n" for one in _weather(dice)), "utf-8")


def _table(file: Path, head: list[str], rows: Iterable[list[object]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def _every(minutes: int) -> Iterator[datetime]:
    at = FIRST
    while at <= LAST:
        yield at
        at += timedelta(minutes=minutes)


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60


def _bell(hour: float, middle: float, width: float) -> float:
    """Share of a day in five minutes around this hour."""
    return exp(-(((hour - middle) / width) ** 2) / 2) / (width * 2.5066) / 12


def _metro(dice: Random) -> Iterator[list[object]]:
    for at in _every(5):
        for line, share in LINES.items():
            out, into = (STATION_DAY * share * _bell(_hour(at), *peak) for peak in (ARRIVAL, DEPARTURE))
            yield [at.isoformat(), line, round(out * dice.uniform(0.9, 1.1)), round(into * dice.uniform(0.9, 1.1))]


def _parking(dice: Random) -> Iterator[list[object]]:
    for at in _every(5):
        hour = _hour(at)
        filled = 1 / (1 + exp(-2.2 * (hour - 9.4))) * (1 - 0.85 / (1 + exp(-1.8 * (hour - 16.2))))
        for lot, (capacity, most) in LOTS.items():
            yield [at.isoformat(), lot, round(capacity * most * filled * dice.uniform(0.97, 1.0))]


def _hotels(dice: Random, register: Path) -> Iterator[list[object]]:
    with register.open(encoding="utf-8", newline="") as file:
        hotels = [(row["district"], int(row["rooms"])) for row in csv.DictReader(file)]
    for at in _every(60):
        for district in sorted({one for one, _ in hotels}, key=lambda name: int(name[1:])):
            rooms = [count for one, count in hotels if one == district]
            share = dice.uniform(0.55, 0.6) + 0.01 * (at.hour - 8)
            yield [at.isoformat(), district, len(rooms), sum(rooms), round(sum(rooms) * share)]


def _weather(dice: Random) -> Iterator[dict[str, object]]:
    for at in _every(60):
        warm = 16.5 + 5 * exp(-(((_hour(at) - 14) / 3.5) ** 2) / 2)
        yield {
            "observed": at.isoformat(),
            "air": {"celsius": round(warm + dice.uniform(-0.4, 0.4), 1), "humidity": dice.randint(52, 68)},
            "wind": {"speed": round(dice.uniform(1.5, 4.5), 1)},
            "rain": 0,
        }

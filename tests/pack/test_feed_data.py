# SPDX-License-Identifier: Apache-2.0
"""The recorded samples that ship with an edition: each is read by its own declaration without a mistake."""

import csv
import tomllib
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.rules.feed_reading import Read, read
from fourleaf.engines.sensing.rules.feed_tables import Delivery
from tests.docs.source import ROOT

FILES = sorted((ROOT / "editions").glob("*/groups/*/feeds/*.toml"))
ZONE = "Asia/Shanghai"


def deliveries(file: Path) -> list[tuple[datetime, bytes]]:
    """A recorded sample cut as it is delivered: a time and a body each."""
    if (lines := file.with_suffix(".jsonl")).exists():
        bodies = lines.read_bytes().splitlines()
        return [(datetime.fromisoformat(msgspec.json.decode(body)["observed"]), body) for body in bodies]
    rows = list(csv.reader(StringIO(file.with_suffix(".csv").read_text("utf-8"))))
    found = dict[str, list[list[str]]]()
    for row in rows[1:]:
        found.setdefault(row[rows[0].index("at")], [rows[0]]).append(row)
    return [(datetime.fromisoformat(at), table(some)) for at, some in found.items()]


def table(rows: list[list[str]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def feed_of(file: Path) -> Feed:
    said: Any = tomllib.loads(file.read_text("utf-8"))
    return msgspec.convert(said, Feed)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_a_recorded_sample_is_read_without_a_mistake_and_comes_in_its_time(file: Path) -> None:
    feed, before = feed_of(file), None

    for at, body in deliveries(file):
        delivery = Delivery(body=body, format=feed.schema.format, received=at)
        found = read(feed, delivery, zone=ZONE, last={})

        assert (found.broken, list(found.problems), list(found.findings)) == (None, [], [])
        assert len(found.values) == len(feed.things) * len(feed.quantities)
        every = timedelta(seconds=feed.interval_s)
        # Whoever is asked is asked more often than he has something new.
        assert before is None or at - before == every or (feed.way == "pull" and (at - before) % every == timedelta())
        before = at


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_a_sample_says_that_it_is_made_up(file: Path) -> None:
    feed = feed_of(file)

    assert feed.source == "synthetic"
    assert feed.note is not None and "合成" in feed.note.zh and "synthetic" in feed.note.en


def test_finer_hotel_rows_are_not_taken() -> None:
    feed = feed_of(next(file for file in FILES if file.stem == "hotel-occupancy"))
    at = datetime.fromisoformat("2024-11-05T08:00:00+08:00")
    rows = [["at", "district", "hotels", "rooms", "occupied"], [at.isoformat(), "d1", "4", "900", "700"]]

    found: Read = read(feed, Delivery(body=table(rows), format="csv", received=at), zone=ZONE, last={})

    assert (found.broken and found.broken.about, list(found.values)) == ("too-fine", [])

# SPDX-License-Identifier: Apache-2.0
"""Feeds: recorded samples of what other bodies send, brought when the run's clock reaches them, moved to the rehearsed day."""

import asyncio
import csv
import json
import tomllib
from collections.abc import Awaitable, Callable, Container, Iterator, Mapping
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from rehearsal.client import Reading
from rehearsal.ways import Sample, Way

POLL_S = 0.5
# Of what fell due before we began only so much is sent: a feed has a present, not a history.
MOST_LATE = 3
# What the time of a delivery is called, in a table and in JSON.
TIMES = ("at", "observed")


def declared(folder: Path) -> dict[str, dict[str, Any]]:
    """What the edition says of its feeds. Shape: feed -> the content of its file."""
    found = sorted(folder.glob("groups/*/feeds/*.toml"))
    return {file.stem: tomllib.loads(file.read_text("utf-8")) for file in found}


def read_samples(folder: Path, feeds: Container[str], day: date) -> list[Sample]:
    """All deliveries of these feeds, in order of time, moved to this day."""
    found: list[Sample] = []
    for file in sorted(folder.glob("groups/*/feeds/*")):
        if file.stem in feeds and file.suffix in (".csv", ".jsonl"):
            text = file.read_text("utf-8")
            found += _tables(file.stem, text, day) if file.suffix == ".csv" else _bodies(file.stem, text, day)
    return sorted(found, key=lambda sample: sample.at)


def _tables(feed: str, text: str, day: date) -> Iterator[Sample]:
    """Rows of the same time are one delivery."""
    head, *rows = csv.reader(StringIO(text))
    column = next(head.index(name) for name in TIMES if name in head)
    by_time: dict[datetime, list[list[str]]] = {}
    for row in rows:
        at = _moved(row[column], day)
        by_time.setdefault(at, [head]).append([*row[:column], at.isoformat(), *row[column + 1 :]])
    for number, (at, some) in enumerate(sorted(by_time.items()), 1):
        out = StringIO()
        csv.writer(out, lineterminator="\n").writerows(some)
        yield Sample(feed=feed, number=number, at=at, body=out.getvalue().encode(), media="text/csv")


def _bodies(feed: str, text: str, day: date) -> Iterator[Sample]:
    """A line is a delivery."""
    for number, line in enumerate(text.splitlines(), 1):
        said = json.loads(line)
        name = next(one for one in TIMES if one in said)
        at = _moved(said[name], day)
        body = json.dumps(said | {name: at.isoformat()}).encode()
        yield Sample(feed=feed, number=number, at=at, body=body, media="application/json")


def _moved(text: str, day: date) -> datetime:
    return datetime.fromisoformat(text).replace(year=day.year, month=day.month, day=day.day)


async def deliver(samples: list[Sample], ways: Mapping[str, Way], clock: Callable[[], Awaitable[Reading]]) -> int:
    """Bring each sample when its time has come, until the run is over. Gives how many were brought."""
    brought, waiting = 0, list(samples)
    while waiting:
        reading = await clock()
        due = [sample for sample in waiting if sample.at <= reading.now]
        waiting = waiting[len(due) :]
        for sample in _newest(due, ways):
            brought += await ways[sample.feed].bring(sample)
        if reading.state == "finished":
            break
        await asyncio.sleep(POLL_S)
    return brought


def _newest(due: list[Sample], ways: Mapping[str, Way]) -> Iterator[Sample]:
    """The last few of each feed, in order of time; of one that must be told in full all of them."""
    left: dict[str, int] = {}
    for sample in due:
        left[sample.feed] = left.get(sample.feed, 0) + 1
    for sample in due:
        if left[sample.feed] <= MOST_LATE or ways[sample.feed].in_full:
            yield sample
        left[sample.feed] -= 1

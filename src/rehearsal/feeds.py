# SPDX-License-Identifier: Apache-2.0
"""Feeds: recorded samples of what other bodies send, pushed when the run's clock reaches them, moved to the rehearsed day."""

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path

from rehearsal.act import say
from rehearsal.client import Client, Reading, Rejected, Unusable

POLL_S = 0.5
# Of what fell due before we began only so much is sent: a feed has a present, not a history.
MOST_LATE = 3
# What the time of a delivery is called, in a table and in JSON.
TIMES = ("at", "observed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One recorded delivery."""

    feed: str
    at: datetime
    body: bytes
    media: str


def read_samples(folder: Path, feeds: Mapping[str, str], day: date) -> list[Sample]:
    """All deliveries of the feeds that we have a token for, in order of time, moved to this day."""
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
    for at, some in by_time.items():
        out = StringIO()
        csv.writer(out, lineterminator="\n").writerows(some)
        yield Sample(feed=feed, at=at, body=out.getvalue().encode(), media="text/csv")


def _bodies(feed: str, text: str, day: date) -> Iterator[Sample]:
    """A line is a delivery."""
    for line in text.splitlines():
        said = json.loads(line)
        name = next(one for one in TIMES if one in said)
        at = _moved(said[name], day)
        body = json.dumps(said | {name: at.isoformat()}).encode()
        yield Sample(feed=feed, at=at, body=body, media="application/json")


def _moved(text: str, day: date) -> datetime:
    return datetime.fromisoformat(text).replace(year=day.year, month=day.month, day=day.day)


async def deliver(
    client: Client,
    samples: list[Sample],
    tokens: Mapping[str, str],
    clock: Callable[[], Awaitable[Reading]] | None = None,
) -> int:
    """Push each sample when its time has come, until the run is over. Gives how many were taken."""
    taken, waiting = 0, list(samples)
    while waiting:
        reading = await (clock or client.clock)()
        due = [sample for sample in waiting if sample.at <= reading.now]
        waiting = waiting[len(due) :]
        for sample in _newest(due):
            taken += await _push(client, sample, tokens[sample.feed])
        if reading.state == "finished":
            break
        await asyncio.sleep(POLL_S)
    return taken


def _newest(due: list[Sample]) -> Iterator[Sample]:
    """The last few of each feed, in order of time."""
    left: dict[str, int] = {}
    for sample in due:
        left[sample.feed] = left.get(sample.feed, 0) + 1
    for sample in due:
        if left[sample.feed] <= MOST_LATE:
            yield sample
        left[sample.feed] -= 1


async def _push(client: Client, sample: Sample, token: str) -> int:
    try:
        await client.push_feed(sample.feed, token, sample.body, sample.media)
    except (Rejected, Unusable) as refused:  # the rest of the rehearsal goes on: somebody may have made another token
        say("error", "feed refused", feed=sample.feed, detail=str(refused))
        return 0
    return 1

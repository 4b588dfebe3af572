# SPDX-License-Identifier: Apache-2.0
"""Feeds of a rehearsal: recorded samples come in their time, moved to the rehearsed day, and never hold up the rest."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx

from rehearsal.client import Client, Reading
from rehearsal.feeds import deliver, read_samples
from rehearsal.parameters import ZONE
from rehearsal.ways import Pushed

DAY = date(2024, 11, 7)
NINE = datetime(2024, 11, 7, 9, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)


def folder(tmp_path: Path) -> Path:
    feeds = tmp_path / "groups" / "traffic" / "feeds"
    feeds.mkdir(parents=True)
    rows = [f"2024-11-05T09:{minute:02}:00+08:00,{line},{minute}" for minute in range(6) for line in ("a", "b")]
    (feeds / "metro.csv").write_text("\n".join(["at,line,n", *rows]) + "\n", "utf-8")
    (feeds / "air.jsonl").write_text(json.dumps({"observed": "2024-11-05T09:02:00+08:00", "c": 17}) + "\n", "utf-8")
    (feeds / "other.csv").write_text("at\n2024-11-05T09:00:00+08:00\n", "utf-8")
    return tmp_path


class Clock:
    """Gives these instants one after another, then says that the run is over."""

    def __init__(self, *times: datetime) -> None:
        self._left = list(times)

    async def __call__(self) -> Reading:
        now = self._left.pop(0)
        state = "running" if self._left else "finished"
        return Reading(now=now, state=state, speed=1, speed_reached=1, ends_at=None)


def test_samples_are_cut_by_time_and_moved_to_the_rehearsed_day(tmp_path: Path) -> None:
    found = read_samples(folder(tmp_path), {"metro": "m", "air": "a"}, DAY)

    assert [(one.feed, one.at) for one in found[:3]] == [
        ("metro", NINE),
        ("metro", NINE + MINUTE),
        ("air", NINE + 2 * MINUTE),
    ]
    assert found[0].body == b"at,line,n\n2024-11-07T09:00:00+08:00,a,0\n2024-11-07T09:00:00+08:00,b,0\n"
    assert json.loads(found[2].body) == {"observed": "2024-11-07T09:02:00+08:00", "c": 17}
    assert len(found) == 7


async def test_each_comes_when_its_time_has_come_and_of_what_fell_due_before_only_the_newest(tmp_path: Path) -> None:
    asked: list[tuple[str, str, bytes]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, request.headers["Authorization"], request.content[-4:]))
        return httpx.Response(200, json={})

    samples = read_samples(folder(tmp_path), {"metro": "m"}, DAY)
    async with Client("http://fair", "r", transport=httpx.MockTransport(answer)) as client:
        taken = await deliver(samples, {"metro": Pushed(client, "m")}, Clock(NINE + 4 * MINUTE, NINE + 9 * MINUTE))

    assert taken == 4
    assert [body for _, _, body in asked] == [b"b,2\n", b"b,3\n", b"b,4\n", b"b,5\n"]
    assert {one[:2] for one in asked} == {("/r/r/sensing/feeds/metro", "Bearer m")}


async def test_a_feed_that_is_refused_holds_up_nobody(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401 if "metro" in request.url.path else 200, json={"code": "x"})

    tokens = {"metro": "old", "air": "a"}
    samples = read_samples(folder(tmp_path), tokens, DAY)
    async with Client("http://fair", "r", transport=httpx.MockTransport(answer)) as client:
        ways = {name: Pushed(client, token) for name, token in tokens.items()}
        assert await deliver(samples, ways, Clock(NINE + 9 * MINUTE)) == 1

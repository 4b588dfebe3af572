# SPDX-License-Identifier: Apache-2.0
"""The actor against a stand-in that fails on order: nothing early, nothing lost, nothing doubled."""

import asyncio
import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from rehearsal import act, client
from rehearsal.act import Actor
from rehearsal.client import Client, Unusable
from rehearsal.doors import Counts
from rehearsal.plan import AGAIN, IN, DayPlan, plan_day
from rehearsal.progress import Ledger
from rehearsal.reports import plan_reports
from tests.rehearsal.stand_in import OPENS, RUN, StandIn, a_venue, tokens_of

WHOLE = a_venue(doors=2)
VENUE = WHOLE.only(lanes=WHOLE.lanes, doors=("4.1-D0", "4.1-D1", "8.1-D0", "8.2-D0"))
# With this seed somebody scans twice.
PLAN = plan_day(VENUE, date(2024, 11, 5), seed=1, entries=600)
ENTERED = int(np.count_nonzero(PLAN.passages.turn == IN))
SECOND_SCANS = int(np.count_nonzero(PLAN.passages.turn == AGAIN))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act, "POLL_S", 0.001)
    monkeypatch.setattr(act, "SAVE_S", 0.0)
    monkeypatch.setattr(act, "TELL_S", 0.0)
    monkeypatch.setattr(client, "FIRST_WAIT_S", 0.0001)
    monkeypatch.setattr(client, "LONGEST_WAIT_S", 0.001)


def actor_for(http: Client, tmp_path: Path, plan: DayPlan = PLAN, until: int | None = None) -> Actor:
    ledger = Ledger(tmp_path / "tokens.json.progress", {"run": RUN})
    return Actor(http, plan, plan_reports(plan, 5), tokens_of(plan.venue), ledger, until=until)


async def test_a_day_ends_with_everyone_out_and_every_minute_reported(tmp_path: Path) -> None:
    city = StandIn()

    async with Client("http://city", RUN, transport=city.transport()) as http:
        summary = await actor_for(http, tmp_path).run()

    assert dict(city.decisions) == {"entered": ENTERED, "left": ENTERED, "turned_away": SECOND_SCANS}
    assert city.inside == set()
    assert len(city.doors) == PLAN.door_in.size
    assert sum(into for into, _ in city.doors.values()) == PLAN.door_in.sum()
    assert summary["state"] == "finished"
    assert summary["sent"] == len(PLAN.passages)
    assert (summary["unexpected"], summary["rejected"], summary["waiting"], summary["retries"]) == (0, 0, 0, 0)
    assert summary["door_rows"] == PLAN.door_in.size


async def test_nothing_is_lost_or_doubled_while_the_server_fails(tmp_path: Path) -> None:
    city = StandIn(trouble=0.15)

    async with Client("http://city", RUN, transport=city.transport()) as http:
        summary = await actor_for(http, tmp_path).run()

    assert dict(city.decisions) == {"entered": ENTERED, "left": ENTERED, "turned_away": SECOND_SCANS}
    assert len(city.doors) == PLAN.door_in.size
    assert city.replays > 0
    assert summary["retries"] > 0
    assert (summary["unexpected"], summary["rejected"]) == (0, 0)


async def test_nothing_is_sent_before_the_clock_reaches_it(tmp_path: Path) -> None:
    city = StandIn(step=timedelta(minutes=1), paused_at=OPENS + timedelta(hours=2))

    async with Client("http://city", RUN, transport=city.transport()) as http:
        running = asyncio.create_task(actor_for(http, tmp_path).run())
        while city.now < OPENS + timedelta(hours=2):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        running.cancel()
        await asyncio.wait([running])

    due = PLAN.passages.at <= PLAN.hours.gates_open + 2 * 3600
    assert city.early == 0
    assert sum(city.decisions.values()) == np.count_nonzero(due)


async def test_a_killed_rehearsal_goes_on_where_it_was(tmp_path: Path) -> None:
    city = StandIn(step=timedelta(minutes=1), paused_at=OPENS + timedelta(hours=4))
    async with Client("http://city", RUN, transport=city.transport()) as http:
        first = asyncio.create_task(actor_for(http, tmp_path).run())
        while city.now < OPENS + timedelta(hours=4):
            await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.wait([first])
    done = json.loads((tmp_path / "tokens.json.progress").read_text())["passages"]

    city.paused_at = None
    async with Client("http://city", RUN, transport=city.transport()) as http:
        summary = await actor_for(http, tmp_path).run()

    assert 0 < done < len(PLAN.passages)
    assert dict(city.decisions) == {"entered": ENTERED, "left": ENTERED, "turned_away": SECOND_SCANS}
    assert summary["sent"] == len(PLAN.passages) - done
    assert summary["unexpected"] == 0
    assert len(city.doors) == PLAN.door_in.size


async def test_a_rehearsal_whose_progress_is_gone_asks_again_and_doubles_nothing(tmp_path: Path) -> None:
    city = StandIn()
    for _ in range(2):
        async with Client("http://city", RUN, transport=city.transport()) as http:
            await actor_for(http, tmp_path).run()
        (tmp_path / "tokens.json.progress").unlink()

    assert city.replays == len(PLAN.passages)
    assert dict(city.decisions) == {"entered": ENTERED, "left": ENTERED, "turned_away": SECOND_SCANS}


async def test_the_sequence_of_each_door_rises(tmp_path: Path) -> None:
    city = StandIn()

    async with Client("http://city", RUN, transport=city.transport()) as http:
        await actor_for(http, tmp_path).run()

    assert set(city.sequences) == {f"door:{door}" for door in VENUE.doors}
    assert all(posted == sorted(set(posted)) for posted in city.sequences.values())


class LosesOneCancellation:
    """Doors whose answer comes in the moment they are told to end: Python 3.11 loses the cancellation then."""

    def __init__(self) -> None:
        self.reporting = asyncio.Event()

    async def report(self, door: int, sequence: int, counts: Counts) -> tuple[int, int]:
        self.reporting.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return len(counts), 0

    async def kept(self, sent: int) -> None:
        return None

    async def close(self) -> None:
        return None


async def test_a_rehearsal_that_is_told_to_end_ends_though_a_line_did_not_hear_it(tmp_path: Path) -> None:
    doors, plan = LosesOneCancellation(), plan_reports(PLAN, 5)

    async with Client("http://city", RUN, transport=StandIn().transport()) as http:
        actor = Actor(http, PLAN, plan, tokens_of(VENUE), Ledger(tmp_path / "progress", {}), doors=doors)
        running = asyncio.create_task(actor.run())
        await doors.reporting.wait()
        running.cancel()
        ended, _ = await asyncio.wait([running], timeout=20)

    assert ended
    assert running.cancelled()


async def test_until_ends_the_day_early(tmp_path: Path) -> None:
    city = StandIn()

    async with Client("http://city", RUN, transport=city.transport()) as http:
        summary = await actor_for(http, tmp_path, until=10 * 3600).run()

    assert summary["sent"] == np.count_nonzero(PLAN.passages.at <= 10 * 3600)


async def test_a_wrong_token_ends_the_rehearsal_with_what_to_check(tmp_path: Path) -> None:
    city = StandIn()
    tokens = tokens_of(VENUE)
    tokens["lanes"] = dict.fromkeys(tokens["lanes"], "wrong")
    ledger = Ledger(tmp_path / "progress", {})

    async with Client("http://city", RUN, transport=city.transport()) as http:
        actor = Actor(http, PLAN, plan_reports(PLAN, 5), tokens, ledger)
        with pytest.raises(Unusable, match=r"401 token\.unknown.*--tokens"):
            await actor.run()


async def test_a_refused_request_is_counted_and_does_not_hold_up_the_others(tmp_path: Path) -> None:
    city = StandIn()
    spoiled = PLAN.request_id(0)

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and json.loads(request.content).get("request_id") == spoiled:
            return httpx.Response(409, json={"code": "request.conflict"})
        return await city.answer(request)

    async with Client("http://city", RUN, transport=httpx.MockTransport(answer)) as http:
        summary = await actor_for(http, tmp_path).run()

    assert summary["codes"] == {"request.conflict": 1}
    # The one whose entry was refused is not inside, so the way out is refused too.
    assert summary["entered"] == summary["left"] == ENTERED - 1


async def test_visitors_before_a_closed_gate_go_to_another_and_all_get_in(tmp_path: Path) -> None:
    city = StandIn(closed=("lane:W-L1", "lane:N"))

    async with Client("http://city", RUN, transport=city.transport()) as http:
        summary = await actor_for(http, tmp_path).run()

    assert city.decisions["entered"] == city.decisions["left"] == ENTERED
    assert summary["at_closed_gate"] > 0
    assert summary["turned_away"] == city.decisions["turned_away"] == SECOND_SCANS + summary["at_closed_gate"]
    assert summary["unexpected"] == 0


async def test_a_rehearsal_with_every_gate_closed_ends_with_everyone_outside(tmp_path: Path) -> None:
    city = StandIn(closed=("lane:",))

    async with Client("http://city", RUN, transport=city.transport()) as http:
        summary = await actor_for(http, tmp_path, until=9 * 3600).run()

    assert city.inside == set()
    assert summary["entered"] == 0
    assert summary["waiting"] == 0


async def test_a_door_that_fell_behind_catches_up_in_few_requests(tmp_path: Path) -> None:
    city = StandIn(now=OPENS + timedelta(hours=7))

    async with Client("http://city", RUN, transport=city.transport()) as http:
        summary = await actor_for(http, tmp_path).run()

    assert len(city.doors) == PLAN.door_in.size
    assert all(posted == sorted(set(posted)) for posted in city.sequences.values())
    assert summary["reports"] <= 35 * len(VENUE.doors)
    assert summary["duplicates"] == 0


async def test_the_city_is_told_how_long_the_oldest_has_waited_and_at_the_end_that_there_is_no_more(
    tmp_path: Path,
) -> None:
    city = StandIn(step=timedelta(minutes=1), paused_at=OPENS + timedelta(hours=1))
    opened = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/passages"):
            await opened.wait()
        return await city.answer(request)

    async with Client("http://city", RUN, transport=httpx.MockTransport(answer)) as http:
        running = asyncio.create_task(actor_for(http, tmp_path).run())
        while city.now < OPENS + timedelta(hours=1) or not city.backlogs or not city.backlogs[-1]:
            await asyncio.sleep(0.01)
        before = len(city.backlogs)
        while len(city.backlogs) < before + 10:
            await asyncio.sleep(0.01)
        waited = [told or 0.0 for told in city.backlogs[before:]]
        opened.set()
        while city.backlogs[-1] != 0.0:
            await asyncio.sleep(0.01)
        city.paused_at = None
        await running

    assert waited == sorted(waited)
    assert waited[-1] > waited[0] > 0
    assert city.backlogs[-1] is None

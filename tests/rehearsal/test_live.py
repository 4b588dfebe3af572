# SPDX-License-Identifier: Apache-2.0
"""Half an hour of the fair against a real server."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rehearsal.act import Actor
from rehearsal.client import Client
from rehearsal.plan import AGAIN, IN, OUT, plan_day
from rehearsal.progress import Ledger
from rehearsal.reports import plan_reports
from rehearsal.venue import read_venue

UNTIL = 9 * 3600
# Another seed than any other test's: its holders have not been seen.
SEED = 20_241_105


@pytest.mark.postgres
async def test_half_an_hour_is_counted_by_the_server_as_planned(live_server: Any, tmp_path: Path) -> None:
    tokens = {"lanes": live_server.lane_tokens, "doors": live_server.door_tokens}
    async with Client(live_server.url, live_server.run) as http:
        venue = read_venue(await http.venue()).only(lanes=tokens["lanes"], doors=tokens["doors"])
        plan = plan_day(venue, date(2024, 11, 5), seed=SEED, entries=4_000)
        entries = await _entries(http, live_server.run)
        reports = plan_reports(plan, 5)
        actor = Actor(http, plan, reports, tokens, Ledger(tmp_path / "progress", {}), until=UNTIL)

        async with asyncio.timeout(150):
            summary = await actor.run()
            planned = int(np.count_nonzero((plan.passages.turn == IN) & (plan.passages.at <= UNTIL)))
            while await _entries(http, live_server.run) < entries + planned:
                await asyncio.sleep(0.1)

    turns = plan.passages.turn[plan.passages.at <= UNTIL]
    counted = {name: summary[name] for name in ("entered", "left", "turned_away", "unexpected", "rejected", "waiting")}
    assert counted == {
        "entered": np.count_nonzero(turns == IN),
        "left": np.count_nonzero(turns == OUT),
        "turned_away": np.count_nonzero(turns == AGAIN),
        "unexpected": 0,
        "rejected": 0,
        "waiting": 0,
    }
    assert summary["door_rows"] + summary["duplicates"] == (reports.stop - reports.start)[reports.due <= UNTIL].sum()


async def _entries(http: Client, run: str) -> int:
    return next(int(listed["totals"]["entries"]) for listed in await http.get("/runs.json") if listed["run"] == run)

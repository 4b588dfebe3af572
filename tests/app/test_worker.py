# SPDX-License-Identifier: Apache-2.0
"""The worker among many runs: few connections, rest for what stands still, a fall that stays with its run."""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fourleaf.app import address
from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.kernel.clock import RunClock
from fourleaf.pack import Edition
from fourleaf.postgres import runs
from fourleaf.postgres.pool import connect
from fourleaf.postgres.server import Server
from tests.conftest import Live, prepare, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.process]

OPENS = datetime(2024, 11, 5, 0, 30, tzinfo=UTC)
UP, REST = "run taken up", "run laid to rest"
STATES = ["finished"] * 30 + ["paused"] * 8 + ["running"] * 2


class Crowded(Live):
    """Web and worker on a database with forty older runs."""

    def connections(self) -> int:
        rows = self.ask("select count(*) from pg_stat_activity where datname = current_database() and pid <> %s")
        return int(rows[0][0])

    def ask(self, query: str, *values: object) -> list[Any]:
        assert self.settings.database_url is not None
        with psycopg.connect(self.settings.database_url, autocommit=True) as connection:
            own = [connection.info.backend_pid] if "pid" in query else []
            cursor = connection.execute(query.encode(), [*own, *values])
            return cursor.fetchall() if cursor.description else []

    def logged(self, event: str, run: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (self.data / "worker.log").read_text("utf-8").splitlines()]
        return [line for line in lines if line["event"] == event and line.get("run") == run]


@pytest.fixture(scope="module")
def crowded(server: Server, edition: Edition) -> Iterator[Crowded]:
    folder = Path(tempfile.mkdtemp(prefix="fl-crew-"))
    lease = address.lease("127.0.0.1", 18_400)
    own = make_conninfo(server.dsn, dbname="crowded")
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("create database crowded")
    asyncio.run(_fill(own))
    live = Crowded(Settings(database_url=own, data=folder, port=lease.port), edition)
    yield live
    live.stop()
    lease.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def alone(crowded: Crowded) -> Iterator[None]:
    """Runs that a test made rest when it is over, for the worker has enough to do."""
    yield
    made = "kind = 'rehearsal' and state = 'running' and edition <> 'old' and run <> "
    crowded.ask(f"update fourleaf.run set state = 'paused' where {made} %s", crowded.run)


async def _fill(dsn: str) -> None:
    await prepare(dsn)
    for number, state in enumerate(STATES, 1):
        await _make(dsn, f"old.r{number}", state)


async def _make(dsn: str, name: str, state: str, kind: str = "rehearsal") -> None:
    run = runs.Run(
        run=name,
        edition="old",
        kind=kind,
        state=state,
        seed=1,
        sample_ppm=100_000,
        day=OPENS.date(),
        zone="Asia/Shanghai",
        created_at=OPENS,
    )
    clock = RunClock(edition_at=OPENS, wall_at=OPENS, speed=1.0, ends_at=OPENS + timedelta(hours=9))
    async with connect(dsn) as connection:
        await runs.create(connection, run, cache_schema=rooms().schema + rooms().kept_schema, clock=clock)


def _why(live: Live) -> dict[str, str]:
    """What is wrong with the worker of each run. That nobody reports is no fault of it: here nobody does but the test."""
    why: dict[str, str] = httpx.get(f"{live.url}/healthz", trust_env=False, timeout=10).json()["runs"]
    return {run: "well" if said == "sources-silent" else said for run, said in why.items()}


def _metrics(live: Live) -> str:
    return httpx.get(f"{live.url}/metrics", trust_env=False, timeout=10).text


def _entries(live: Live, run: str | None = None) -> int:
    things = httpx.get(f"{live.url}/r/{run or live.run}/picture.json", trust_env=False, timeout=10).json()["things"]
    return next(int(thing["props"]["value"]) for thing in things if thing["thing"] == "admission.entries_today")


def _enter(live: Live, holder: str, run: str | None = None, lanes: dict[str, str] | None = None) -> httpx.Response:
    token = next(iter((lanes or live.lane_tokens).values()))
    body = {"request_id": holder, "holder": holder, "direction": "in", "occurred_at": "2024-11-05T08:30:00+08:00"}
    path = f"{live.url}/r/{run or live.run}/admission/passages"
    return httpx.post(path, json=body, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=10)


def test_forty_older_runs_take_few_connections_and_the_newest_is_served(crowded: Crowded) -> None:
    most = 0
    for number in range(1, len(STATES) + 1):
        assert httpx.get(f"{crowded.url}/r/old.r{number}/clock", trust_env=False).status_code == 200
        assert httpx.get(f"{crowded.url}/r/old.r{number}/wall", trust_env=False).status_code == 200
        most = max(most, crowded.connections())

    before = _entries(crowded)
    answer = _enter(crowded, "among-many")
    wait_for(lambda: _entries(crowded) == before + 1, "the entry on the map")
    wait_for(lambda: set(_why(crowded).values()) == {"well"}, "a heartbeat of every run")

    assert answer.json()["decision"] == "entered"
    assert max(most, crowded.connections()) < 40


def test_a_finished_run_is_laid_to_rest_and_counts_what_comes_late(crowded: Crowded) -> None:
    before, taken_up, rests = _entries(crowded), *(len(crowded.logged(said, crowded.run)) for said in (UP, REST))

    crowded.ask("update fourleaf.run set state = 'finished' where run = %s", crowded.run)
    wait_for(lambda: len(crowded.logged(REST, crowded.run)) > rests, "rest")
    at_rest = [_why(crowded)[crowded.run] for _ in range(3)]
    _enter(crowded, "late")
    wait_for(lambda: _entries(crowded) == before + 1, "the late entry")
    crowded.ask("update fourleaf.run set state = 'running' where run = %s", crowded.run)
    wait_for(lambda: len(crowded.logged(UP, crowded.run)) > taken_up, "the run at work again")

    assert at_rest == ["well"] * 3


def test_a_run_whose_tables_are_broken_falls_alone_and_is_taken_up_again(crowded: Crowded) -> None:
    assert crowded.settings.database_url is not None
    broken = f"broken{os.getpid()}.r1"
    asyncio.run(_make(crowded.settings.database_url, broken, "running"))
    wait_for(lambda: _why(crowded).get(broken) == "well", "a run at work")

    crowded.ask(f'alter table "{broken}".admission_lane_minute rename to lost')
    wait_for(lambda: len(crowded.logged("run fell", broken)) >= 3, "three falls")
    before = _entries(crowded)
    _enter(crowded, "beside-a-fall")
    wait_for(lambda: _entries(crowded) == before + 1, "an entry of another run")
    wait_for(lambda: _why(crowded)[broken] == "worker-silent", "the word that nobody works on it")
    said = _why(crowded)
    crowded.ask(f'alter table "{broken}".lost rename to admission_lane_minute')
    wait_for(lambda: _why(crowded)[broken] == "well", "the run at work again")

    falls = crowded.logged("run fell", broken)
    assert [fall["again_in_s"] for fall in falls[:3]] == [1, 2, 4]
    assert 'relation "admission_lane_minute" does not exist' in falls[0]["error"]
    assert "Traceback" in falls[0]["error"]
    assert said[crowded.run] == "well"


def test_a_watch_that_falls_does_so_alone_is_told_and_is_tried_again(crowded: Crowded) -> None:
    run, lanes, _ = crowded.new_run(speed=1)
    wait_for(lambda: _why(crowded).get(run) == "well", "a run at work")
    which = f'{{run="{run}",watch="sensing.watch_refusals"}}'

    crowded.ask(f'alter table "{run}".device_refusal rename to lost')
    wait_for(lambda: len(crowded.logged("watch fell", run)) >= 3, "three falls")
    said, metrics = _why(crowded)[run], _metrics(crowded)
    entered = _enter(crowded, "beside-a-watch", run, lanes)
    wait_for(lambda: _entries(crowded, run) == 1, "an entry on the map")
    crowded.ask(f'alter table "{run}".lost rename to device_refusal')
    wait_for(lambda: _why(crowded)[run] == "well", "the watch at work again")

    falls = crowded.logged("watch fell", run)
    assert {fall["watch"] for fall in falls} == {"sensing.watch_refusals"}
    assert [fall["again_in_s"] for fall in falls[:3]] == [1, 2, 4]
    assert 'relation "device_refusal" does not exist' in falls[0]["error"]
    assert said == "watch-fallen"
    assert f"fourleaf_watch_falls_total{which} 3" in metrics
    assert f"fourleaf_watch_fallen{which} 1" in metrics
    assert f"fourleaf_watch_fallen{which} 0" in _metrics(crowded)
    assert entered.json()["decision"] == "entered"
    assert crowded.logged("run fell", run) == []


def test_a_worker_whose_connections_are_cut_again_and_again_goes_on(crowded: Crowded) -> None:
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> %s and backend_type = 'client backend'"
    before, taken = _entries(crowded), 0

    for number in range(25):
        taken += _enter(crowded, f"cut-{number}").status_code == 200
        crowded.ask(f"{cut} and datname = current_database() and random() < 0.5")
        time.sleep(0.1 + number * 0.013)
    wait_for(lambda: _enter(crowded, "after-the-cuts").status_code == 200, "an answer")

    wait_for(lambda: _entries(crowded) == before + taken + 1, "all entries on the map", seconds=90)
    wait_for(lambda: _why(crowded)[crowded.run] == "well", "a heartbeat")


def _speed(live: Crowded, run: str) -> float:
    return float(live.ask("select speed from fourleaf.run_clock where run = %s", run)[0][0])


def test_the_clock_slows_while_the_tail_lags_and_comes_back(crowded: Crowded) -> None:
    assert crowded.settings.database_url is not None
    run, lanes, _ = crowded.new_run(speed=8)
    wait_for(lambda: _speed(crowded, run) == 8, "the speed that was asked for")

    with psycopg.connect(crowded.settings.database_url) as foreign:
        foreign.execute("create temporary table held (x int)")
        _enter(crowded, f"held-{run}", run, lanes)
        wait_for(lambda: _speed(crowded, run) == 1, "real time")
        slow = httpx.get(f"{crowded.url}/r/{run}/clock", trust_env=False).json()
    wait_for(lambda: _speed(crowded, run) == 8, "the speed that was asked for, again")

    assert slow["speed"] == 8
    assert slow["speed_reached"] < 8


def test_time_never_goes_back_when_a_worker_is_killed(crowded: Crowded) -> None:
    run, _, _ = crowded.new_run(speed=60)
    wait_for(lambda: _speed(crowded, run) == 60, "the speed that was asked for")
    told = [_told(crowded, run)]

    crowded.processes["worker"].kill()
    crowded.processes["worker"].wait(10)
    while (now := _told(crowded, run)) != told[-1]:
        told.append(now)
    stood = now
    crowded.processes["worker"] = crowded.start("worker")
    while told[-1] < stood + timedelta(minutes=2):
        told.append(_told(crowded, run))

    assert told == sorted(told)


def _told(live: Crowded, run: str) -> datetime:
    said = httpx.get(f"{live.url}/r/{run}/clock", trust_env=False).json()["now"]
    return datetime.fromisoformat(said)


def test_the_clock_waits_for_a_rehearsal_that_is_behind_or_silent(crowded: Crowded) -> None:
    run, lanes, _ = crowded.new_run(speed=8)
    wait_for(lambda: _speed(crowded, run) == 8, "the speed that was asked for")

    told = _tell(crowded, run, lanes, 30.0)
    wait_for(lambda: _speed(crowded, run) == 1, "real time while it is behind")
    over = _tell(crowded, run, lanes, None)
    wait_for(lambda: _speed(crowded, run) == 8, "the speed that was asked for, again")
    _tell(crowded, run, lanes, 0.0)
    wait_for(lambda: _speed(crowded, run) == 1, "real time while it is silent")
    silent = httpx.get(f"{crowded.url}/r/{run}/clock", trust_env=False).json()

    assert (told.status_code, told.json()["waiting_s"]) == (200, 30.0)
    assert (over.status_code, over.json()["waiting_s"]) == (200, None)
    assert silent["waiting_s"] > 1
    assert silent["speed"] == 8


def test_the_backlog_of_a_rehearsal_is_told_by_its_devices_alone(crowded: Crowded) -> None:
    assert crowded.settings.database_url is not None
    live = f"live{os.getpid()}"
    asyncio.run(_make(crowded.settings.database_url, live, "running", "live"))
    asyncio.run(_give(crowded.settings.database_url, live, "lane:a", "token"))

    answers = [
        httpx.post(f"{crowded.url}/r/{crowded.run}/clock/backlog", json={"waiting_s": 1}, trust_env=False),
        _tell(crowded, live, {"a": "token"}, 1.0),
        _tell(crowded, crowded.run, crowded.lane_tokens, -1.0),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "request.not-allowed"),
        (403, "request.not-allowed"),
        (400, "request.invalid"),
    ]


async def _give(dsn: str, run: str, device: str, token: str) -> None:
    async with connect(dsn) as connection:
        await runs.set_tokens(connection, run, {device: token})


def _tell(live: Live, run: str, lanes: dict[str, str], waiting_s: float | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {next(iter(lanes.values()))}"}
    path = f"{live.url}/r/{run}/clock/backlog"
    return httpx.post(path, json={"waiting_s": waiting_s}, headers=headers, trust_env=False, timeout=10)

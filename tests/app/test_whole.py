# SPDX-License-Identifier: Apache-2.0
"""The whole as `make run` starts it: Ctrl-C leaves nothing running, and a second start goes on where the first was."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from fourleaf.app import address, children
from fourleaf.app.children import Noted
from fourleaf.postgres.processes import command_of
from fourleaf.postgres.server import start
from rehearsal.__main__ import hours_for
from rehearsal.client import Reading
from rehearsal.plan import IN, DayPlan, plan_day
from rehearsal.venue import read_venue
from tests.app.screen import Screen
from tests.conftest import CIIE, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.process, pytest.mark.timeout(300)]

SEED, SAMPLE, DAY = 7, 0.1, date(2024, 11, 5)


class Whole:
    """One `fourleaf up --rehearse` as a person starts it."""

    def __init__(self, data: Path) -> None:
        self.data, self.log = data, data.with_name("up.log")
        options = ["--edition", str(CIIE), "--rehearse", "--seed", str(SEED), "--sample", str(SAMPLE), "--lang", "en"]
        environ = {**os.environ, "FOURLEAF_DATA": str(data), "FOURLEAF_PORT": "18700", "FOURLEAF_DATABASE_URL": ""}
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "fourleaf.app", "up", *options]
            self.process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)

    def open(self) -> None:
        """Wait for the wall."""
        wait_for(self._is_there, "the wall", seconds=120)

    def _is_there(self) -> bool:
        assert self.process.poll() is None, self.log.read_text("utf-8")
        here = address.read(self.data)
        return here is not None and httpx.get(f"{here.url}/r/{here.run}/wall", trust_env=False).status_code == 200

    @property
    def here(self) -> address.Address:
        found = address.read(self.data)
        assert found
        return found

    def entries(self) -> int:
        """As the wall shows them."""
        path = f"{self.here.url}/r/{self.here.run}/picture.json"
        things = httpx.get(path, trust_env=False, timeout=10).json()["things"]
        return next((int(one["props"]["value"]) for one in things if one["thing"] == "admission.entries_today"), 0)

    def pids(self) -> dict[str, int]:
        noted = msgspec.json.decode((self.data / children.FILE).read_bytes(), type=list[Noted])
        return {item.name: item.pid for item in noted}

    def postmaster(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split("\n")[0])

    def plan(self) -> DayPlan:
        """What the rehearsal means to do, from what it was given."""
        path = f"{self.here.url}/r/{self.here.run}"
        tokens = msgspec.json.decode((self.data / "rehearsals" / f"{self.here.run}.tokens.json").read_bytes())
        venue = read_venue(httpx.get(f"{path}/venue.json", trust_env=False).json())
        venue = venue.only(lanes=tokens["lanes"], doors=tokens["doors"])
        reading = Reading.of(httpx.get(f"{path}/clock", trust_env=False).json())
        return plan_day(venue, DAY, seed=SEED, sample=SAMPLE, hours=hours_for(reading, DAY))

    def interrupt(self) -> list[str]:
        """Ctrl-C. Gives the commands of what is still there afterwards."""
        started = [*self.pids().values(), self.postmaster()]
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0
        return [command for command in map(command_of, started) if command]


@pytest.fixture
def begin(data: Path) -> Iterator[Callable[[], Whole]]:
    begun: list[Whole] = []

    def start_whole() -> Whole:
        begun.append(Whole(data))
        begun[-1].open()
        return begun[-1]

    yield start_whole
    for whole in begun:
        if whole.process.poll() is None:
            whole.process.send_signal(signal.SIGINT)
            whole.process.wait(60)


def test_ctrl_c_stops_all_and_a_second_start_goes_on_in_the_same_run(begin: Callable[[], Whole], data: Path) -> None:
    first = begin()
    run = first.here.run
    wait_for(lambda: first.entries() > 10, "entries on the wall")
    os.kill(first.pids()["rehearsal"], signal.SIGKILL)
    before = first.entries()
    wait_for(lambda: first.entries() > before + 10, "entries of the rehearsal that was started again")
    screen = Screen(first.here)
    wait_for(lambda: bool(screen.events), "an open wall")
    shown, left = first.entries(), first.interrupt()

    second = begin()
    resumed, same = second.entries(), second.here.run
    wait_for(lambda: second.entries() > resumed + 10, "entries after the second start")
    plan, left_again = second.plan(), second.interrupt()

    assert run and same == run
    assert (left, left_again) == ([], [])
    assert "did not end in time" not in first.log.read_text("utf-8")
    assert resumed >= shown
    _holds_what_was_planned(data, run, plan)


def _holds_what_was_planned(data: Path, run: str, plan: DayPlan) -> None:
    """Every entry that was answered stands in the log, and none that was not planned or that was planned once stands twice."""
    entering = [row for row in range(len(plan.passages)) if plan.passages.turn[row] == IN]
    ledger = msgspec.json.decode((data / "rehearsals" / f"{run}.tokens.json.progress").read_bytes())
    answered = Counter(plan.holder(row) for row in entering if row < ledger["passages"])
    planned = Counter(map(plan.holder, entering))
    entered = Counter(_entered(data, run))

    assert ledger["passages"] > 0
    assert answered <= entered <= planned


def _entered(data: Path, run: str) -> list[str]:
    server = start(data)
    try:
        with psycopg.connect(server.dsn) as connection:
            rows = connection.execute(
                "select stream from fourleaf.log where run = %s and kind = 'admission.Entered'", [run]
            ).fetchall()
    finally:
        server.stop()
    return [row[0].removeprefix("holder:") for row in rows]

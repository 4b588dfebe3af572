# SPDX-License-Identifier: Apache-2.0
"""Power cuts in mid-load: nothing is lost, nothing is doubled, and the log verifies; who asks is told when to ask again."""

import asyncio
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fourleaf.app import address
from fourleaf.app.settings import Settings
from fourleaf.pack import Edition
from fourleaf.postgres import seals
from fourleaf.postgres.pool import connect
from fourleaf.postgres.server import Server, start
from tests.app.screen import Screen
from tests.conftest import Live, prepare, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.process]
# How long the database stays away. The bar is a minute: FOURLEAF_TEST_OUTAGE_S=60. What waits for it asks again after pauses
# that do not grow, all shorter than this: pool.RECONNECT_S, WAIT_S, and a second each in worker, waker and directory. The pauses
# after falls do grow, up to falls.LONGEST_PAUSE_S, but the crew that counts them ends with its connection and begins anew.
OUTAGE_S = float(os.environ.get("FOURLEAF_TEST_OUTAGE_S", "10"))
FLAVOR = os.environ.get("FOURLEAF_PG") or "auto"


class Ground:
    """A server of this test's own, with web and worker on it."""

    def __init__(self, folder: Path, edition: Edition, port: int) -> None:
        self.folder = folder
        self.server: Server = start(folder / "data", flavor=FLAVOR)
        asyncio.run(prepare(self.server.dsn))
        self.live = Live(Settings(database_url=self.server.dsn, data=folder / "data", port=port), edition)


@pytest.fixture
def ground(edition: Edition) -> Iterator[Ground]:
    folder = Path(tempfile.mkdtemp(prefix="fl-fault-"))
    folder.chmod(0o711)
    lease = address.lease("127.0.0.1", 18_200)
    made = Ground(folder, edition, lease.port)
    yield made
    made.live.stop()
    made.server.stop()
    lease.close()
    shutil.rmtree(folder, ignore_errors=True)


class Crowd(threading.Thread):
    """Sends passages of ever new holders, each until it is answered, as a lane with a queue does."""

    def __init__(self, live: Live, number: int) -> None:
        super().__init__(daemon=True)
        self.live, self.number, self.done = live, number, threading.Event()
        self.answers: list[Any] = []
        self.refused: list[httpx.Response] = []

    def run(self) -> None:
        lane, token = list(self.live.lane_tokens.items())[self.number]
        with httpx.Client(base_url=self.live.url, trust_env=False, timeout=5) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            while not self.done.is_set():
                self._pass(client, f"{lane}-{len(self.answers)}")

    def _pass(self, client: httpx.Client, holder: str) -> None:
        body = {"request_id": holder, "holder": holder, "direction": "in", "occurred_at": "2024-11-05T08:31:00+08:00"}
        while True:
            try:
                answer = client.post(f"/r/{self.live.run}/admission/passages", json=body)
                if answer.status_code == 200:
                    self.answers.append(answer.json())
                    return
                self.refused.append(answer)
            except httpx.TransportError:
                pass
            time.sleep(0.05)


async def _facts(dsn: str, run: str) -> tuple[int, int, object]:
    async with connect(dsn, run) as connection:
        row = await (
            await connection.execute(
                "select count(*) filter (where kind = 'admission.Entered'), count(distinct stream)"
                " filter (where kind like 'admission.%%') from fourleaf.log where run = %s",
                [run],
            )
        ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1]), (await seals.verify(connection, run)).broken


def _entries(live: Live) -> int:
    things = httpx.get(f"{live.url}/r/{live.run}/picture.json", trust_env=False, timeout=10).json()["things"]
    return next(int(thing["props"]["value"]) for thing in things if thing["thing"] == "admission.entries_today")


def _asked_meanwhile(ground: Ground) -> list[httpx.Response]:
    """What other requests are answered while the database is away: reading, writing, and of a run nobody knows."""
    run = ground.live.run
    closure = {"request_id": "away", "thing": "N", "reason": {"zh": "检修", "en": "repair"}}
    with httpx.Client(base_url=ground.live.url, trust_env=False, timeout=30) as client:
        return [
            client.get(f"/r/{run}/clock"),
            client.get(f"/r/{run}/picture.json"),
            client.get("/runs.json"),
            client.get("/r/ciie-7.r99/clock"),
            client.get("/healthz"),
            client.post(f"/r/{run}/world/closures", json=closure),
        ]


def _told(answer: httpx.Response) -> tuple[int, str, str, set[str]]:
    problem = answer.json()
    assert int(answer.headers["retry-after"]) > 0
    assert all(problem["detail"].values())
    return answer.status_code, answer.headers["content-type"], problem["code"], set(problem["detail"])


LATER = (503, "application/problem+json", "request.later", {"zh", "en"})


def test_power_cuts_of_the_database_and_the_worker_lose_and_double_nothing(ground: Ground) -> None:
    screen = Screen(ground.live)
    crowds = [Crowd(ground.live, number) for number in range(4)]
    for crowd in crowds:
        crowd.start()
    wait_for(lambda: all(len(crowd.answers) > 5 for crowd in crowds), "the load")

    ground.server.kill()
    ground.server.stop()
    cut = time.monotonic()
    wait_for(lambda: screen.pulse()["why"] == "database-away", "the screen's word")
    meanwhile = _asked_meanwhile(ground)
    time.sleep(max(0.0, cut + OUTAGE_S - time.monotonic()))
    still = screen.pulse()
    ground.server = start(ground.folder / "data", flavor=FLAVOR)
    answered = [len(crowd.answers) for crowd in crowds]
    wait_for(lambda: all(len(crowd.answers) > had + 5 for crowd, had in zip(crowds, answered, strict=True)), "recovery")
    wait_for(lambda: screen.pulse()["unknown"] is False, "a calm screen")
    os.kill(ground.live.processes["worker"].pid, signal.SIGKILL)
    ground.live.processes["worker"].wait(10)
    time.sleep(0.5)
    ground.live.processes["worker"] = ground.live.start("worker")
    time.sleep(0.5)
    for crowd in crowds:
        crowd.done.set()
    for crowd in crowds:
        crowd.join(30)

    entered = sum(len(crowd.answers) for crowd in crowds)
    refused = [answer for crowd in crowds for answer in crowd.refused]
    assert all(answer["decision"] == "entered" for crowd in crowds for answer in crowd.answers)
    assert [_told(answer) for answer in meanwhile] == [LATER] * 6
    assert _failures(ground.live) >= len(meanwhile) + len(refused)
    assert refused and all(_told(answer) == LATER for answer in refused)
    assert (still["why"], still["unknown"]) == ("database-away", True)
    wait_for(lambda: _entries(ground.live) == entered, "the totals")
    wait_for(lambda: _on(screen) == entered, "the totals on the screen that stood through it")
    assert asyncio.run(_facts(ground.server.dsn, ground.live.run)) == (entered, entered, None)
    screen.stop()


def _failures(live: Live) -> int:
    """How often the web process says that it answered 503."""
    lines = httpx.get(f"{live.url}/metrics", trust_env=False, timeout=10).text.splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("fourleaf_failures_total") and '"503"' in line)


def _on(screen: Screen) -> int:
    return int(screen.state[("figure", "admission.entries_today")]["value"])

# SPDX-License-Identifier: Apache-2.0
"""What all tests share: one real PostgreSQL a session, and a run of one's own a test."""

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import cast

import httpx
import psycopg
import pytest
from hypothesis import settings as chance
from psycopg.conninfo import make_conninfo

from fourleaf.app import address, packs, rehearse
from fourleaf.app.settings import Settings
from fourleaf.pack import Edition
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.server import Server, start
from fourleaf.vault import keys
from fourleaf.vault.master import Master

# How long an example takes is not for a test to say.
chance.register_profile("house", deadline=None)
chance.load_profile("house")
# A line for every request would bury what a failed test has to say.
logging.getLogger("httpx").setLevel(logging.WARNING)

CIIE = Path(__file__).parents[1] / "editions" / "ciie-7"
_NUMBERS = count(1)
# At sixty times a run is over after nine minutes, and a file of tests takes up to four on a slow machine.
RENEWED_AFTER_S = 120


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of this session's own; FOURLEAF_PG says which build."""
    folder = Path(tempfile.mkdtemp(prefix="fl-test-"))
    folder.chmod(0o711)
    running = start(folder / "data", flavor=os.environ.get("FOURLEAF_PG") or "auto")
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def dsn(server: Server) -> str:
    """Where the migrated database answers."""
    asyncio.run(prepare(server.dsn))
    return server.dsn


async def prepare(dsn: str) -> None:
    async with connect(dsn) as connection:
        await migrate(connection)


@pytest.fixture(scope="session")
def vault_key(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The master key is the database's, not that of a test."""
    file = tmp_path_factory.mktemp("vault") / "vault.key"

    async def ready() -> None:
        async with connect(dsn) as opened:
            await keys.ready(opened, Master(file))

    asyncio.run(ready())
    return file


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    async with connect(dsn) as opened:
        yield opened


@pytest.fixture
def run_name() -> str:
    """A run id no other test of this process uses."""
    return f"t{os.getpid()}-{next(_NUMBERS)}"


class Live:
    """A web server and a worker of their own processes, and one rehearsal of the shipped edition.

    The rehearsal starts at 08:30 of 5 November 2024 and runs at sixty times; nobody acts in it but the test.
    """

    def __init__(self, settings: Settings, edition: Edition) -> None:
        self.settings, self.edition, self.data = settings, edition, settings.data
        self.url = f"http://127.0.0.1:{settings.port}"
        self.processes = {name: self.start(name) for name in ("web", "worker")}
        self.run, self.lane_tokens, self.door_tokens = self.new_run()
        self._gone_s, self._going_since = 0.0, time.monotonic()

    def go_on(self) -> None:
        """The worker works, in a run that is not well on in its day."""
        if self.processes["worker"].poll() is not None:
            beat = self._last_beat()
            self.processes["worker"] = self.start("worker")
            self._going_since = time.monotonic()
            # Until it beats, the clock that is told runs ahead of where the run stood when it was left.
            wait_for(lambda: self._last_beat() > beat, "a beat of the worker")
        if self._gone_s > RENEWED_AFTER_S:
            earlier, self._gone_s = self.run, 0.0
            # In a thread of its own: playwright's event loop may run in this one.
            with ThreadPoolExecutor(1) as pool:
                self.run, self.lane_tokens, self.door_tokens = pool.submit(self.new_run).result()
            with psycopg.connect(self.settings.database_url or "") as connection:
                connection.execute("update fourleaf.run set state = 'paused' where run = %s", [earlier])

    def rest(self) -> None:
        """Nobody looks: a worker costs an eighth of a core for each run that goes on, and the other tests need it."""
        self.processes["worker"].terminate()
        self.processes["worker"].wait(20)
        self._gone_s += time.monotonic() - self._going_since

    def _last_beat(self) -> datetime:
        with psycopg.connect(self.settings.database_url or "") as connection:
            row = connection.execute("select wall_at from fourleaf.run_clock where run = %s", [self.run]).fetchone()
        assert row is not None
        return cast(datetime, row[0])

    def start(self, name: str) -> subprocess.Popen[bytes]:
        self.data.mkdir(exist_ok=True)
        with (self.data / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "fourleaf.app", name]
            return subprocess.Popen(command, env=self.settings.environment(), stdout=log, stderr=log)

    def new_run(self, *, speed: float = 60) -> tuple[str, dict[str, str], dict[str, str]]:
        """Another rehearsal: its name, the tokens of its lanes and of its doors."""
        with httpx.Client(trust_env=False) as client:
            wait_for(lambda: client.get(f"{self.url}/healthz").status_code == 200, "the web server")
            begun = rehearse.open_run(self.settings, self.edition, rehearse.Wanted(speed=speed), url=self.url)
            tokens = json.loads((self.data / "rehearsals" / f"{begun.run}.tokens.json").read_text("utf-8"))
            path = f"{self.url}/r/{begun.run}/picture.json"
            wait_for(lambda: len(client.get(path).json()["things"]) > 20, "the first picture")
        return begun.run, tokens["lanes"], tokens["doors"]

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(20)


def wait_for(holds: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Wait until something holds; a refused connection means not yet."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(httpx.TransportError, KeyError):
            if holds():
                return
        time.sleep(0.05)
    raise TimeoutError(what)


@pytest.fixture(scope="session")
def edition() -> Edition:
    """The shipped edition, checked once a session."""
    return packs.checked(CIIE)


@pytest.fixture(scope="session")
def served(server: Server, edition: Edition) -> Iterator[Live]:
    """Served from a database of its own: a worker takes up every run there is, and other tests' runs are theirs."""
    folder = Path(tempfile.mkdtemp(prefix="fl-live-"))
    lease = address.lease("127.0.0.1", 18_000)
    own = make_conninfo(server.dsn, dbname="live")
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("create database live")
    asyncio.run(prepare(own))
    live = Live(Settings(database_url=own, data=folder, port=lease.port), edition)
    yield live
    live.stop()
    lease.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def live_server(served: Live) -> Iterator[Live]:
    """With a run that is still going on when the last test of the file comes."""
    served.go_on()
    yield served
    served.rest()

# SPDX-License-Identifier: Apache-2.0
"""The command that rehearses: the world outside it started never outlives it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fourleaf.postgres import runs
from fourleaf.postgres.pool import Connection
from fourleaf.postgres.processes import LINUX, started
from tests.conftest import wait_for
from tests.postgres.conftest import make_run

pytestmark = pytest.mark.process

_COMMAND = """
import sys
from fourleaf.app.address import Address
from fourleaf.app.rehearse import Begun, act
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.postgres.processes import started
outside = "import os, pathlib, time; pathlib.Path(__import__('sys').argv[1]).write_text(str(os.getpid())); time.sleep(600)"
run, pid = sys.argv[2], int(sys.argv[3])
begun = Begun(run=run, command=[sys.executable, "-c", outside, sys.argv[1]])
act(Settings.read(), begun, Address(host="127.0.0.1", port=1, pid=pid, mark=started(pid) or "", run=run), Speech("en"))
"""


def _started(told: Path, run: str = "test.r1", dsn: str = "", against: int | None = None) -> "subprocess.Popen[str]":
    """The command, acting against the Fourleaf of a process: ours if none is named."""
    command = [sys.executable, "-c", _COMMAND, str(told), run, str(against or os.getpid())]
    environment = {**os.environ, "FOURLEAF_DATABASE_URL": dsn}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: told.exists() and told.read_text() != "", "the world outside to start")
    return process


@pytest.mark.skipif(not LINUX, reason="elsewhere nothing tells a child that its parent has gone")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_world_outside_ends_with_the_command_that_started_it(tmp_path: Path, number: signal.Signals) -> None:
    """A `fourleaf rehearse` that was ended left its visitors walking for the rest of the day."""
    told = tmp_path / "pid"
    command = _started(told)
    outside = int(told.read_text())

    os.kill(command.pid, number)
    command.communicate()

    wait_for(lambda: started(outside) is None, "the world outside to end")


def test_the_world_outside_ends_with_the_fourleaf_it_acts_against(tmp_path: Path) -> None:
    """It went on against a port where nobody listened, and kept the place of the feeds of the rehearsal after it."""
    told = tmp_path / "pid"
    fourleaf = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    command = _started(told, against=fourleaf.pid)

    fourleaf.kill()
    fourleaf.wait()
    said, _ = command.communicate()

    assert "fourleaf rehearse --resume test.r1" in said
    assert command.returncode == 0
    wait_for(lambda: started(int(told.read_text())) is None, "the world outside to end")


@pytest.mark.postgres
async def test_a_rehearsal_that_is_stopped_stands_still_and_says_how_to_go_on(
    tmp_path: Path, dsn: str, connection: Connection, run_name: str
) -> None:
    run = await make_run(connection, run_name)
    command = _started(tmp_path / "pid", run, dsn)

    command.send_signal(signal.SIGINT)
    said, _ = command.communicate()

    assert f"fourleaf rehearse --resume {run}" in said
    stopped = await runs.one(connection, run)
    assert stopped and stopped.state == "paused"
    await runs.drop(connection, run)

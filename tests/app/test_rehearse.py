# SPDX-License-Identifier: Apache-2.0
"""The command that rehearses: the world outside it started never outlives it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fourleaf.postgres.processes import LINUX, started
from tests.conftest import wait_for

pytestmark = pytest.mark.process

_COMMAND = """
import sys
from fourleaf.app.address import Address
from fourleaf.app.rehearse import Begun, act
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
outside = "import os, pathlib, time; pathlib.Path(__import__('sys').argv[1]).write_text(str(os.getpid())); time.sleep(600)"
begun = Begun(run="test.r1", command=[sys.executable, "-c", outside, sys.argv[1]])
act(Settings.read(), begun, Address(host="127.0.0.1", port=1, pid=1, mark="", run="test.r1"), Speech("en"))
"""


@pytest.mark.skipif(not LINUX, reason="elsewhere nothing tells a child that its parent has gone")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_world_outside_ends_with_the_command_that_started_it(tmp_path: Path, number: signal.Signals) -> None:
    """A `fourleaf rehearse` that was ended left its visitors walking for the rest of the day."""
    told = tmp_path / "pid"
    command = subprocess.Popen([sys.executable, "-c", _COMMAND, str(told)], stdout=subprocess.DEVNULL)
    wait_for(lambda: told.exists() and told.read_text() != "", "the world outside to start")
    outside = int(told.read_text())

    os.kill(command.pid, number)
    command.wait()

    wait_for(lambda: started(outside) is None, "the world outside to end")


def test_whoever_stops_a_rehearsal_is_told_how_to_go_on(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    command = subprocess.Popen([sys.executable, "-c", _COMMAND, str(told)], stdout=subprocess.PIPE, text=True)
    wait_for(lambda: told.exists() and told.read_text() != "", "the world outside to start")

    command.send_signal(signal.SIGINT)

    assert "fourleaf rehearse --resume test.r1" in command.communicate()[0]

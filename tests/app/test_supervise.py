# SPDX-License-Identifier: Apache-2.0
"""One `up`: starts, watches, stops, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from fourleaf.app import address, children
from fourleaf.app.children import Noted
from fourleaf.postgres.processes import command_of, send, session, started

pytestmark = [pytest.mark.postgres, pytest.mark.process]
ROOT = Path(__file__).parents[2]


class Running:
    """An `up` in its own process, and every line it said."""

    def __init__(
        self, data: Path, *, web: str = "serve", worker: str = "wait", rehearsal: str = "", **environ: str
    ) -> None:
        self.data, self.said = data, list[str]()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.app.outside", "up", web, worker, rehearsal],
            cwd=ROOT,
            env={
                **os.environ,
                "FOURLEAF_DATA": str(data),
                "FOURLEAF_PORT": "18600",
                "FOURLEAF_LANG": "en",
                "FOURLEAF_DATABASE_URL": "postgresql:///no-stand-in-asks-it",
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.said.extend(self.process.stdout)

    def hear(self, words: str, times: int = 1) -> None:
        until(lambda: sum(words in line for line in self.said) >= times, f"'{words}' in {self.said}")

    def here(self) -> address.Address:
        self.hear("Ctrl-C")
        found = address.read(self.data)
        assert found
        return found

    def deaf_worker(self) -> int:
        self.hear("Ctrl-C")
        until(lambda: "deaf" in (self.data / "logs" / "worker.log").read_text(), "the worker to stop listening")
        return self.pids()["worker"]

    def pids(self) -> dict[str, int]:
        noted = msgspec.json.decode((self.data / children.FILE).read_bytes(), type=list[Noted])
        return {item.name: item.pid for item in noted}

    def postmaster(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split("\n")[0])

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.close()
        return code

    def close(self) -> None:
        self._reader.join(10)
        assert self.process.stdout
        self.process.stdout.close()


def until(true: Callable[[], object], what: str, for_s: float = 40) -> None:
    end = time.monotonic() + for_s
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


@pytest.fixture
def begin(data: Path) -> Iterator[Callable[..., Running]]:
    begun: list[Running] = []

    def start(folder: str = "", **how: str) -> Running:
        begun.append(Running(data / folder if folder else data, **how))
        return begun[-1]

    yield start
    for running in begun:
        if running.process.poll() is None:
            running.end()
        running.close()


def test_up_answers_and_a_signal_stops_everything_it_started(begin: Callable[..., Running]) -> None:
    up = begin(FOURLEAF_DATABASE_URL="")
    here, pids, postmaster = up.here(), up.pids(), up.postmaster()
    assert httpx.get(f"{here.url}/healthz").status_code == 200
    assert any(f"{here.url}/r/test/wall" in line for line in up.said)

    assert up.end(signal.SIGINT) == 0

    assert not any(map(command_of, [*pids.values(), postmaster]))
    assert address.read(up.data) is None


def test_a_crashed_process_is_started_again_and_it_is_said(begin: Callable[..., Running]) -> None:
    up = begin()
    up.here()
    before = up.pids()

    os.kill(before["web"], signal.SIGKILL)

    up.hear("web has ended")
    until(lambda: up.pids().get("web", before["web"]) != before["web"], "a new web")
    assert up.pids()["worker"] == before["worker"]
    until(lambda: _answers(up.here().url), "the new web's answer")


def test_a_killed_postgresql_is_started_again(begin: Callable[..., Running]) -> None:
    up = begin(FOURLEAF_DATABASE_URL="")
    up.here()
    before = up.postmaster()

    os.kill(before, signal.SIGKILL)

    up.hear("PostgreSQL is back")
    assert up.postmaster() != before


def test_a_postgresql_that_cannot_start_is_tried_again_until_it_can(begin: Callable[..., Running]) -> None:
    """On a full disk PostgreSQL gave up, and the supervisor ended with a traceback instead of waiting for room."""
    up = begin(FOURLEAF_DATABASE_URL="")
    up.here()
    version = up.data / "postgres" / "PG_VERSION"
    version.rename(version.with_name("away"))

    os.kill(up.postmaster(), signal.SIGKILL)
    up.hear("is no whole cluster")
    version.with_name("away").rename(version)

    up.hear("PostgreSQL is back")
    assert up.end() == 0


def test_who_runs_is_not_written_down_on_a_full_disk_and_that_is_all(tmp_path: Path) -> None:
    (tmp_path / f".{children.FILE}.draft").symlink_to("/dev/full")
    child = children.Child("web", ["true"], {}, tmp_path)

    children.note(tmp_path, [child])

    assert not (tmp_path / children.FILE).exists()


def test_nothing_outlives_a_supervisor_killed_with_9(begin: Callable[..., Running]) -> None:
    up = begin(FOURLEAF_DATABASE_URL="")
    up.here()
    left = [*up.pids().values(), up.postmaster()]

    up.end(signal.SIGKILL)

    until(lambda: not any(map(command_of, left)), "the end of all children")


def test_a_start_after_kill_9_ends_what_was_left_over(begin: Callable[..., Running]) -> None:
    first = begin(worker="stubborn")
    left = first.deaf_worker()
    first.end(signal.SIGKILL)
    assert command_of(left)

    second = begin()

    second.here()
    assert not command_of(left)
    assert any("Ended worker" in line for line in second.said)


def test_a_stubborn_child_is_killed_after_its_time(begin: Callable[..., Running]) -> None:
    up = begin(worker="stubborn")
    worker = up.deaf_worker()

    assert up.end() == 0

    assert not command_of(worker)
    assert any("worker did not end in time" in line for line in up.said)


def test_a_second_up_on_the_same_data_names_the_first_and_gives_up(begin: Callable[..., Running]) -> None:
    first = begin()
    here = first.here()

    second = begin()

    assert second.process.wait(30) == 1
    second.hear(f"Already running: {here.url}")
    assert httpx.get(f"{here.url}/healthz").status_code == 200


def test_two_clones_at_once_get_two_ports(begin: Callable[..., Running]) -> None:
    one, two = begin("one"), begin("two")

    assert one.here().port != two.here().port
    assert _answers(one.here().url)
    assert _answers(two.here().url)


def test_a_port_in_use_is_said_and_another_one_taken(begin: Callable[..., Running]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        up = begin(FOURLEAF_PORT=str(taken))

        assert up.here().port > taken
        up.hear(f"Port {taken} is taken")


def test_a_rehearsal_that_ends_is_said_and_the_wall_stays(begin: Callable[..., Running]) -> None:
    up = begin(rehearsal="0")

    up.hear("The rehearsal is over")
    assert up.here().run == "test.r1"
    assert _answers(up.here().url)
    assert "rehearsal" not in up.pids()


def test_a_rehearsal_that_ends_before_all_have_come_says_how_many_did(begin: Callable[..., Running]) -> None:
    up = begin(rehearsal='{"planned": 17000, "answered": 16250}')

    up.hear("The rehearsal is over: 16,250 of 17,000 planned attempts at the gates were made")


def test_a_rehearsal_with_refusals_is_over_and_it_is_said(begin: Callable[..., Running]) -> None:
    up = begin(rehearsal="3")

    up.hear("Some of the rehearsal was refused")
    up.hear("The rehearsal is over")


def test_a_hopeless_rehearsal_is_said_with_its_code_and_not_started_again(begin: Callable[..., Running]) -> None:
    up = begin(rehearsal="2")

    up.hear("broke off (code 2)")
    assert _answers(up.here().url)
    assert not any("rehearsal has ended" in line for line in up.said)


def test_a_killed_rehearsal_is_started_again_with_growing_pauses(begin: Callable[..., Running]) -> None:
    up = begin(rehearsal="wait")
    up.here()
    acted = [up.pids()["rehearsal"]]

    for times, pause in ((1, "0.5"), (2, "1")):
        os.kill(acted[-1], signal.SIGKILL)
        up.hear(f"rehearsal has ended (code -9), starting again in {pause} s")
        until(lambda: up.pids().get("rehearsal", acted[-1]) not in acted, f"start number {times + 1}")
        acted.append(up.pids()["rehearsal"])

    assert len(set(acted)) == 3
    assert not any(map(command_of, acted[:2]))
    assert command_of(acted[2])


def test_a_rehearsal_that_crashes_is_started_again(begin: Callable[..., Running]) -> None:
    up = begin(rehearsal="1")

    up.hear("rehearsal has ended (code 1), starting again in 1 s")


def test_a_part_that_does_not_start_is_named_with_its_last_words(begin: Callable[..., Running]) -> None:
    up = begin(web="fall")

    assert up.process.wait(60) == 1
    up.hear("web does not start")
    up.hear("it does not work")


def test_a_session_that_another_program_got_later_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    mark = started(stranger.pid) or ""
    noted = [Noted("web", stranger.pid, f"1 {mark.partition(' ')[2]}")]
    (tmp_path / children.FILE).write_bytes(msgspec.json.encode(noted))

    assert children.clear_left_over(tmp_path) == []

    assert session(stranger.pid) == [stranger.pid]
    send(stranger.pid, signal.SIGKILL)
    stranger.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False

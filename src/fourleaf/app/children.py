# SPDX-License-Identifier: Apache-2.0
"""Children: the processes one `fourleaf up` starts, restarts, stops, and never leaves behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import msgspec

from fourleaf.postgres.processes import end_with_parent, send, session, started

LIFELINE = "FOURLEAF_LIFELINE"
STOP_FOR_S = 10.0
FILE = "processes.json"
LOG_BYTES = 20_000_000
# A child that lived this long had started well: its next fall starts the pauses anew.
SETTLED_AFTER_S = 60.0


class Noted(msgspec.Struct, frozen=True):
    name: str
    pid: int
    mark: str


class Child:
    """One process in a session of its own, with a log file. over: the exit codes after which it is not started again."""

    def __init__(
        self, name: str, command: list[str], environ: Mapping[str, str], logs: Path, *, over: Collection[int] = ()
    ) -> None:
        self.name, self.command, self.environ, self.over = name, command, environ, over
        self.log = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.falls, self.due, self._born = 0, 0.0, 0.0

    def start(self, lifeline: int) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.rename(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self.environ, LIFELINE: str(lifeline)},
                pass_fds=[lifeline],
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),
            )
        self._born = time.monotonic()

    @property
    def code(self) -> int | None:
        """The exit code, once it has ended."""
        return self.process.poll() if self.process else None

    def fell(self) -> float:
        """Take note of a crash, end what it left behind, and give the pause before the next try."""
        assert self.process
        with contextlib.suppress(PermissionError):
            send(self.process.pid, signal.SIGKILL, group=True)
        self.falls = 1 if time.monotonic() - self._born > SETTLED_AFTER_S else self.falls + 1
        pause = min(0.5 * 2.0 ** (self.falls - 1), 30.0)
        self.process, self.due = None, time.monotonic() + pause
        return pause

    def last_words(self, lines: int = 5) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""


def stop(children: Iterable[Child], for_s: float = STOP_FOR_S) -> list[str]:
    """Ask all to end, and end those that do not. Gives the names of the latter."""
    running = [(child, child.process) for child in children if child.process and child.process.poll() is None]
    for _, process in running:
        process.terminate()
    until, stubborn = time.monotonic() + for_s, []
    for child, process in running:
        try:
            process.wait(max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            stubborn.append(child.name)
        with contextlib.suppress(PermissionError):
            send(process.pid, signal.SIGKILL, group=True)
        process.wait()
    return stubborn


def note(data: Path, children: Iterable[Child]) -> None:
    """Write down who runs, so that a start after a kill -9 can clear up.

    On a full disk nothing is written down: that is no reason to stop, and the lifeline ends the children as well.
    """
    pids = [(child.name, child.process.pid) for child in children if child.process]
    marked = [Noted(name, pid, started(pid) or "") for name, pid in pids]
    draft = data / f".{FILE}.draft"
    with contextlib.suppress(OSError):
        draft.touch(mode=0o600)
        draft.write_bytes(msgspec.json.encode(marked))
        draft.rename(data / FILE)


def clear_left_over(data: Path, for_s: float = 5.0) -> list[str]:
    """End what an earlier `up` of this data folder left running. Gives the names."""
    try:
        noted = msgspec.json.decode((data / FILE).read_bytes(), type=list[Noted])
    except (OSError, msgspec.DecodeError):
        return []
    left = {item.name: _still_there(item) for item in noted}
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in (pid for pids in left.values() for pid in pids):
            send(pid, number)
        until = time.monotonic() + for_s
        while any(map(_still_there, noted)) and time.monotonic() < until:
            time.sleep(0.05)
    (data / FILE).unlink(missing_ok=True)
    return [name for name, pids in left.items() if pids]


def follow_parent() -> None:
    """In a child: end when the supervisor has gone, however it went. Works where no kernel signal does."""
    said = os.environ.pop(LIFELINE, None)
    if said is None:
        return
    lifeline = int(said)
    os.set_inheritable(lifeline, False)

    def watch() -> None:
        while os.read(lifeline, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_FOR_S)
        os._exit(1)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def _still_there(noted: Noted) -> list[int]:
    """The live processes of the session. A leader with another mark is a stranger who got the pid later."""
    boot = noted.mark.partition(" ")[2]
    mark = started(noted.pid)
    if not noted.mark or mark not in (None, noted.mark) or not (started(os.getpid()) or "").endswith(boot):
        return []
    return [pid for pid in session(noted.pid) if started(pid)]

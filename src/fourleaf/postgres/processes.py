# SPDX-License-Identifier: Apache-2.0
"""Processes of this machine: which command a pid runs, since when, and children that end with their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread

PR_SET_PDEATHSIG = 1
PROC = Path("/proc")
LINUX = sys.platform == "linux"


def end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A preexec_fn: the child gets this signal when the thread that started it ends, even by kill -9.

    Limits: Linux only; elsewhere None, and the next start ends what was left over.
    """
    if not LINUX:
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def end_with_first() -> None:
    """In a process of a pool: end when the one that opened the pool is gone, be it by kill -9. Else it would wait for work forever."""
    first = parent_process()
    if first is None:
        return

    def wait() -> None:
        first.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def command_of(pid: int) -> str:
    """The command line of a process; empty if there is none, or if it is only waiting to be reaped."""
    if LINUX:
        with contextlib.suppress(OSError):
            return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return ""
    said = subprocess.run(["ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True)
    state, _, command = said.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else command.strip()


def exists(pid: int) -> bool:
    """Whether the pid is taken, be it by a zombie or by another user's process."""
    try:
        return send(pid, 0)
    except PermissionError:
        return True


def started(pid: int) -> str | None:
    """A mark that tells a process from a later one of the same pid; none if it is gone."""
    if LINUX:
        try:
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else f"{fields[19]} {_boot()}"
    said = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)
    return said.stdout.strip() or None


def _boot() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def session(leader: int) -> list[int]:
    """The processes of the session that this process opened, itself included."""
    found = []
    for pid in pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                found.append(pid)
    return found


def pids() -> Iterator[int]:
    if LINUX:
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())
        return
    said = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True)
    yield from map(int, said.stdout.split())


def send(pid: int, number: int, *, group: bool = False) -> bool:
    """Send a signal; False if nobody is there to get it."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except ProcessLookupError:
        return False
    return True

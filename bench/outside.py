# SPDX-License-Identifier: Apache-2.0
"""Outside: whole processes as a user starts them, watched from outside."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx

from bench.ground import Ground

PACK = Path("editions/ciie-7")
READY_FOR_S = 120.0


class NotReady(Exception):
    """It did not answer in time, or ended."""


@contextmanager
def web(ground: Ground) -> Iterator[int]:
    """The web server on the bench's database. Gives its port."""
    port = free_port()
    environ = {"FOURLEAF_DATABASE_URL": ground.dsn, "FOURLEAF_PORT": str(port), "FOURLEAF_DATA": str(ground.folder)}
    with process(["web"], environ, ground.folder / "web.log") as started:
        wait_for(f"http://127.0.0.1:{port}/healthz", started)
        yield port


@contextmanager
def up(folder: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The whole system on a data folder. Gives its address and process."""
    port = free_port()
    environ = {"FOURLEAF_DATABASE_URL": "", "FOURLEAF_PORT": str(port), "FOURLEAF_DATA": str(folder / "data")}
    with process(["up", "--edition", str(PACK), *arguments], environ, folder / "up.log") as started:
        yield f"http://127.0.0.1:{port}", started


@contextmanager
def process(command: list[str], environ: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A `fourleaf` command; ended as Ctrl-C does."""
    with log.open("ab") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", "fourleaf.app", *command],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGINT)
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def wait_for(url: str, started: subprocess.Popen[bytes]) -> float:
    """Ask until it answers 200. Gives the seconds that took.

    Raises: NotReady.
    """
    began = monotonic()
    with httpx.Client(timeout=5, trust_env=False) as client:
        while monotonic() - began < READY_FOR_S:
            if started.poll() is not None:
                raise NotReady(f"{url}: the process ended with {started.returncode}")
            try:
                if client.get(url).status_code == 200:
                    return monotonic() - began
            except httpx.HTTPError:
                pass
            sleep(0.05)
    raise NotReady(f"{url}: no answer in {READY_FOR_S:g} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def memory_mb(root: int) -> dict[str, float]:
    """Proportional set size of a process and all below it, by the name of the program; shared pages count once."""
    found: dict[str, float] = {}
    parents = {pid: _parent(pid) for pid in _pids()}
    for pid in parents:
        if root in _line(pid, parents):
            name = _name(pid)
            found[name] = found.get(name, 0.0) + memory_of(pid)
    return found


def _line(pid: int, parents: Mapping[int, int]) -> set[int]:
    line = set[int]()
    while pid in parents and pid not in line:
        line.add(pid)
        pid = parents[pid]
    return line


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int:
    found = re.search(r"^PPid:\s*(\d+)", _read(pid, "status"), re.MULTILINE)
    return int(found[1]) if found else 0


def memory_of(pid: int) -> float:
    """Proportional set size of one process, in MB; 0 when it ended."""
    found = re.search(r"^Pss:\s*(\d+)", _read(pid, "smaps_rollup"), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _name(pid: int) -> str:
    words = _read(pid, "cmdline").replace("\0", " ")
    for name in ("rehearsal", "worker", "web", "up"):
        if re.search(rf"-m (fourleaf\.app )?{name}\b", words):
            return name
    return "postgres" if "postgres" in words else "other"


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text(errors="replace")
    except OSError:
        return ""

# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server for one data folder: start it, join it if it runs, stop it with the last user."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from fourleaf.postgres import cluster as clusters
from fourleaf.postgres.cluster import Cluster
from fourleaf.postgres.processes import command_of, end_with_parent, exists, pids, send
from fourleaf.postgres.programs import NoServer, Programs, choose, environment, within_reach

# Recovery after a crash reads up to max_wal_size again.
START_FOR_S = 300.0
STOP_FOR_S = 60.0
# After a kill -9 orphans may hold the shared memory for a moment; after this they are ended.
ORPHANS_FOR_S = 3.0
# What PostgreSQL says when an earlier server is not quite gone. Anything else does not mend itself.
PASSING = ("shared memory block", "lock file", "Address already in use", "is being used by another")
LOG_BYTES = 20_000_000
RIGHTS = ("pg_monitor", "pg_signal_backend", "pg_checkpoint")

# Servers this process started. Unless it takes note of their end, they stay as zombies and look alive.
_CHILDREN: dict[int, "subprocess.Popen[bytes]"] = {}


class Server:
    """One user's hold on a running server."""

    def __init__(self, cluster: Cluster, programs: Programs, pid: int, hold: int) -> None:
        self.dsn, self.admin_dsn = cluster.dsn(), cluster.dsn(clusters.SUPERUSER)
        self.pid, self.data, self.bin = pid, cluster.data, programs.bin
        self.flavor, self.version = programs.flavor, programs.version
        self._cluster, self._hold = cluster, hold

    def alive(self) -> bool:
        return _is_server(self.pid, self._cluster)

    def stop(self) -> None:
        """Let go; the last user stops the server (fast: open transactions are rolled back)."""
        if self._hold < 0:
            return
        with _alone(self.data):
            os.close(self._hold)
            self._hold = -1
            if not _in_use(self.data):
                self.pid = _noted_pid(self._cluster) or self.pid
                _ = self._end(signal.SIGINT) or self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """End the postmaster as a power cut would: for tests."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> bool:
        if self.alive():
            send(self.pid, number)
        return _wait(lambda: not self.alive(), STOP_FOR_S)


def start(data: Path, *, flavor: str = "auto", lasting: bool = False) -> Server:
    """Give a running server for this data folder, whatever state an earlier one left it in.

    Unless `lasting`, the server ends with the thread of this process that started it, even after a kill -9.
    Raises: NoServer.
    """
    cluster = clusters.open_data(data)
    with _alone(cluster.data):
        programs = choose(flavor, cluster.copies, cluster.major)
        hold = os.open(cluster.data / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(hold, fcntl.LOCK_SH)
        try:
            pid = _join(cluster) or _begin(cluster, programs, lasting)
        except BaseException:
            os.close(hold)
            raise
        return Server(cluster, programs, pid, hold)


def running(cluster: Cluster) -> int | None:
    """The pid of the server of this cluster, if one runs."""
    pid = _noted_pid(cluster)
    return pid if pid is not None and _is_server(pid, cluster) else None


def _join(cluster: Cluster) -> int | None:
    """The server that runs already, once it answers; none if there is none, or if it ends instead."""
    pid = running(cluster)
    if pid is None:
        return None
    return pid if _answers(cluster, lambda: _is_server(pid, cluster)) else None


def _begin(cluster: Cluster, programs: Programs, lasting: bool) -> int:
    cluster.copies.mkdir(exist_ok=True)
    cluster.copies.chmod(0o755)
    programs = within_reach(programs, cluster.account, cluster.copies)
    if cluster.major is None or not cluster.passfile.exists():
        _make(cluster, programs)
    pid = _launch(cluster, programs, lasting)
    _prepare(cluster)
    return pid


def _make(cluster: Cluster, programs: Programs) -> None:
    if cluster.folder.exists():
        raise NoServer(
            "postgres.damaged",
            en=f"{cluster.folder} is no whole cluster (PG_VERSION or {cluster.passfile.name} is missing). Move it away.",
            zh=f"{cluster.folder} 不完整(缺少 PG_VERSION 或 {cluster.passfile.name}),请将其移走。",
        )
    clusters.make(cluster, programs)


def _launch(cluster: Cluster, programs: Programs, lasting: bool) -> int:
    """Start until it stays up: after a kill -9 the first tries may fail."""
    arguments = [str(programs.bin / "postgres"), *clusters.dress(cluster)]
    began, pause = time.monotonic(), 0.1
    while True:
        _clear_stale(cluster)
        child = _spawn(cluster, arguments, lasting)
        if _answers(cluster, partial(_runs, child)):
            _CHILDREN[child.pid] = child
            return child.pid
        child.send_signal(signal.SIGQUIT)
        child.wait()
        waited, words = time.monotonic() - began, _last_words(cluster.log)
        if waited > START_FOR_S or not any(passing in words for passing in PASSING):
            raise NoServer(
                "postgres.no-start",
                en=f"PostgreSQL does not start. Its log {cluster.log} ends with:\n{words}",
                zh=f"PostgreSQL 无法启动,日志 {cluster.log} 的结尾见上。",
            )
        if waited > ORPHANS_FOR_S:
            _end_orphans(cluster)
        time.sleep(pause)
        pause = min(pause * 2, 2.0)


def _spawn(cluster: Cluster, arguments: list[str], lasting: bool) -> "subprocess.Popen[bytes]":
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_BYTES:
        cluster.log.rename(cluster.log.with_suffix(".log.1"))
    with cluster.log.open("ab") as log:
        os.fchmod(log.fileno(), 0o600)
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment(),
            start_new_session=True,
            preexec_fn=None if lasting else end_with_parent(signal.SIGINT),
            **cluster.account.switch(),
        )


def _answers(cluster: Cluster, alive: Callable[[], bool]) -> bool:
    """Wait while it starts or recovers; False when it ended instead."""

    def asked() -> bool:
        try:
            psycopg.connect(cluster.dsn(clusters.SUPERUSER, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise NoServer(
                    "postgres.password",
                    en=f"{cluster.passfile} is not the password of this cluster. Restore it from a backup.",
                    zh=f"{cluster.passfile} 与此数据库的密码不符,请从备份恢复该文件。",
                ) from error
            return False
        return True

    up = False

    def settled() -> bool:
        nonlocal up
        up = asked()
        return up or not alive()

    _wait(settled, START_FOR_S)
    return up


def _prepare(cluster: Cluster) -> None:
    """Make the role and database of the software, if they are not there yet."""
    password = cluster.passfile.read_text().strip().rpartition(":")[2]
    role, database = sql.Identifier(clusters.ROLE), sql.Identifier(clusters.DATABASE)
    with psycopg.connect(cluster.dsn(clusters.SUPERUSER, "postgres"), autocommit=True) as connection:
        if not connection.execute("select from pg_roles where rolname = %s", [clusters.ROLE]).rowcount:
            parts = sql.SQL("create role {} login createdb password {} in role {}")
            rights = sql.SQL(", ").join(map(sql.Identifier, RIGHTS))
            connection.execute(parts.format(role, sql.Literal(password), rights))
        if not connection.execute("select from pg_database where datname = %s", [clusters.DATABASE]).rowcount:
            connection.execute(sql.SQL("create database {} owner {}").format(database, role))


def _noted_pid(cluster: Cluster) -> int | None:
    try:
        return int((cluster.folder / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _runs(child: "subprocess.Popen[bytes]") -> bool:
    return child.poll() is None


def _is_server(pid: int, cluster: Cluster) -> bool:
    if pid in _CHILDREN and not _runs(_CHILDREN[pid]):
        del _CHILDREN[pid]
    return f"cluster_name={cluster.name}" in command_of(pid)


def _orphans(cluster: Cluster) -> list[int]:
    return [pid for pid in pids() if f"postgres: {cluster.name}:" in command_of(pid)]


def _end_orphans(cluster: Cluster) -> None:
    """End what a killed postmaster left behind. Only called when no postmaster of this folder runs."""
    for pid in _orphans(cluster):
        send(pid, signal.SIGKILL)


def _clear_stale(cluster: Cluster) -> None:
    """PostgreSQL believes any live process of the noted pid to be a server. Correct it if it is another program.

    With orphans about, the file stays: by it PostgreSQL sees the memory they still hold.
    """
    pid = _noted_pid(cluster)
    if pid is not None and exists(pid) and not _is_server(pid, cluster) and not _orphans(cluster):
        (cluster.folder / "postmaster.pid").unlink(missing_ok=True)


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-6:])


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One at a time starts or stops the server of a data folder."""
    lock = os.open(data / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _in_use(data: Path) -> bool:
    users = os.open(data / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(users)


def _wait(done: Callable[[], bool], for_s: float) -> bool:
    until = time.monotonic() + for_s
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True

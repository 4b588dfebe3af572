# SPDX-License-Identifier: Apache-2.0
"""A server for one data folder, whatever state an earlier one left it in."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fourleaf.postgres import cluster as clusters
from fourleaf.postgres.processes import command_of, exists
from fourleaf.postgres.programs import NoServer, available
from fourleaf.postgres.server import Server, start

pytestmark = [pytest.mark.postgres, pytest.mark.process]
FLAVOR = os.environ.get("FOURLEAF_PG", "auto")


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fl-test-"))
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _open_parent(data: Path) -> None:
    """As root, PostgreSQL's account must be able to walk to the data; pytest's own folders are closed."""
    data.parent.chmod(0o711)


def ask(server: Server, query: str) -> object:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row
    return row[0]


def test_a_new_folder_gives_a_server_that_answers_its_own_role(data: Path) -> None:
    server = start(data, flavor=FLAVOR)
    try:
        assert ask(server, "select current_user::text") == "fourleaf"
        assert ask(server, "select current_setting('fsync')") == "on"
        assert ask(server, "select current_setting('listen_addresses')") == ""
        assert server.version.startswith(str(ask(server, "select current_setting('server_version_num')::int / 10000")))
    finally:
        server.stop()
    assert not server.alive()


def test_a_stopped_server_starts_again_on_the_same_data(data: Path) -> None:
    first = start(data, flavor=FLAVOR)
    with psycopg.connect(first.dsn) as connection:
        connection.execute("create table kept as select 7 as number")
    first.stop()

    second = start(data, flavor=FLAVOR)
    try:
        assert ask(second, "select number from kept") == 7
    finally:
        second.stop()


def test_after_a_kill_the_next_start_recovers_what_was_committed(data: Path) -> None:
    first = start(data, flavor=FLAVOR)
    busy = psycopg.connect(first.dsn)
    with psycopg.connect(first.dsn) as connection:
        connection.execute("create table kept as select 7 as number")
    first.kill()
    busy.close()

    second = start(data, flavor=FLAVOR)
    try:
        assert second.pid != first.pid
        assert ask(second, "select number from kept") == 7
    finally:
        second.stop()
        first.stop()


def test_orphans_of_a_killed_server_do_not_keep_the_next_one_from_starting(data: Path) -> None:
    first = start(data, flavor=FLAVOR)
    busy = psycopg.connect(first.dsn, autocommit=True)
    orphan = busy.info.backend_pid
    # A backend in a long computation does not notice that its postmaster is gone.
    busy.pgconn.send_query(b"do $$ begin loop perform sqrt(2); end loop; end $$")
    first.kill()
    assert exists(orphan)

    second = start(data, flavor=FLAVOR)
    try:
        assert ask(second, "select 1") == 1
        assert not command_of(orphan)
    finally:
        busy.close()
        second.stop()
        first.stop()


def test_a_pid_file_that_names_a_stranger_is_not_believed(data: Path) -> None:
    first = start(data, flavor=FLAVOR)
    note = data / "postgres" / "postmaster.pid"
    lines = note.read_text().splitlines()
    owner = note.stat()
    first.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    note.write_text("\n".join([str(stranger.pid), *lines[1:]]))
    os.chown(note, owner.st_uid, owner.st_gid)

    second = start(data, flavor=FLAVOR)
    try:
        assert ask(second, "select 1") == 1
        assert stranger.poll() is None
    finally:
        second.stop()
        stranger.kill()
        stranger.wait()


def test_a_running_server_is_joined_and_the_last_user_stops_it(data: Path) -> None:
    first = start(data, flavor=FLAVOR)
    second = start(data, flavor=FLAVOR)

    assert second.pid == first.pid
    first.stop()
    assert second.alive()
    assert ask(second, "select 1") == 1
    second.stop()
    assert not second.alive()


def test_two_folders_have_two_servers(data: Path) -> None:
    one, two = start(data / "one", flavor=FLAVOR), start(data / "two", flavor=FLAVOR)
    try:
        with psycopg.connect(one.dsn) as connection:
            connection.execute("create table only_here ()")
        assert ask(two, "select to_regclass('only_here')") is None
    finally:
        one.stop()
        two.stop()


def test_the_server_ends_when_the_process_that_started_it_is_killed(data: Path) -> None:
    script = "import sys,time,pathlib; from fourleaf.postgres.server import start; "
    script += "print(start(pathlib.Path(sys.argv[1]), flavor=sys.argv[2]).pid, flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(data), FLAVOR], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert command_of(pid)
        parent.send_signal(signal.SIGKILL)

    until = time.monotonic() + 20
    while command_of(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not command_of(pid)


def test_another_user_of_the_machine_stays_out(data: Path) -> None:
    server = start(data, flavor=FLAVOR)
    try:
        sockets = clusters.open_data(data).sockets
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "postgres").stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "postgres.pass").stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://fourleaf@/fourleaf?host={sockets}&passfile=/dev/null")
    finally:
        server.stop()


def test_no_parent_folder_is_changed(data: Path) -> None:
    data.parent.chmod(0o751)
    before = data.parent.stat()

    start(data, flavor=FLAVOR).stop()

    after = data.parent.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL under another account")
def test_as_root_a_folder_out_of_reach_is_refused_with_the_way_out(data: Path) -> None:
    data.parent.chmod(0o700)

    with pytest.raises(NoServer, match="FOURLEAF_DATA") as refused:
        start(data, flavor=FLAVOR)

    assert refused.value.code == "postgres.out-of-reach"
    assert stat.S_IMODE(data.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes an account for PostgreSQL")
def test_several_first_starts_at_once_agree_on_the_account() -> None:
    """On a new machine three first starts made the account three times: the first two had a number that was nobody's."""
    name = f"fl-test-{os.getpid()}"
    command = [sys.executable, "-c", f"from fourleaf.postgres.cluster import *; print(system_account({name!r}).uid)"]
    try:
        starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
        told = {int(start.communicate()[0]) for start in starts}

        assert told == {pwd.getpwnam(name).pw_uid}
    finally:
        subprocess.run(["userdel", name], check=True)


def test_data_of_a_version_that_is_not_installed_is_refused(data: Path) -> None:
    start(data, flavor=FLAVOR).stop()
    (data / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(NoServer, match="PostgreSQL 9") as refused:
        start(data, flavor=FLAVOR)

    assert refused.value.code == "postgres.other-version"


def test_the_version_of_the_data_decides_which_programs_run_it(data: Path) -> None:
    majors = {programs.major: programs for programs in available("auto", data / "programs")}
    if len(majors) < 2:
        pytest.skip("one PostgreSQL is installed")
    oldest = min(majors)
    start(data, flavor=f"system-{oldest}").stop()

    server = start(data, flavor="auto")
    try:
        assert ask(server, "select current_setting('server_version_num')::int / 10000") == oldest
    finally:
        server.stop()


def test_a_long_path_takes_its_socket_elsewhere(data: Path) -> None:
    deep = data / ("x" * 90)
    server = start(deep, flavor=FLAVOR)
    try:
        sockets = clusters.open_data(deep).sockets
        assert ask(server, "select 1") == 1
        assert len(os.fsencode(sockets / clusters.SOCKET_NAME)) <= clusters.SOCKET_BYTES
    finally:
        server.stop()
        sockets.rmdir()


def test_a_draft_of_a_cluster_that_was_never_finished_is_made_anew(data: Path) -> None:
    (data / "postgres.draft" / "postgres").mkdir(parents=True)
    data.chmod(0o711)

    server = start(data, flavor=FLAVOR)
    try:
        assert ask(server, "select 1") == 1
    finally:
        server.stop()
    assert not (data / "postgres.draft").exists()

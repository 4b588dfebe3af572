# SPDX-License-Identifier: Apache-2.0
"""Heads: every seal is kept once in a file elsewhere, and the command that holds the log against it says what it finds."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from rich.console import Console

from fourleaf.app import address, heads, verifying
from fourleaf.app.heads import Heads
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.pack import Edition
from fourleaf.postgres import runs, seals
from fourleaf.postgres.append import append
from fourleaf.postgres.pool import Connection, Pools, RunPool, connect
from fourleaf.postgres.runs import Run
from fourleaf.postgres.seals import Head
from fourleaf.postgres.server import Server
from tests.conftest import Live, prepare, wait_for
from tests.postgres.conftest import make_run
from tests.postgres.tally import Tally, bumped

pytestmark = pytest.mark.postgres


class Sealed:
    """A run, its connections, and what became of it."""

    def __init__(self, connection: Connection, pool: RunPool, run: Run) -> None:
        self.connection, self.pool, self.run, self._version = connection, pool, run, 0

    async def seal(self, times: int = 1) -> None:
        for _ in range(times):
            await append(self.connection, bumped(self.run.run, Tally(name="a", version=self._version)))
            self._version += 1
            await seals.seal(self.connection, self.run.run)

    async def heads(self) -> list[Head]:
        return await seals.heads(self.connection, self.run.run)


@pytest.fixture
async def sealed(dsn: str, connection: Connection, run_name: str) -> AsyncIterator[Sealed]:
    pools = Pools(dsn)
    await make_run(connection, run_name)
    made = await runs.one(connection, run_name)
    assert made is not None
    async with connect(dsn, run_name) as own:
        yield Sealed(own, await pools.of(run_name), made)
    await pools.close()
    await runs.drop(connection, run_name)


async def test_every_new_head_is_one_line_of_the_file(sealed: Sealed, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    kept = Heads(file)

    for times in (0, 2, 0, 3):
        await sealed.seal(times)
        await kept.keep(sealed.pool, sealed.run)

    assert heads.read(file) == (await sealed.heads(), 0)
    assert len(file.read_bytes().splitlines()) == 5


async def test_a_worker_that_comes_back_writes_what_is_missing_and_nothing_twice(
    sealed: Sealed, tmp_path: Path
) -> None:
    file = tmp_path / "heads.jsonl"
    await sealed.seal(3)
    await Heads(file).keep(sealed.pool, sealed.run)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2]) + lines[2][:40])  # cut short by a crash

    await sealed.seal(1)
    await Heads(file).keep(sealed.pool, sealed.run)
    await Heads(file).keep(sealed.pool, sealed.run)

    assert heads.read(file) == (await sealed.heads(), 1)


async def test_a_file_that_cannot_be_written_stops_nobody_and_is_made_good_later(
    sealed: Sealed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "mount" / "heads.jsonl"
    kept = Heads(file)
    await sealed.seal(2)

    await kept.keep(sealed.pool, sealed.run)
    said = [record.getMessage() for record in caplog.records]
    file.parent.mkdir()
    await kept.keep(sealed.pool, sealed.run)

    assert any("seals cannot be kept" in message for message in said)
    assert heads.read(file)[0] == await sealed.heads()


async def test_runs_write_to_one_file_at_once(sealed: Sealed, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    kept = Heads(file)
    await sealed.seal(2)

    other = msgspec.structs.replace(sealed.run, created_at=sealed.run.created_at.replace(year=2000))
    await asyncio.gather(*(kept.keep(sealed.pool, run) for run in (sealed.run, other)))

    assert set(heads.read(file)[0]) == set(await sealed.heads())
    assert heads.read(file)[1] == 0


async def test_without_a_file_nothing_is_kept(sealed: Sealed) -> None:
    await sealed.seal(1)

    await Heads(None).keep(sealed.pool, sealed.run)

    assert Heads(None)._kept == {}


Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(dsn: str, sealed: Sealed, capsys: pytest.CaptureFixture[str]) -> Command:
    """`verify` as typed, on this run: the exit code and what was said."""
    settings = Settings(database_url=dsn, data=Path("/nowhere"))

    def typed(lang: str = "en", *, against: Path | None = None, head: bool = False) -> tuple[int, str]:
        speech = Speech(lang, Console(width=500, soft_wrap=True))
        if head:
            code = verifying.head(settings, sealed.run.run, speech)
        else:
            code = verifying.verify(settings, sealed.run.run, speech, against=against)
        return code, capsys.readouterr().out

    return typed


async def _typed(command: Command, *words: str, **options: object) -> tuple[int, str]:
    return await asyncio.to_thread(command, *words, **options)


async def test_the_printed_head_is_a_line_to_verify_against(sealed: Sealed, command: Command, tmp_path: Path) -> None:
    nothing = await _typed(command, head=True)
    await sealed.seal(2)
    code, printed = await _typed(command, head=True)
    file = tmp_path / "mailed"
    file.write_text(printed, "utf-8")
    await sealed.seal(1)

    against, said = await _typed(command, against=file)

    assert (nothing[0], code, against) == (1, 0, 0)
    assert "the 1 heads" in said
    assert "up to seal 2 (2 facts)" in said


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Seal 2 does not have the head that was kept"), ("zh", "封印 2 与所存")]
)
async def test_a_rewritten_chain_is_named_in_both_languages(
    sealed: Sealed, command: Command, tmp_path: Path, lang: str, words: str
) -> None:
    file = tmp_path / "heads.jsonl"
    await sealed.seal(3)
    await Heads(file).keep(sealed.pool, sealed.run)
    before = await _typed(command, lang, against=file)
    await sealed.connection.execute("delete from seal where no > 1")
    while await seals.seal(sealed.connection, sealed.run.run):
        pass

    alone, against = await _typed(command, lang), await _typed(command, lang, against=file)

    assert (before[0], alone[0], against[0]) == (0, 0, 1)
    assert words in against[1]


async def test_a_file_that_cannot_speak_for_the_run_is_no_proof(
    sealed: Sealed, command: Command, tmp_path: Path
) -> None:
    await sealed.seal(1)
    (own,) = await sealed.heads()
    file = tmp_path / "heads.jsonl"

    async def told(*lines: Head | bytes) -> tuple[int, str]:
        file.write_bytes(b"\n".join(line if isinstance(line, bytes) else heads.line(line) for line in lines))
        return await _typed(command, against=file)

    other = msgspec.structs.replace(own, made_at="2020-01-01T00:00:00.000000Z")
    empty, foreign, older = await told(), await told(msgspec.structs.replace(own, run="x")), await told(other)
    both, torn = await told(other, own), await told(own, b'{"run": "', b"")

    assert [code for code, _ in (empty, foreign, older, both, torn)] == [1, 1, 1, 0, 0]
    assert "holds no head" in empty[1]
    assert "made at another time" in both[1]
    assert "1 lines" in torn[1]


async def test_heads_of_a_live_run_that_was_made_twice_are_an_alarm(
    sealed: Sealed, command: Command, tmp_path: Path, dsn: str
) -> None:
    await sealed.seal(1)
    (own,) = await sealed.heads()
    file = tmp_path / "heads.jsonl"
    other = msgspec.structs.replace(own, made_at="2020-01-01T00:00:00.000000Z")
    file.write_bytes(heads.line(other) + b"\n" + heads.line(own))
    async with await AsyncConnection.connect(dsn, autocommit=True) as admin:
        await admin.execute("update fourleaf.run set kind = 'live' where run = %s", [sealed.run.run])

    code, said = await _typed(command, against=file)

    assert code == 1
    assert "made at another time" in said


@pytest.mark.parametrize(
    ("statement", "en", "zh"),
    [
        (
            "update fourleaf.log set actor = 'x' where run = %s and version = 2",
            "tally:a@2 was altered",
            "tally:a@2 被改动",
        ),
        ("delete from fourleaf.log where run = %s and version = 2", "tally:a@2 is missing", "tally:a@2 缺失"),
        ("delete from fourleaf.log where run = %s and version = 3", "A fact is missing", "有一条事实 缺失"),
        ("delete from seal where %s <> '' and no = 2", "Seal 2 is missing", "封印 2 缺失"),
        ("update seal set head = 'x' where %s <> '' and no = 2", "Seal 2 was altered", "封印 2 被改动"),
    ],
)
async def test_what_is_broken_is_said_with_its_place_in_both_languages(
    sealed: Sealed, command: Command, statement: str, en: str, zh: str
) -> None:
    run = sealed.run.run
    await sealed.seal(3)
    await sealed.connection.execute(f'alter table fourleaf."log {run}" disable trigger user'.encode())
    await sealed.connection.execute(statement.encode(), [run])

    said = {lang: await _typed(command, lang) for lang in ("en", "zh")}

    assert (said["en"][0], said["zh"][0]) == (1, 1)
    assert en in said["en"][1]
    assert zh in said["zh"][1]


@pytest.fixture
def kept_by_worker(server: Server, edition: Edition) -> Iterator[tuple[Live, Path]]:
    """A real worker that was told of a file."""
    folder = Path(tempfile.mkdtemp(prefix="fl-heads-"))
    own = make_conninfo(server.dsn, dbname="heads")
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("create database heads")
    asyncio.run(prepare(own))
    lease = address.lease("127.0.0.1", 18_800)
    file = folder / "elsewhere.jsonl"
    live = Live(Settings(database_url=own, data=folder / "data", port=lease.port, seals=file), edition)
    yield live, file
    live.stop()
    lease.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.process
def test_the_worker_keeps_its_heads_and_the_command_line_reads_them(kept_by_worker: tuple[Live, Path]) -> None:
    live, file = kept_by_worker

    def fourleaf(*words: str) -> subprocess.CompletedProcess[str]:
        environment = live.settings.environment() | {"FOURLEAF_LANG": "en"}
        command = [sys.executable, "-m", "fourleaf.app", "verify", live.run, *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)

    wait_for(lambda: live.run in {head.run for head in heads.read(file)[0]}, "a head in the file")
    against, head = fourleaf("--against", str(file)), fourleaf("--head")

    assert (against.returncode, head.returncode) == (0, 0), against.stdout + against.stderr
    assert "They agree with the" in " ".join(against.stdout.split())
    assert heads.read(file)[0][-1].run == msgspec.json.decode(head.stdout, type=Head).run

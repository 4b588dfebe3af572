# SPDX-License-Identifier: Apache-2.0
"""A backup restored into a fresh cluster: nothing is lost, nothing is half there, and work goes on in a new epoch."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import backup, log, pictures, runs, seals, tail
from fourleaf.postgres.append import Answer, Append, Request, RequestConflict, append, command
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.server import Server, start
from tests.postgres.conftest import make_run
from tests.postgres.tally import AT, COLORS, KINDS, LAST, Tally, bumped

pytestmark = [pytest.mark.postgres, pytest.mark.process]
RUN = "test.r1"


class Clusters:
    """One cluster to back up, and room for one to restore into."""

    def __init__(self, folder: Path, source: Server) -> None:
        self._folder, self.source, self.file = folder, source, folder / "backup"

    async def back_up(self) -> None:
        await backup.write(self.source.dsn, self.file, self.source.data)

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[Server]:
        target = start(self._folder / "two", flavor=os.environ.get("FOURLEAF_PG") or "auto")
        try:
            assert await backup.restore(target.dsn, self.file, target.data) == 2
            yield target
        finally:
            target.stop()


@pytest.fixture
def clusters() -> Iterator[Clusters]:
    folder = Path(tempfile.mkdtemp(prefix="fl-test-"))
    folder.chmod(0o711)
    running = start(folder / "one", flavor=os.environ.get("FOURLEAF_PG") or "auto")
    asyncio.run(_prepare(running.dsn))
    yield Clusters(folder, running)
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def _prepare(dsn: str) -> None:
    async with connect(dsn) as connection:
        await migrate(connection)
        await connection.execute(
            "select nextval('fourleaf.log_seq') from generate_series(1, 1000)"
        )  # ahead of the new cluster
        await make_run(connection, RUN)


async def test_a_restore_into_a_fresh_cluster_tails_on(clusters: Clusters) -> None:
    async with connect(clusters.source.dsn, RUN) as db:
        for version in range(20):
            await append(db, bumped(RUN, Tally(name="a", version=version, value=version), request=f"r{version}"))
        await tail.step(db, KINDS, RUN, [COLORS], limit=15)
        await seals.seal(db, RUN)
    await clusters.back_up()

    async with clusters.restored() as target, connect(target.dsn, RUN) as db:
        await append(db, bumped(RUN, Tally(name="a", version=20, value=20)))
        folded, _ = await tail.step(db, KINDS, RUN, [COLORS])
        colors = await (await db.execute("select bumps from tally_color")).fetchone()
        verified = await seals.verify(db, RUN)
        facts = await log.stream(db, KINDS, RUN, "tally:a")
        assert await seals.seal(db, RUN) == 1
        with pytest.raises(backup.BackupFailed):
            await backup.restore(target.dsn, clusters.file, target.data)
        assert len(await runs.listed(db)) == 1

    assert len(folded) == 6
    assert colors == (21,)
    assert (verified.facts, verified.broken) == (21, None)
    assert [fact.position.epoch for fact in facts if fact.position] == [1] * 20 + [2]
    assert clusters.file.stat().st_mode & 0o777 == 0o600


async def _ask(db: Connection, name: str, request: str, by: int = 1) -> Answer | Refusal:
    async def decide(inner: Connection) -> Append:
        row = await (await inner.execute("select version, value from tally where name = %s", [name])).fetchone()
        before = Tally(name=name, version=row[0], value=row[1]) if row else Tally(name=name)
        return bumped(RUN, before, by=by)

    return await command(db, Request.of("device", request, [name, by]), decide)


async def _show(db: Connection, minute: int, n: int | None) -> None:
    what = None if n is None else Pictured(thing="t", place="p", props={"n": n}, labels=("office",))
    position = await tail.position(db)
    await pictures.write(db, [("l", what, "t")], at=AT + timedelta(minutes=minute), position=position)


async def test_a_restore_brings_back_answers_pictures_seals_tokens_and_clocks(clusters: Clusters) -> None:
    async def told(db: Connection) -> dict[str, Any]:
        minutes = [AT + timedelta(minutes=minute) for minute in range(4)]
        return {
            "shown": await pictures.now(db),
            "then": [await pictures.instant(db, at, ["office"]) for at in minutes],
            "heads": await seals.heads(db, RUN),
            "tokens": [await runs.device(db, RUN, token) for token in ("secret", "guessed")],
            "run": await runs.one(db, RUN),
            "clock": await runs.clock(db, RUN),
            "tail": await tail.position(db),
        }

    async with connect(clusters.source.dsn, RUN) as db:
        first = [await _ask(db, "a", f"r{number}") for number in range(3)]
        await runs.set_tokens(db, RUN, {"lane:1": "secret"})
        await tail.step(db, KINDS, RUN, [COLORS])
        for minute, n in ((0, 1), (1, 2), (2, None), (3, 3)):
            await _show(db, minute, n)
        await seals.seal(db, RUN, limit=2)
        await seals.seal(db, RUN)
        before = await told(db)
        await clusters.back_up()
        await _show(db, 4, 9)
        lost = await pictures.last(db)

    async with clusters.restored() as target, connect(target.dsn, RUN) as db:
        after = await told(db)
        again = [await _ask(db, "a", f"r{number}") for number in range(3)]
        with pytest.raises(RequestConflict):
            await _ask(db, "a", "r0", by=2)
        fresh = await _ask(db, "a", "r3")
        verified = await seals.verify(db, RUN, kept=before["heads"])
        await _show(db, 4, 4)
        resumes = [await pictures.knows(db, position) for position in (before["shown"][0], lost)]
        _, missed = await pictures.since(db, before["shown"][0])

    assert after == before
    assert before["tokens"] == ["lane:1", None]
    assert again == [Answer(one.value, replayed=True) for one in first if isinstance(one, Answer)]
    assert fresh == Answer({"fact": "tally:a@4"})
    assert (verified.facts, verified.sealed, verified.broken) == (4, 3, None)
    assert resumes == [True, False]
    assert [one.props for one in missed] == [{"n": 4}]


async def _count(db: Connection) -> dict[str, int]:
    """Everything that must agree, counted."""
    cursor = await db.execute(
        "select (select count(*) from fourleaf.log where run = %(run)s) as facts,"
        " (select sum(version) from tally) as versions, (select sum(value) from tally) as value,"
        " (select count(*) from request) as answers, (select count(*) from tally_last) as followed,"
        " (select count(*) from tally) as streams, (select coalesce(sum(bumps), 0) from tally_color) as folded,"
        " (select count(*) from fourleaf.log l, reader_position r where l.run = %(run)s"
        "   and (l.epoch, l.txid, l.seq) <= (r.epoch, r.txid, r.seq)) as read,"
        " (select coalesce(sum(facts), 0) from seal) as sealed,"
        " (select count(*) from picture_change where shown_to is null) as shown,"
        " (select last_value from fourleaf.log_seq) - (select max(seq) from fourleaf.log) as numbers_left,"
        " (select last_value from picture_seq) - (select max(seq) from picture_change) as drawings_left",
        {"run": RUN},
    )
    row = await cursor.fetchone()
    assert row is not None and cursor.description is not None
    return {column.name: int(value) for column, value in zip(cursor.description, row, strict=True)}


@asynccontextmanager
async def _at_work(dsn: str) -> AsyncIterator[None]:
    """Three writers and a worker, each on a connection of its own, for as long as the block lasts."""
    over = asyncio.Event()

    async def again(work: Callable[[Connection, int], Awaitable[None]]) -> None:
        async with connect(dsn, RUN) as mine:
            number = 0
            while not over.is_set():
                await work(mine, number)
                number += 1

    def writer(name: str) -> Callable[[Connection, int], Awaitable[None]]:
        async def write(mine: Connection, number: int) -> None:
            before = Tally(name=name, version=number, value=number)
            color = ("red", "green", "蓝")[number % 3]
            await Journal(RUN, KINDS, [LAST]).append(mine, bumped(RUN, before, request=f"{name}{number}", color=color))

        return write

    async def worker(mine: Connection, number: int) -> None:
        await tail.step(mine, KINDS, RUN, [COLORS], limit=50)
        await seals.seal(mine, RUN, limit=50)
        await _show(mine, number, number)

    async with asyncio.TaskGroup() as group:
        for work in (writer("a"), writer("b"), writer("c"), worker):
            group.create_task(again(work))
        try:
            yield
        finally:
            over.set()


async def test_a_backup_taken_while_everybody_writes_is_whole(clusters: Clusters) -> None:
    async with connect(clusters.source.dsn, RUN) as db, _at_work(clusters.source.dsn):
        while (before := await _count_facts(db)) < 300:
            await asyncio.sleep(0.05)
        await asyncio.to_thread(lambda: asyncio.run(clusters.back_up()))
        after = await _count_facts(db)

    async with clusters.restored() as target, connect(target.dsn, RUN) as db:
        found = await _count(db)
        verified = await seals.verify(db, RUN)
        while (await tail.step(db, KINDS, RUN, [COLORS]))[0]:
            pass
        caught_up = await _count(db)

    assert before <= found["facts"] < after
    assert found["facts"] == found["versions"] == found["value"] == found["answers"]
    assert (found["followed"], found["streams"], found["shown"]) == (3, 3, 1)
    assert found["folded"] == found["read"] <= found["facts"]
    assert (verified.facts, verified.sealed, verified.broken) == (found["facts"], found["sealed"], None)
    assert found["sealed"] > 0
    assert min(found["numbers_left"], found["drawings_left"]) >= 0
    assert caught_up["folded"] == caught_up["facts"] == found["facts"]


async def _count_facts(db: Connection) -> int:
    row = await (await db.execute("select count(*) from fourleaf.log")).fetchone()
    return int(row[0]) if row else 0

# SPDX-License-Identifier: Apache-2.0
"""Rebuild and runs: caches are images of the log, and a dropped run leaves nothing."""

import asyncio
import os
import time
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.synchronize import Event

import psycopg
import pytest

from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import Position
from fourleaf.postgres import pictures, processes, rebuild, rebuilding, runs, seals, tail
from fourleaf.postgres.append import append
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.pool import Connection, connect
from tests.postgres.conftest import make_run
from tests.postgres.tally import AT, COLORS, KINDS, LAST, Tally, bumped, source

pytestmark = pytest.mark.postgres
TABLES = ("tally", "tally_color", "tally_last", "request", "picture_change", "seal", "reader_position")


async def _fill(db: Connection, run: str, facts: int = 60) -> None:
    journal = Journal(run, KINDS, [LAST])
    rows: dict[str, Tally] = {}
    for number in range(facts):
        name = f"n{number % 7}"
        before = rows.get(name, Tally(name=name))
        rows[name] = Tally(name=name, version=before.version + 1, value=before.value + number)
        color = ("red", "green", "蓝")[number % 3]
        await journal.append(db, bumped(run, before, request=f"r{number}", color=color, by=number))
    while (await tail.step(db, KINDS, run, [COLORS], limit=17))[0]:
        pass


async def _tables(db: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(await (await db.execute(f"select * from {table}")).fetchall(), key=str) for table in TABLES}


async def test_a_rebuild_gives_the_same_rows(dsn: str, db: Connection, run: str) -> None:
    await _fill(db, run)
    await pictures.write(
        db, [("l", Pictured(thing="t", place="", props={"n": 1}, labels=("office",)), "t")], at=AT, position=Position()
    )
    await seals.seal(db, run)
    before = await _tables(db)
    await db.execute("update tally set value = 0; update tally_color set bumps = 9; delete from tally_last")

    facts = await rebuild.rebuild(dsn, run, source)

    assert facts == 60
    assert await _tables(db) == before
    assert [len(rows) for rows in before.values()] == [7, 3, 7, 60, 1, 1, 1]


async def test_the_tail_goes_on_after_a_rebuild_from_where_it_counted(dsn: str, db: Connection, run: str) -> None:
    await _fill(db, run)
    await rebuild.rebuild(dsn, run, source)
    await append(db, bumped(run, Tally(name="new"), color="red", by=1))

    folded, _ = await tail.step(db, KINDS, run, [COLORS])

    assert len(folded) == 1
    assert (await (await db.execute("select bumps from tally_color where color = 'red'")).fetchone()) == (21,)


async def test_writers_are_stopped_while_a_rebuild_runs(dsn: str, db: Connection, run: str) -> None:
    async with connect(dsn) as control, rebuild._writers_stopped(control, run), connect(dsn, run) as writer:
        await writer.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await append(writer, bumped(run, Tally(name="a")))


async def test_a_rebuild_waits_for_the_worker_to_let_go(dsn: str, db: Connection, run: str) -> None:
    await _fill(db, run, 10)
    async with rebuild.single_worker(db, run):
        rebuilding = asyncio.create_task(rebuild.rebuild(dsn, run, source))
        await asyncio.sleep(0.3)
        waiting = await runs.one(db, run)
        assert not rebuilding.done()
    assert await rebuilding == 10
    after = await runs.one(db, run)
    assert (waiting and waiting.state, after and after.state) == ("rebuilding", "running")


async def test_a_dropped_run_leaves_nothing(dsn: str, connection: Connection, run_name: str) -> None:
    count = "select (select count(*) from pg_class), (select count(*) from pg_namespace), (select count(*) from fourleaf.log)"
    before = await (await connection.execute(count)).fetchone()
    run = await make_run(connection, run_name)
    async with connect(dsn, run) as db:
        await _fill(db, run, 5)
    await runs.set_tokens(connection, run, {"lane:1": "secret"})

    await runs.drop(connection, run)

    assert await (await connection.execute(count)).fetchone() == before
    left = await connection.execute(
        "select (select count(*) from fourleaf.run where run = %s), (select count(*) from fourleaf.device_token where run = %s)",
        [run, run],
    )
    assert await left.fetchone() == (0, 0)


def _rebuild_and_hang(dsn: str, run: str, folding: Event) -> None:
    def hang(facts: int) -> None:
        folding.set()
        time.sleep(600)

    os.setsid()
    asyncio.run(rebuild.rebuild(dsn, run, source, progress=hang))


def _alive(session: int) -> list[int]:
    return [pid for pid in processes.session(session) if processes.command_of(pid)]


@pytest.fixture
async def killed_rebuild(dsn: str, db: Connection, run: str) -> int:
    """A rebuild that was killed in the middle. Gives its session."""
    await _fill(db, run, 10)
    await runs.set_state(db, run, "paused")
    spawning = get_context("spawn")
    folding = spawning.Event()
    rebuilding_process = spawning.Process(target=_rebuild_and_hang, args=(dsn, run, folding))
    rebuilding_process.start()
    assert await asyncio.to_thread(folding.wait, 60)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        await rebuild.rebuild(dsn, run, source)
    await rebuilding.recover(db, run)
    meanwhile = await runs.one(db, run)
    assert rebuilding_process.pid is not None
    assert (meanwhile and meanwhile.state, len(_alive(rebuilding_process.pid)) > 1) == ("rebuilding", True)
    rebuilding_process.kill()
    await asyncio.to_thread(rebuilding_process.join, 60)
    return rebuilding_process.pid


async def test_the_second_process_ends_with_a_killed_rebuild(killed_rebuild: int) -> None:
    async with asyncio.timeout(60):
        while _alive(killed_rebuild):
            await asyncio.sleep(0.05)


async def test_a_run_whose_rebuild_was_killed_recovers_as_it_stood(
    killed_rebuild: int, db: Connection, run: str
) -> None:
    left = await runs.one(db, run)

    async with asyncio.timeout(60):
        while (recovered := await runs.one(db, run)) == left:
            await rebuilding.recover(db, run)

    schemas = await db.execute("select count(*) from pg_namespace where nspname = %s", [runs.fresh_schema(run)])
    assert (left and left.state, recovered and recovered.state) == ("rebuilding", "paused")
    assert await schemas.fetchone() == (0,)


async def test_a_rebuild_after_a_killed_one_leaves_what_stood_before_both(
    killed_rebuild: int, dsn: str, db: Connection, run: str
) -> None:
    facts = 0
    async with asyncio.timeout(60):
        while not facts:
            with suppress(psycopg.errors.LockNotAvailable):
                facts = await rebuild.rebuild(dsn, run, source)

    rebuilt = await runs.one(db, run)
    assert (facts, rebuilt and rebuilt.state) == (10, "paused")


async def test_the_tail_moves_with_the_swap_or_not_at_all(dsn: str, db: Connection, run: str) -> None:
    await _fill(db, run, 10)
    await append(db, bumped(run, Tally(name="behind"), color="red", by=1))
    before = await _tables(db)
    await db.execute(
        "create or replace function fourleaf.refuse() returns trigger language plpgsql as 'begin raise exception ''cut''; end'"
    )
    await db.execute("create trigger cut before insert or update on reader_position execute function fourleaf.refuse()")

    with pytest.raises(psycopg.errors.RaiseException):
        await rebuild.rebuild(dsn, run, source)

    assert await _tables(db) == before


async def test_a_drop_behind_a_reader_holds_nobody_up(
    dsn: str, connection: Connection, db: Connection, run: str
) -> None:
    await _fill(db, run, 3)
    other = await make_run(connection, f"{run}-dropped")
    async with connect(dsn) as reader, connect(dsn) as dropper:
        async with reader.transaction():
            await reader.execute("set local idle_in_transaction_session_timeout = 0")
            await reader.execute("select count(*) from fourleaf.log")
            dropping = asyncio.create_task(runs.drop(dropper, other))
            await db.execute("set lock_timeout = '200ms'")
            for number in range(12):  # longer than a session waits for other locks
                await append(db, bumped(run, Tally(name=f"beside{number}"), color="red", by=1))
                await asyncio.sleep(0.25)
            assert not dropping.done()
        await asyncio.wait_for(dropping, 60)

    assert await runs.one(connection, other) is None
    assert not await _partitions(connection, other)


async def test_a_drop_that_broke_off_holds_up_no_other_and_is_done_again(
    dsn: str, connection: Connection, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await make_run(connection, f"{run}-1"), await make_run(connection, f"{run}-2")
    async with connect(dsn) as reader, reader.transaction():
        await reader.execute("select count(*) from fourleaf.log")
        with monkeypatch.context() as patched, pytest.raises(psycopg.errors.LockNotAvailable):
            patched.setattr(runs, "DETACH_WITHIN", "200ms")
            await runs.drop(connection, first)
    third = await make_run(connection, f"{run}-3")

    await runs.drop(connection, second)
    await runs.drop(connection, first)
    await runs.drop(connection, third)

    for dropped in (first, second, third):
        assert await runs.one(connection, dropped) is None
        assert not await _partitions(connection, dropped)


async def _partitions(connection: Connection, run: str) -> list[tuple[str]]:
    cursor = await connection.execute("select relname from pg_class where relname = %s", [f"log {run}"])
    return await cursor.fetchall()

# SPDX-License-Identifier: Apache-2.0
"""Rebuild and runs: caches are images of the log, and a dropped run leaves nothing."""

import asyncio
from multiprocessing import get_context
from multiprocessing.synchronize import Event

import psycopg
import pytest

from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import Position
from fourleaf.postgres import pictures, rebuild, runs, seals, tail
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


def _hold_and_hang(dsn: str, run: str, holding: Event) -> None:
    async def hang() -> None:
        async with connect(dsn) as control, runs.being_rebuilt(control, run):
            holding.set()
            await asyncio.sleep(60)

    asyncio.run(hang())


async def test_a_run_whose_rebuild_was_killed_stands_as_before_and_can_be_rebuilt(
    dsn: str, db: Connection, run: str
) -> None:
    await _fill(db, run, 10)
    await runs.set_state(db, run, "paused")
    processes = get_context("spawn")
    holding = processes.Event()
    killed = processes.Process(target=_hold_and_hang, args=(dsn, run, holding))
    killed.start()
    assert await asyncio.to_thread(holding.wait, 60)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        await rebuild.rebuild(dsn, run, source)
    await runs.recover(db, run)
    meanwhile = await runs.one(db, run)

    killed.kill()
    await asyncio.to_thread(killed.join, 20)
    left = await runs.one(db, run)
    assert await rebuild.rebuild(dsn, run, source) == 10
    rebuilt = await runs.one(db, run)
    await db.execute("update fourleaf.run set state_before = state, state = 'rebuilding' where run = %s", [run])
    await runs.recover(db, run)
    recovered = await runs.one(db, run)

    said = [one and one.state for one in (meanwhile, left, rebuilt, recovered)]
    assert said == ["rebuilding", "rebuilding", "paused", "paused"]


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
            await reader.execute("select count(*) from fourleaf.log")
            dropping = asyncio.create_task(runs.drop(dropper, other))
            await asyncio.sleep(0.5)
            await db.execute("set lock_timeout = '200ms'")
            for number in range(3):
                await append(db, bumped(run, Tally(name=f"beside{number}"), color="red", by=1))
            assert not dropping.done()
        await asyncio.wait_for(dropping, 60)

    assert await runs.one(connection, other) is None
    left = await connection.execute("select 1 from pg_class where relname = %s", [f"log {other}"])
    assert await left.fetchone() is None

# SPDX-License-Identifier: Apache-2.0
"""The tail: never skips a late commit, never reads what may still be overtaken, says how far behind it is."""

import asyncio
from datetime import timedelta

import pytest

from fourleaf.postgres import log, runs, tail
from fourleaf.postgres.append import Append, append
from fourleaf.postgres.pool import Connection, connect
from tests.postgres.conftest import make_run
from tests.postgres.tally import AT, COLORS, KINDS, Tally, bump, bumped

pytestmark = pytest.mark.postgres


async def _drain(db: Connection, run: str) -> list[str]:
    """Follow until nothing is left; the ids in the order they were folded."""
    seen: list[str] = []
    while True:
        facts, _ = await tail.step(db, KINDS, run, [COLORS], limit=50)
        if not facts:
            return seen
        seen += [fact.id for fact in facts]


async def test_a_fact_that_commits_late_is_not_skipped(dsn: str, db: Connection, run: str) -> None:
    async with connect(dsn, run) as slow:
        async with slow.transaction():
            await append(slow, bumped(run, Tally(name="slow")))  # takes the lower transaction and serial numbers
            await append(db, bumped(run, Tally(name="quick")))
            before = await _drain(db, run)
        after = await _drain(db, run)

    assert before == []
    assert after == ["tally:slow@1", "tally:quick@1"]
    assert await (await db.execute("select bumps, total from tally_color")).fetchall() == [(2, 2)]


async def test_every_fact_of_many_writers_is_folded_once(dsn: str, db: Connection, run: str) -> None:
    done = asyncio.Event()

    async def writer(number: int) -> None:
        async with connect(dsn, run) as mine:
            for version in range(40):
                before = Tally(name=f"w{number}", version=version, value=version)
                if version % 3:
                    await append(mine, bumped(run, before))
                else:
                    async with mine.transaction():
                        await append(mine, bumped(run, before))
                        await asyncio.sleep(0.003)

    async def follow() -> list[str]:
        seen: list[str] = []
        while not done.is_set():
            seen += await _drain(db, run)
            await asyncio.sleep(0.001)
        return seen + await _drain(db, run)

    following = asyncio.create_task(follow())
    await asyncio.gather(*(writer(number) for number in range(8)))
    done.set()
    seen = await following

    assert sorted(seen) == sorted(f"tally:w{number}@{version}" for number in range(8) for version in range(1, 41))
    assert await (await db.execute("select bumps, total from tally_color")).fetchall() == [(320, 320)]


async def test_positions_compare_as_numbers_where_text_would_skip(db: Connection, run: str) -> None:
    for version, txid in enumerate(["9", "10", "100"], 1):
        await db.execute(
            "insert into fourleaf.log (run, epoch, txid, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, labels,"
            " body, hash) values (%s, 1, %s::text::xid8, 'tally:a', %s, 'tally.Bumped', 2, %s, %s, 'x', '', '{office}',"
            " '{\"color\": \"red\"}', '')",
            [run, txid, version, AT, AT],
        )

    assert await _drain(db, run) == ["tally:a@1", "tally:a@2", "tally:a@3"]


async def test_a_foreign_open_transaction_is_measured_and_named(
    dsn: str, server: object, db: Connection, run: str
) -> None:
    async with connect(dsn) as foreign, foreign.transaction():
        await foreign.execute("set local idle_in_transaction_session_timeout = 0")
        await foreign.execute("create temporary table held (x int)")
        await append(db, bumped(run, Tally(name="a")))
        await asyncio.sleep(0.3)

        lag = await tail.lag_s(db, run)
        folded, _ = await tail.step(db, KINDS, run, [COLORS])

        assert folded == []
        assert lag >= 0.3
    assert await _drain(db, run) == ["tally:a@1"]
    assert await tail.lag_s(db, run) == 0


async def test_the_lag_is_nothing_when_nothing_waits(db: Connection, run: str) -> None:
    assert await tail.lag_s(db, run) == 0


async def test_an_older_epoch_is_settled_whatever_its_transaction_numbers(db: Connection, run: str) -> None:
    await db.execute(
        "insert into fourleaf.log (run, epoch, txid, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, labels, body,"
        " hash) values (%s, 0, '999999999999', 'tally:a', 1, 'tally.Bumped', 2, %s, %s, 'x', '', '{office}', '{\"color\": \"red\"}', '')",
        [run, AT, AT],
    )
    await append(db, bumped(run, Tally(name="b")))

    assert await _drain(db, run) == ["tally:a@1", "tally:b@1"]


async def test_two_runs_never_mix(dsn: str, connection: Connection, db: Connection, run: str, run_name: str) -> None:
    other = await make_run(connection, f"{run_name}-b")
    async with connect(dsn, other) as theirs:
        await append(theirs, bumped(other, Tally(name="a"), color="blue", request="same"))
        await append(db, bumped(run, Tally(name="a"), color="red", request="same"))

        assert await _drain(db, run) == ["tally:a@1"]
        assert await _drain(theirs, other) == ["tally:a@1"]
        assert await (await db.execute("select color from tally_color")).fetchall() == [("red",)]
        assert await (await theirs.execute("select color from tally_color")).fetchall() == [("blue",)]
    await runs.drop(connection, other)


async def test_happened_by_and_known_by_are_two_questions(db: Connection, run: str) -> None:
    late = AT + timedelta(hours=2)
    on_time = bump(run, "a", 1)
    told_late = bump(run, "a", 2).__class__(
        **{name: getattr(bump(run, "a", 2), name) for name in on_time.__struct_fields__} | {"recorded_at": late}
    )
    await append(db, Append(facts=(on_time, told_late)))
    names = ["tally.Bumped"]

    known_then = await log.as_of(db, KINDS, run, names, happened_by=AT, known_by=AT)
    known_now = await log.as_of(db, KINDS, run, names, happened_by=AT, known_by=late)

    assert [fact.id for fact in known_then] == ["tally:a@1"]
    assert [fact.id for fact in known_now] == ["tally:a@1", "tally:a@2"]

# SPDX-License-Identifier: Apache-2.0
"""Appending: one statement, idempotent, and nobody overwrites anybody."""

import asyncio

import pytest
from psycopg.errors import CheckViolation, RestrictViolation, UniqueViolation

from fourleaf.kernel.fact import InexactNumber
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import log
from fourleaf.postgres.append import Answer, Append, Request, RequestConflict, StaleStream, append, command
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.pool import Connection, connect
from tests.postgres.tally import FOLDS, KINDS, LAST, Tally, bump, bumped

pytestmark = pytest.mark.postgres


async def _tally(connection: Connection, name: str) -> Tally:
    row = await (await connection.execute("select name, version, value from tally where name = %s", [name])).fetchone()
    return Tally(name=row[0], version=row[1], value=row[2]) if row else Tally(name=name)


async def _bump(
    connection: Connection, run: str, name: str, request: str, *, lock: str | None = None, by: int = 1
) -> Answer | Refusal:
    async def decide(inner: Connection) -> Append:
        return bumped(run, await _tally(inner, name), by=by)

    return await command(connection, Request.of("test", request, [name, by]), decide, lock=lock)


async def test_a_fact_and_its_row_are_read_back_as_written(db: Connection, run: str) -> None:
    await append(db, bumped(run, Tally(name="a"), request="r1", color="蓝色", by=3))

    (fact,) = await log.stream(db, KINDS, run, "tally:a")

    assert (fact.id, fact.body, fact.labels) == ("tally:a@1", bump(run, "a", 1, color="蓝色", by=3).body, ("office",))
    assert await _tally(db, "a") == Tally(name="a", version=1, value=3)


async def test_the_second_writer_of_a_version_is_told_so(db: Connection, run: str) -> None:
    await append(db, bumped(run, Tally(name="a")))

    with pytest.raises(StaleStream):
        await append(db, bumped(run, Tally(name="a"), by=7))

    assert await _tally(db, "a") == Tally(name="a", version=1, value=1)


async def test_a_repeated_request_gets_its_first_answer_and_writes_nothing(db: Connection, run: str) -> None:
    first = await _bump(db, run, "a", "same")
    second = await _bump(db, run, "a", "same")

    assert first == Answer({"fact": "tally:a@1"})
    assert second == Answer({"fact": "tally:a@1"}, replayed=True)
    assert len(await log.stream(db, KINDS, run, "tally:a")) == 1


async def test_a_request_id_with_other_input_is_a_conflict(db: Connection, run: str) -> None:
    await _bump(db, run, "a", "same", by=1)

    with pytest.raises(RequestConflict):
        await _bump(db, run, "a", "same", by=2)


async def test_a_refusal_writes_nothing_and_a_later_repeat_may_succeed(db: Connection, run: str) -> None:
    async def refuse(inner: Connection) -> Refusal:
        return Refusal("tally.full")

    asked = Request.of("test", "r", ["a", 1])

    assert await command(db, asked, refuse) == Refusal("tally.full")
    assert await _bump(db, run, "a", "r") == Answer({"fact": "tally:a@1"})


@pytest.mark.parametrize("lock", [None, "tally:a"])
async def test_sixteen_racing_writers_lose_and_double_nothing(
    dsn: str, db: Connection, run: str, lock: str | None
) -> None:
    async def writer(number: int) -> None:
        async with connect(dsn, run) as mine:
            for step in range(10):
                for _ in range(50):
                    try:
                        await _bump(mine, run, "a", f"{number}-{step}", lock=lock)
                        break
                    except StaleStream:
                        continue

    await asyncio.gather(*(writer(number) for number in range(16)))

    assert await _tally(db, "a") == Tally(name="a", version=160, value=160)
    assert [fact.version for fact in await log.stream(db, KINDS, run, "tally:a")] == list(range(1, 161))


async def test_the_same_request_from_eight_connections_is_done_once(dsn: str, db: Connection, run: str) -> None:
    async def ask() -> Answer | Refusal:
        async with connect(dsn, run) as mine:
            return await _bump(mine, run, "a", "same")

    answers = await asyncio.gather(*(ask() for _ in range(8)))

    assert sorted(answer.replayed for answer in answers if isinstance(answer, Answer)) == [False] + [True] * 7
    assert await _tally(db, "a") == Tally(name="a", version=1, value=1)


async def test_a_batch_is_one_statement_and_all_or_nothing(db: Connection, run: str) -> None:
    await append(db, bumped(run, Tally(name="b"), request="taken"))
    batch = [bumped(run, Tally(name=f"n{number}"), request=f"r{number}") for number in range(500)]

    with pytest.raises(UniqueViolation):
        await append(db, *batch, bumped(run, Tally(name="last"), request="taken"))
    assert len(await log.stream(db, KINDS, run, "tally:n0")) == 0
    await append(db, *batch)

    row = await (await db.execute("select count(*), sum(value) from tally where name like 'n%'")).fetchone()
    assert row == (500, 500)


async def test_changes_to_one_row_are_merged_to_the_last(db: Connection, run: str) -> None:
    one = bumped(run, Tally(name="a"))
    two = bumped(run, Tally(name="a", version=1, value=1), by=5)

    await append(db, one, two)

    assert await _tally(db, "a") == Tally(name="a", version=2, value=6)


async def test_an_inline_follower_is_written_with_the_fact(db: Connection, run: str) -> None:
    journal = Journal(run, KINDS, [LAST])

    await journal.append(db, bumped(run, Tally(name="a"), color="green"))

    assert await (await db.execute("select * from tally_last")).fetchall() == [("tally:a", "green")]


async def test_a_broken_constraint_keeps_fact_and_row_out(db: Connection, run: str) -> None:
    with pytest.raises(CheckViolation):
        await append(db, bumped(run, Tally(name="a"), by=1_000_000))

    assert await log.stream(db, KINDS, run, "tally:a") == []


async def test_a_float_is_refused_before_anything_is_written(db: Connection, run: str) -> None:
    with pytest.raises(InexactNumber):
        await append(db, bumped(run, Tally(name="a"), by=1.5))  # type: ignore[arg-type]


async def test_the_log_is_append_only(db: Connection, run: str) -> None:
    await append(db, bumped(run, Tally(name="a")))

    with pytest.raises(RestrictViolation):
        await db.execute("update fourleaf.log set actor = 'me' where run = %s", [run])
    with pytest.raises(RestrictViolation):
        await db.execute("delete from fourleaf.log where run = %s", [run])


async def test_an_older_schema_is_upcast_when_read(db: Connection, run: str) -> None:
    await append(db, bumped(run, Tally(name="a")))
    await db.execute(
        "insert into fourleaf.log (run, epoch, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, labels, body, hash)"
        ' select run, epoch, stream, 2, kind, 1, occurred_at, recorded_at, actor, agency, labels, \'{"paint": "old"}\', hash'
        " from fourleaf.log where run = %s",
        [run],
    )

    facts = await log.stream(db, KINDS, run, "tally:a")

    assert facts[1].body == bump(run, "a", 2, color="old").body
    assert FOLDS.streams[0].step(Tally(name="a"), facts[1]).value == 1

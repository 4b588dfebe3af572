# SPDX-License-Identifier: Apache-2.0
"""What an action does in one call: a rule decides on a stream, or a watch records what it saw."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest

from fourleaf.kernel.fact import Fact
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import log, runs
from fourleaf.postgres.append import Answer, Request, RequestConflict
from fourleaf.postgres.journal import Journal, Ruled, Site
from fourleaf.postgres.pool import Connection, Pools
from tests.postgres.tally import AT, KINDS, LAST, STREAM, Bumped, Tally

pytestmark = pytest.mark.postgres

EARLIER = AT - timedelta(minutes=5)


@pytest.fixture
async def site(dsn: str, run: str, db: Connection) -> AsyncIterator[Site]:
    """The run at work, with its clock standing at AT."""
    pools = Pools(dsn)
    found = await runs.one(db, run)
    assert found is not None

    async def now() -> datetime:
        return AT

    yield Site(found, Journal(run, KINDS, [LAST]), await pools.of(run), now)
    await pools.close()


async def _tally(connection: Connection, name: str) -> Tally:
    row = await (await connection.execute("select name, version, value from tally where name = %s", [name])).fetchone()
    return Tally(name=row[0], version=row[1], value=row[2]) if row else Tally(name=name)


async def _bump(site: Site, request_id: str, *, most: int = 1_000) -> Answer | Refusal:
    """Bump tally a by one, but not over the most."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        tally = await _tally(connection, "a")
        return tally, Refusal("tally.full") if tally.value >= most else Bumped(color="red")

    return await site.decide(Request.of("ann", request_id, [most]), STREAM, "a", decide)


async def test_what_the_rule_says_is_a_fact_with_its_rows_and_its_followers(site: Site, db: Connection) -> None:
    answer = await _bump(site, "r1")

    (fact,) = await log.stream(db, KINDS, site.run.run, "tally:a")
    assert answer == Answer({"fact": "tally:a@1", "kind": "tally.Bumped"})
    assert (fact.body, fact.actor, fact.labels, fact.cause) == (Bumped(color="red"), "ann", ("office",), None)
    assert (fact.occurred_at, fact.recorded_at) == (AT, AT)
    assert await _tally(db, "a") == Tally(name="a", version=1, value=1)
    assert await (await db.execute("select * from tally_last")).fetchall() == [("tally:a", "red")]


async def test_a_repeated_request_is_told_its_first_answer(site: Site, db: Connection) -> None:
    first = await _bump(site, "same")
    again = await _bump(site, "same")

    assert again == Answer({"fact": "tally:a@1", "kind": "tally.Bumped"}, replayed=True)
    assert isinstance(first, Answer) and first.value == again.value
    with pytest.raises(RequestConflict):
        await _bump(site, "same", most=5)


async def test_a_refusal_writes_nothing(site: Site, db: Connection) -> None:
    refused = await _bump(site, "r1", most=0)

    assert refused == Refusal("tally.full")
    assert await log.stream(db, KINDS, site.run.run, "tally:a") == []


async def test_several_facts_of_one_decision_stand_in_order_and_the_answer_is_made_of_all(
    site: Site, db: Connection
) -> None:
    async def decide(connection: Connection, now: datetime) -> Ruled:
        assert now == AT
        return await _tally(connection, "a"), [Bumped(color="red"), Bumped(color="blue", by=4)]

    def told(facts: Sequence[Fact]) -> list[str]:
        return [fact.id for fact in facts]

    answer = await site.decide(
        Request.of("ann", "r1", []),
        STREAM,
        "a",
        decide,
        occurred_at=EARLIER,
        labels=("public",),
        cause="tally:b@7",
        answer=told,
    )

    facts = await log.stream(db, KINDS, site.run.run, "tally:a")
    assert answer == Answer(["tally:a@1", "tally:a@2"])
    assert [(fact.version, fact.occurred_at, fact.labels, fact.cause) for fact in facts] == [
        (version, EARLIER, ("public",), "tally:b@7") for version in (1, 2)
    ]
    assert await _tally(db, "a") == Tally(name="a", version=2, value=5)


@pytest.mark.parametrize("lock", [None, "tally:a"])
async def test_deciders_of_one_stream_at_the_same_time_see_each_other(
    site: Site, db: Connection, lock: str | None
) -> None:
    async def decide(connection: Connection, now: datetime) -> Ruled:
        tally = await _tally(connection, "a")
        return tally, Refusal("tally.full") if tally.value >= 3 else Bumped(color="red")

    async def ask(number: int) -> Answer | Refusal:
        return await site.decide(Request.of("ann", f"r{number}", []), STREAM, "a", decide, lock=lock)

    answers = await asyncio.gather(*map(ask, range(8)))

    assert sum(isinstance(answer, Answer) for answer in answers) == 3
    assert await _tally(db, "a") == Tally(name="a", version=3, value=3)


async def test_a_constraint_of_the_database_is_a_refusal(site: Site, db: Connection) -> None:
    await db.execute("create unique index only_once on tally (value)")
    await _bump(site, "r1")

    async def decide(connection: Connection, now: datetime) -> Ruled:
        return Tally(name="b"), Bumped(color="red")

    refused = await site.decide(
        Request.of("ann", "r2", []), STREAM, "b", decide, constraints={"only_once": "tally.taken"}
    )

    assert refused == Refusal("tally.taken")
    assert await log.stream(db, KINDS, site.run.run, "tally:b") == []


async def test_what_a_watch_saw_is_recorded_with_its_rows_and_its_followers(site: Site, db: Connection) -> None:
    recorded = await site.record(
        "worker:tally", STREAM, "a", Tally(name="a"), Bumped(color="blue"), occurred_at=EARLIER, cause="tally:b@7"
    )

    (fact,) = await log.stream(db, KINDS, site.run.run, "tally:a")
    assert recorded
    assert (fact.body, fact.actor, fact.cause) == (Bumped(color="blue"), "worker:tally", "tally:b@7")
    assert (fact.occurred_at, fact.recorded_at) == (EARLIER, AT)
    assert await _tally(db, "a") == Tally(name="a", version=1, value=1)
    assert await (await db.execute("select * from tally_last")).fetchall() == [("tally:a", "blue")]


async def test_a_watch_that_somebody_was_faster_than_records_nothing(site: Site, db: Connection) -> None:
    seen = Tally(name="a")
    await _bump(site, "r1")

    recorded = await site.record("worker:tally", STREAM, "a", seen, Bumped(color="blue"))

    assert not recorded
    assert await _tally(db, "a") == Tally(name="a", version=1, value=1)

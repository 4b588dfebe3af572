# SPDX-License-Identifier: Apache-2.0
"""Rebuild reads in log order, where a stream's versions need not stand in theirs."""

import pytest

from fourleaf.postgres import log, rebuild
from fourleaf.postgres.append import Append, append
from fourleaf.postgres.pool import Connection, connect
from tests.postgres.tally import KINDS, Tally, bump, bumped, source

pytestmark = pytest.mark.postgres


async def _order(db: Connection, run: str) -> list[str]:
    return [fact.id async for page in log.pages(db, KINDS, run, chunk=2) for fact in page]


async def test_a_version_that_stands_before_its_forerunner_is_folded_after_it(
    dsn: str, db: Connection, run: str
) -> None:
    async with connect(dsn, run) as early, early.transaction():
        await append(early, bumped(run, Tally(name="first")))  # takes the lower transaction number
        await append(db, bumped(run, Tally(name="hot"), by=1))
        await append(early, bumped(run, Tally(name="hot", version=1, value=1), by=2))
        await append(early, bumped(run, Tally(name="hot", version=2, value=3), by=4))

    facts = await rebuild.rebuild(dsn, run, source)

    assert await _order(db, run) == ["tally:first@1", "tally:hot@2", "tally:hot@3", "tally:hot@1"]
    rows = await (await db.execute("select name, version, value from tally order by name")).fetchall()
    assert (facts, rows) == (4, [("first", 1, 1), ("hot", 3, 7)])


async def test_what_stands_behind_a_gap_is_folded_at_the_end(dsn: str, db: Connection, run: str) -> None:
    await append(db, Append(facts=(bump(run, "torn", 1, by=1), bump(run, "torn", 4, by=8), bump(run, "torn", 3, by=4))))

    await rebuild.rebuild(dsn, run, source)

    row = await (await db.execute("select name, version, value from tally")).fetchone()
    assert row == ("torn", 4, 13)

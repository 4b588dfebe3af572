# SPDX-License-Identifier: Apache-2.0
"""A page of persons is found by its ids, however many others there are."""

import pytest

from fourleaf.postgres.pool import Connection
from fourleaf.vault.store import HELD

pytestmark = pytest.mark.postgres
TABLES = ("fourleaf.vault_person", "fourleaf_keys.person_key", "fourleaf.vault_value")


@pytest.mark.parametrize("counted", [False, True])
async def test_a_read_looks_only_at_the_persons_asked_for(db: Connection, run: str, counted: bool) -> None:
    persons, many = f"select '{run}', 'p' || n", "from generate_series(1, 8000) n"
    for query in (
        f"insert into fourleaf.vault_person (run, person) {persons} {many}",
        f"insert into fourleaf_keys.person_key {persons}, '', '' {many}",
        f"insert into fourleaf.vault_value {persons}, f, repeat('x', 60)::bytea {many}, unnest('{{name,phone}}'::text[]) f",
    ):
        await db.execute(query.encode())
    for table in TABLES if counted else ():
        await db.execute(f"analyze {table}".encode())

    given = {"run": run, "persons": [f"p{number}" for number in range(1, 6)], "fields": ["name", "phone"]}
    rows = await (await db.execute(f"explain (analyze, timing off, costs off) {HELD}".encode(), given)).fetchall()

    looks = [row[0] for row in rows if " on vault_" in row[0] or " on person_key" in row[0]]
    assert [look for look in looks if "loops=1)" not in look or "Seq Scan" in look] == []
    # Until the rows are counted, PostgreSQL 15 may read the run once and pick the persons out of it.
    assert not (counted and any("Rows Removed by Filter: 7" in row[0] for row in rows))

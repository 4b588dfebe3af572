# SPDX-License-Identifier: Apache-2.0
"""Store: the named queries of the vault. Only this package may ask them: what is read is recorded by `vault.persons`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg

Connection = psycopg.AsyncConnection[Any]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of one person, still sealed. None: no such person, no key, not erased."""

    person: str
    known: bool
    erased_at: datetime | None
    master: bytes | None
    wrapped: bytes | None
    sealed: dict[str, bytes]


# Each table is asked once, by the ids alone, and joined after that. Left to itself the planner may ask it once a person,
# as long as nobody has counted its rows.
HELD = """
with p as materialized (select person, erased_at from fourleaf.vault_person
                        where run = %(run)s and person = any(%(persons)s)),
k as materialized (select person, master, wrapped from fourleaf_keys.person_key
                   where run = %(run)s and person = any(%(persons)s)),
v as materialized (select person, field, sealed from fourleaf.vault_value
                   where run = %(run)s and person = any(%(persons)s) and field = any(%(fields)s))
select person, erased_at, master, wrapped, field, sealed from p left join k using (person) left join v using (person)
"""


async def held(connection: Connection, run: str, persons: Sequence[str], fields: Sequence[str]) -> list[Held]:
    """Many persons in one round trip, in the order asked for."""
    cursor = await connection.execute(HELD, {"run": run, "persons": list(persons), "fields": list(fields)})
    found: dict[str, Held] = {}
    for person, erased_at, master, wrapped, field, sealed in await cursor.fetchall():
        one = found.setdefault(
            person,
            Held(person=person, known=True, erased_at=erased_at, master=master, wrapped=wrapped, sealed={}),
        )
        if field is not None:
            one.sealed[field] = sealed
    return [found.get(person) or nobody(person) for person in persons]


def nobody(person: str) -> Held:
    return Held(person=person, known=False, erased_at=None, master=None, wrapped=None, sealed={})


async def enroll(connection: Connection, run: str, persons: Sequence[str]) -> set[str]:
    """Make sure that these persons are there, and hold their rows until the end of the transaction. Gives who is new."""
    cursor = await connection.execute(
        "insert into fourleaf.vault_person (run, person) select %s, p from unnest(%s::text[]) p order by p"
        " on conflict do nothing returning person",
        [run, list(persons)],
    )
    fresh = {row[0] for row in await cursor.fetchall()}
    await connection.execute(
        "select 1 from fourleaf.vault_person where run = %s and person = any(%s) order by person for update",
        [run, list(persons)],
    )
    return fresh


async def lock(connection: Connection, run: str, person: str) -> bool:
    """Hold one person's row until the end of the transaction. False: there is none."""
    cursor = await connection.execute(
        "select 1 from fourleaf.vault_person where run = %s and person = %s for update", [run, person]
    )
    return await cursor.fetchone() is not None


async def add_keys(connection: Connection, run: str, keys: Sequence[tuple[str, bytes, bytes]]) -> None:
    """Shape: person, id of the master key, wrapped key."""
    await _many(
        connection,
        "insert into fourleaf_keys.person_key (run, person, master, wrapped)"
        " select %s, * from unnest(%s::text[], %s::bytea[], %s::bytea[])",
        run,
        keys,
        3,
    )


async def write(connection: Connection, run: str, values: Sequence[tuple[str, str, bytes]]) -> None:
    """Shape: person, field, sealed value."""
    await _many(
        connection,
        "insert into fourleaf.vault_value (run, person, field, sealed)"
        " select %s, * from unnest(%s::text[], %s::text[], %s::bytea[])"
        " on conflict (run, person, field) do update set sealed = excluded.sealed, written_at = clock_timestamp()",
        run,
        values,
        3,
    )


async def index(connection: Connection, run: str, marks: Sequence[tuple[str, str, str, bytes]]) -> None:
    """Shape: person, field, kind, mark."""
    await _many(
        connection,
        "insert into fourleaf_keys.blind_index (run, person, field, kind, mark)"
        " select %s, * from unnest(%s::text[], %s::text[], %s::text[], %s::bytea[])",
        run,
        marks,
        4,
    )


async def unindex(connection: Connection, run: str, fields: Sequence[tuple[str, str]]) -> None:
    """Forget how these could be found. Shape: person, field."""
    await _many(
        connection,
        "delete from fourleaf_keys.blind_index i using unnest(%s::text[], %s::text[]) as g(person, field)"
        " where i.run = %s and i.person = g.person and i.field = g.field",
        run,
        fields,
        2,
        run_last=True,
    )


async def remove(connection: Connection, run: str, fields: Sequence[tuple[str, str]]) -> None:
    """Forget these values. Shape: person, field."""
    await _many(
        connection,
        "delete from fourleaf.vault_value v using unnest(%s::text[], %s::text[]) as g(person, field)"
        " where v.run = %s and v.person = g.person and v.field = g.field",
        run,
        fields,
        2,
        run_last=True,
    )


async def found(connection: Connection, run: str, kind: str, mark: bytes) -> list[str]:
    cursor = await connection.execute(
        "select person from fourleaf_keys.blind_index where run = %s and kind = %s and mark = %s order by person",
        [run, kind, mark],
    )
    return [row[0] for row in await cursor.fetchall()]


async def found_all(connection: Connection, run: str, kind: str, marks: Sequence[bytes]) -> dict[bytes, list[str]]:
    """Who has which of these marks. Shape: mark -> persons."""
    cursor = await connection.execute(
        "select mark, array_agg(person order by person) from fourleaf_keys.blind_index"
        " where run = %s and kind = %s and mark = any(%s) group by mark",
        [run, kind, list(marks)],
    )
    return {bytes(row[0]): list(row[1]) for row in await cursor.fetchall()}


async def doubles(connection: Connection, run: str, kind: str) -> list[tuple[str, ...]]:
    """Groups of persons who share one mark of this kind."""
    cursor = await connection.execute(
        "select array_agg(distinct person order by person) from fourleaf_keys.blind_index where run = %s and kind = %s"
        " group by mark having count(distinct person) > 1 order by 1",
        [run, kind],
    )
    return [tuple(row[0]) for row in await cursor.fetchall()]


async def forget(connection: Connection, run: str, person: str) -> tuple[list[str], list[str], datetime]:
    """Delete the key, the values and the indexes; leave the tombstone. Gives fields, kinds of indexes, and when.

    The caller has locked the person's row.
    """
    gone = await connection.execute(
        "delete from fourleaf.vault_value where run = %s and person = %s returning field", [run, person]
    )
    fields = sorted(row[0] for row in await gone.fetchall())
    gone = await connection.execute(
        "delete from fourleaf_keys.blind_index where run = %s and person = %s returning kind", [run, person]
    )
    kinds = sorted(row[0] for row in await gone.fetchall())
    await connection.execute("delete from fourleaf_keys.person_key where run = %s and person = %s", [run, person])
    marked = await connection.execute(
        "update fourleaf.vault_person set erased_at = coalesce(erased_at, clock_timestamp())"
        " where run = %s and person = %s returning erased_at",
        [run, person],
    )
    row = await marked.fetchone()
    assert row is not None
    return fields, kinds, row[0]


async def _many(
    connection: Connection, query: str, run: str, rows: Sequence[tuple[Any, ...]], width: int, *, run_last: bool = False
) -> None:
    if rows:
        columns: list[Any] = [[row[place] for row in rows] for place in range(width)]
        await connection.execute(query.encode(), [*columns, run] if run_last else [run, *columns])

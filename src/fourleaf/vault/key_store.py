# SPDX-License-Identifier: Apache-2.0
"""Key store: the named queries of the schema that the ordinary backup leaves out."""

from collections.abc import Sequence

from fourleaf.vault.store import Connection


async def current_master(connection: Connection, *, hold: bool = False) -> bytes | None:
    """Under which master key new keys are wrapped. hold: until the end of the transaction no rotation changes it."""
    query = "select id from fourleaf_keys.master for share" if hold else "select id from fourleaf_keys.master"
    row = await (await connection.execute(query)).fetchone()
    return row[0] if row else None


async def set_master(connection: Connection, id: bytes) -> None:
    await connection.execute(
        "insert into fourleaf_keys.master (id) values (%s) on conflict (only_row) do update set id = excluded.id", [id]
    )


async def root(connection: Connection, run: str) -> tuple[bytes, bytes] | None:
    """The wrapped secret from which the marks of this run come, and the id of its master key."""
    cursor = await connection.execute("select master, wrapped from fourleaf_keys.index_root where run = %s", [run])
    return await cursor.fetchone()


async def add_root(connection: Connection, run: str, master: bytes, wrapped: bytes) -> None:
    """Keeps the first one when two come at once."""
    await connection.execute(
        "insert into fourleaf_keys.index_root (run, master, wrapped) values (%s, %s, %s) on conflict do nothing",
        [run, master, wrapped],
    )


async def anybody(connection: Connection) -> bool:
    """Whether values are stored that need keys."""
    cursor = await connection.execute("select exists(select from fourleaf.vault_person where erased_at is null)")
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def wrapped_otherwise(
    connection: Connection, master: bytes, limit: int
) -> list[tuple[str, str | None, bytes, bytes]]:
    """Keys under another master key, held until the end of the transaction.

    Shape: run, person (None: the root of the run's marks), id of its master key, wrapped key.
    """
    cursor = await connection.execute(
        "select run, person, master, wrapped from fourleaf_keys.person_key where master <> %s limit %s for update",
        [master, limit],
    )
    persons = await cursor.fetchall()
    if persons:
        return [(run, person, id, wrapped) for run, person, id, wrapped in persons]
    cursor = await connection.execute(
        "select run, master, wrapped from fourleaf_keys.index_root where master <> %s limit %s for update",
        [master, limit],
    )
    return [(run, None, id, wrapped) for run, id, wrapped in await cursor.fetchall()]


async def rewrap(connection: Connection, master: bytes, keys: Sequence[tuple[str, str | None, bytes]]) -> None:
    """Shape: run, person (None: the root of the run's marks), wrapped key."""
    of_persons = [key for key in keys if key[1] is not None]
    roots = [key for key in keys if key[1] is None]
    await connection.execute(
        "update fourleaf_keys.person_key k set master = %s, wrapped = g.wrapped"
        " from unnest(%s::text[], %s::text[], %s::bytea[]) as g(run, person, wrapped)"
        " where k.run = g.run and k.person = g.person",
        [master, [key[0] for key in of_persons], [key[1] for key in of_persons], [key[2] for key in of_persons]],
    )
    await connection.execute(
        "update fourleaf_keys.index_root r set master = %s, wrapped = g.wrapped"
        " from unnest(%s::text[], %s::bytea[]) as g(run, wrapped) where r.run = g.run",
        [master, [key[0] for key in roots], [key[2] for key in roots]],
    )


async def forget_keyless(connection: Connection) -> int:
    """Erase whoever has no key: nobody could read it anyway. Gives how many persons."""
    cursor = await connection.execute(
        "with lost as (select run, person from fourleaf.vault_person p where erased_at is null and not exists"
        " (select from fourleaf_keys.person_key k where k.run = p.run and k.person = p.person)),"
        " gone as (delete from fourleaf.vault_value v using lost where v.run = lost.run and v.person = lost.person)"
        " update fourleaf.vault_person p set erased_at = clock_timestamp() from lost"
        " where p.run = lost.run and p.person = lost.person"
    )
    return cursor.rowcount


async def everything(
    connection: Connection, run: str
) -> tuple[list[tuple[str, bytes, bytes]], list[tuple[str, str, str, bytes]]]:
    """The wrapped keys and the blind indexes of one run.

    Shape: (person, id of the master key, wrapped key), (person, field, kind, mark).
    """
    keys = await connection.execute(
        "select person, master, wrapped from fourleaf_keys.person_key where run = %s order by person", [run]
    )
    marks = await connection.execute(
        "select person, field, kind, mark from fourleaf_keys.blind_index where run = %s order by person, field", [run]
    )
    return await keys.fetchall(), await marks.fetchall()


async def roots(connection: Connection) -> list[tuple[str, bytes, bytes]]:
    """Shape: run, id of the master key, wrapped root."""
    cursor = await connection.execute("select run, master, wrapped from fourleaf_keys.index_root order by run")
    return await cursor.fetchall()


async def runs(connection: Connection) -> list[str]:
    """Runs that keep personal data, or kept some."""
    cursor = await connection.execute("select distinct run from fourleaf.vault_person order by run")
    return [row[0] for row in await cursor.fetchall()]


async def erased(connection: Connection, run: str) -> list[str]:
    cursor = await connection.execute(
        "select person from fourleaf.vault_person where run = %s and erased_at is not null order by person", [run]
    )
    return [row[0] for row in await cursor.fetchall()]


async def standing(connection: Connection, run: str, persons: Sequence[str], *, keyless: bool) -> list[str]:
    """Who of these is there and not erased; keyless: and has no key."""
    cursor = await connection.execute(
        "select p.person from fourleaf.vault_person p"
        " left join fourleaf_keys.person_key k on k.run = p.run and k.person = p.person"
        " where p.run = %s and p.person = any(%s) and p.erased_at is null and (k.person is null or not %s)"
        " order by p.person for update of p",
        [run, list(persons), keyless],
    )
    return [row[0] for row in await cursor.fetchall()]


async def unreadable(connection: Connection) -> int:
    """How many persons are there and have no key."""
    cursor = await connection.execute(
        "select count(*) from fourleaf.vault_person p where erased_at is null and not exists"
        " (select from fourleaf_keys.person_key k where k.run = p.run and k.person = p.person)"
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0

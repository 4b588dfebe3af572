# SPDX-License-Identifier: Apache-2.0
"""Migrate: numbered SQL files for the tables that are not caches (caches are rebuilt, never migrated)."""

from importlib.resources import files

from fourleaf.postgres.pool import Connection

# Two starts at once must not both migrate.
_LOCK = 4_104_104


class NewerDatabase(RuntimeError):
    """The database was written by a later release than this one."""


def numbered() -> dict[int, str]:
    folder = files("fourleaf.postgres").joinpath("migrations")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    numbers = [int(file.name[:4]) for file in found]
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"two migrations have one number: {[file.name for file in found]}")
    return {number: file.read_text("utf-8") for number, file in zip(numbers, found, strict=True)}


async def migrate(connection: Connection) -> list[int]:
    """Apply what is missing, each file in its own transaction. Gives the numbers applied.

    Raises: NewerDatabase
    """
    await connection.execute("select pg_advisory_lock(%s)", [_LOCK])
    try:
        return await _apply(connection)
    finally:
        await connection.execute("select pg_advisory_unlock(%s)", [_LOCK])


async def _apply(connection: Connection) -> list[int]:
    await connection.execute("create schema if not exists fourleaf")
    await connection.execute(
        "create table if not exists fourleaf.migration (no integer primary key, applied_at timestamptz not null default now())"
    )
    done = {row[0] for row in await (await connection.execute("select no from fourleaf.migration")).fetchall()}
    known = numbered()
    if done - known.keys():
        raise NewerDatabase(f"migrations {sorted(done - known.keys())} are unknown to this release")
    missing = sorted(known.keys() - done)
    for no in missing:
        async with connection.transaction():
            await connection.execute(known[no].encode())
            await connection.execute("insert into fourleaf.migration (no) values (%s)", [no])
    return missing

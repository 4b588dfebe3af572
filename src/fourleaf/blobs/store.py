# SPDX-License-Identifier: Apache-2.0
"""Store: the named queries of what is known of files."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import psycopg

Connection = psycopg.AsyncConnection[Any]

# How a fact names a file.
PREFIX = "blob:"


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """One file. Unit: size is bytes of the plain file. person: whose it is, if anybody's."""

    blob: str
    media: str
    size: int
    stored: bytes
    person: str | None
    labels: tuple[str, ...]

    @property
    def name(self) -> str:
        """How a fact names it."""
        return f"{PREFIX}{self.blob}"


_LOCK = "hashtextextended('blobs ' || %s, 0)"


async def hold(connection: Connection, run: str) -> None:
    """Until the end of the transaction nothing is cleared: a file that comes again must not go with its old row."""
    await connection.execute(f"select pg_advisory_xact_lock_shared({_LOCK})", [run])


@asynccontextmanager
async def alone(connection: Connection, run: str) -> AsyncIterator[None]:
    """While this lasts no file comes in."""
    await connection.execute(f"select pg_advisory_lock({_LOCK})", [run])
    try:
        yield
    finally:
        await connection.execute(f"select pg_advisory_unlock({_LOCK})", [run])


async def add(connection: Connection, run: str, blob: Blob) -> None:
    """Whoever may see one of two equal files may see the other: it is the same."""
    await connection.execute(
        "insert into fourleaf.blob (run, blob, media, size, stored, person, labels) values (%s, %s, %s, %s, %s, %s, %s)"
        " on conflict (run, blob) do update set kept_at = clock_timestamp(),"
        " labels = (select array_agg(distinct l order by l) from unnest(fourleaf.blob.labels || excluded.labels) l)",
        [run, blob.blob, blob.media, blob.size, blob.stored, blob.person, list(blob.labels)],
    )


async def one(connection: Connection, run: str, blob: str) -> Blob | None:
    cursor = await connection.execute(
        "select blob, media, size, stored, person, labels from fourleaf.blob where run = %s and blob = %s", [run, blob]
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Blob(blob=row[0], media=row[1], size=row[2], stored=row[3], person=row[4], labels=tuple(row[5]))


async def forget_person(connection: Connection, run: str, person: str) -> list[str]:
    cursor = await connection.execute(
        "delete from fourleaf.blob where run = %s and person = %s returning blob", [run, person]
    )
    return sorted(row[0] for row in await cursor.fetchall())


async def known(connection: Connection, run: str) -> set[str]:
    cursor = await connection.execute("select blob from fourleaf.blob where run = %s", [run])
    return {row[0] for row in await cursor.fetchall()}


async def runs(connection: Connection) -> list[str]:
    """Those that have files."""
    cursor = await connection.execute("select distinct run from fourleaf.blob order by run")
    return [row[0] for row in await cursor.fetchall()]


async def unnamed(connection: Connection, run: str, older_than: timedelta) -> list[tuple[str, int]]:
    """Files kept longer ago than this which no fact of the run names. Shape: id, bytes."""
    cursor = await connection.execute(
        "with named as (select distinct (regexp_matches(body::text, 'blob:([0-9a-f]{32,64})', 'g'))[1] as blob"
        " from fourleaf.log where run = %(run)s and body::text like '%%blob:%%')"
        " select blob, size from fourleaf.blob b where run = %(run)s and kept_at < clock_timestamp() - %(age)s::interval"
        " and not exists (select from named where named.blob = b.blob) order by blob",
        {"run": run, "age": older_than},
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def forget(connection: Connection, run: str, blobs: Sequence[str], older_than: timedelta) -> list[str]:
    """Forget these, but for those that came again or were named meanwhile. Gives those that are gone."""
    still = {name for name, _ in await unnamed(connection, run, older_than)}
    cursor = await connection.execute(
        "delete from fourleaf.blob where run = %s and blob = any(%s) and kept_at < clock_timestamp() - %s::interval"
        " returning blob",
        [run, sorted(still.intersection(blobs)), older_than],
    )
    return [row[0] for row in await cursor.fetchall()]

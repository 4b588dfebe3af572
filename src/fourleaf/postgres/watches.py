# SPDX-License-Identifier: Apache-2.0
"""Watches: which of a run's watches fell, how often, and whether they go again."""

from datetime import datetime

import msgspec

from fourleaf.postgres.pool import Connection


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A watch that ever fell. fallen_at: wall time of the first fall in a row; None where it goes again."""

    run: str
    watch: str
    falls: int
    fallen_at: datetime | None


async def fell(connection: Connection, run: str, watch: str, at: datetime, error: str) -> None:
    await connection.execute(
        "insert into fourleaf.watch as w (run, watch, falls, fallen_at, error) values (%s, %s, 1, %s, %s)"
        " on conflict (run, watch) do update set falls = w.falls + 1, fallen_at = coalesce(w.fallen_at, excluded.fallen_at),"
        " error = excluded.error",
        [run, watch, at, error],
    )


async def goes(connection: Connection, run: str, watch: str) -> None:
    await connection.execute("update fourleaf.watch set fallen_at = null where run = %s and watch = %s", [run, watch])


async def start(connection: Connection, run: str) -> None:
    """Another worker begins: what fell under the last one is tried anew."""
    await connection.execute("update fourleaf.watch set fallen_at = null where run = %s", [run])


async def seen(connection: Connection) -> list[Watched]:
    """Every watch of every run that ever fell."""
    cursor = await connection.execute("select run, watch, falls, fallen_at from fourleaf.watch order by run, watch")
    return [
        Watched(run=run, watch=watch, falls=falls, fallen_at=fallen_at)
        for run, watch, falls, fallen_at in await cursor.fetchall()
    ]

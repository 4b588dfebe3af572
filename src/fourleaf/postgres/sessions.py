# SPDX-License-Identifier: Apache-2.0
"""Sessions: who is signed in, from when to when. Only hashes of the tokens are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import class_row

from fourleaf.postgres.logins import secret_hash
from fourleaf.postgres.pool import Connection

_FIELDS = (
    "s.id, s.hash, s.run, s.account, s.method, s.about, s.created_at, s.seen_at, s.ends_at, s.proved_at, l.name,"
    " l.temporary"
)
_FROM = "from fourleaf.session s join fourleaf.login l using (run, account)"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """id: its public name, which opens nothing. name, temporary: of its login. proved_at: when its owner last showed a secret."""

    id: str
    hash: bytes
    run: str
    account: str
    method: str
    about: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    proved_at: datetime | None
    name: str
    temporary: bool


async def begin(connection: Connection, token: str, values: Sequence[Any]) -> None:
    """values: id, run, account, method, about, created_at, ends_at, proved_at."""
    id_, run, account, method, about, created_at, ends_at, proved_at = values
    await connection.execute(
        "insert into fourleaf.session (id, hash, run, account, method, about, created_at, seen_at, ends_at, proved_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [id_, secret_hash(token), run, account, method, about, created_at, created_at, ends_at, proved_at],
    )


async def alive(connection: Connection, hashes: Sequence[bytes], now: datetime) -> list[Session]:
    """Those of the sessions that are neither ended nor revoked."""
    return await _all(connection, "s.hash = any(%s) and revoked_at is null and ends_at > %s", [list(hashes), now])


async def of_account(connection: Connection, run: str, account: str, now: datetime) -> list[Session]:
    return await _all(
        connection,
        "s.run = %s and s.account = %s and revoked_at is null and ends_at > %s order by seen_at desc",
        [run, account, now],
    )


async def seen(connection: Connection, id_: str, now: datetime) -> None:
    await connection.execute("update fourleaf.session set seen_at = %s where id = %s", [now, id_])


async def prove(connection: Connection, id_: str, now: datetime) -> None:
    await connection.execute("update fourleaf.session set proved_at = %s where id = %s", [now, id_])


async def revoke(
    connection: Connection, run: str, account: str, now: datetime, *, only: str | None = None, but: str | None = None
) -> int:
    """End sessions of one account: one, all, or all but one. Gives how many."""
    cursor = await connection.execute(
        "update fourleaf.session set revoked_at = %(now)s where run = %(run)s and account = %(account)s"
        " and revoked_at is null and ends_at > %(now)s"
        " and (%(only)s::text is null or id = %(only)s) and (%(but)s::text is null or id <> %(but)s)",
        {"now": now, "run": run, "account": account, "only": only, "but": but},
    )
    return cursor.rowcount


async def drop_over(connection: Connection, before: datetime, most: int) -> int:
    """Delete up to so many that were over before that moment. Gives how many."""
    cursor = await connection.execute(
        "delete from fourleaf.session where id in"
        " (select id from fourleaf.session where least(revoked_at, ends_at) < %s limit %s)",
        [before, most],
    )
    return cursor.rowcount


async def _all(connection: Connection, where: str, values: Sequence[Any]) -> list[Session]:
    async with connection.cursor(row_factory=class_row(Session)) as cursor:
        await cursor.execute(f"select {_FIELDS} {_FROM} where {where}".encode(), values)
        return await cursor.fetchall()

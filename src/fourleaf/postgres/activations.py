# SPDX-License-Identifier: Apache-2.0
"""Activations: logins that came in a list, and the codes with which their owners choose the first password."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fourleaf.postgres.logins import secret_hash
from fourleaf.postgres.pool import Connection


async def accounts_of(connection: Connection, run: str, names: Sequence[str]) -> dict[str, str]:
    """Shape: login name -> account, of those that are there."""
    cursor = await connection.execute(
        "select name, account from fourleaf.login where run = %s and name = any(%s)", [run, list(names)]
    )
    return dict(await cursor.fetchall())


async def add_many(connection: Connection, run: str, logins: Mapping[str, str]) -> None:
    """Add logins that nothing opens yet; those that are there stay as they are. Shape: name -> account."""
    await connection.execute(
        "insert into fourleaf.login (run, account, name) select %s, * from unnest(%s::text[], %s::text[])"
        " on conflict do nothing",
        [run, list(logins.values()), list(logins)],
    )


async def waiting(connection: Connection, run: str, now: datetime, *, again: bool) -> dict[str, str]:
    """Accounts that nothing opens yet, without those that have a good code; again: with them. Shape: account -> name."""
    cursor = await connection.execute(
        "select account, name from fourleaf.login l where run = %(run)s and password is null and card is null"
        " and (%(again)s or activation_until is null or activation_until <= %(now)s)"
        " and not exists (select from fourleaf.identity i where i.run = l.run and i.account = l.account) order by name",
        {"run": run, "again": again, "now": now},
    )
    return dict(await cursor.fetchall())


async def print_codes(connection: Connection, run: str, codes: Mapping[str, str], until: datetime) -> None:
    """From now on these codes count, and no earlier ones. Shape: account -> code."""
    await connection.execute(
        "update fourleaf.login l set activation = g.hash, activation_until = %s"
        " from unnest(%s::text[], %s::bytea[]) as g(account, hash) where l.run = %s and l.account = g.account",
        [until, list(codes), [secret_hash(code) for code in codes.values()], run],
    )


async def find(connection: Connection, code: str, now: datetime) -> tuple[str, str] | None:
    """The run and the account that a good code belongs to."""
    cursor = await connection.execute(
        "select run, account from fourleaf.login where activation = %s and activation_until > %s",
        [secret_hash(code), now],
    )
    row = await cursor.fetchone()
    return (row[0], row[1]) if row else None


async def use(connection: Connection, code: str, password: str, now: datetime) -> bool:
    """Take the password that its owner chose; the code is good once. False: somebody used it meanwhile."""
    cursor = await connection.execute(
        "update fourleaf.login set password = %s, temporary = false, activation = null, activation_until = null"
        " where activation = %s and activation_until > %s",
        [password, secret_hash(code), now],
    )
    return cursor.rowcount == 1

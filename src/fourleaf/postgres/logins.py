# SPDX-License-Identifier: Apache-2.0
"""Logins: what opens an account, and how often it was tried in vain. No cache: a rebuild does not touch it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from fourleaf.postgres.pool import Connection

_FIELDS = "run, account, name, password, temporary, totp, totp_step, card is not null as has_card"
# A mistake is forgotten after so long without another.
FORGOTTEN_AFTER = timedelta(hours=1)


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """run: the live run the account belongs to. password: encoded Argon2id hash. totp: encrypted."""

    run: str
    account: str
    name: str
    password: str | None
    temporary: bool
    totp: bytes | None
    totp_step: int
    has_card: bool

    def __repr__(self) -> str:
        return f"<login of {self.account}>"


async def by_name(connection: Connection, run: str, name: str) -> Login | None:
    return await _one(connection, "run = %s and name = %s", [run, name])


async def by_account(connection: Connection, run: str, account: str) -> Login | None:
    return await _one(connection, "run = %s and account = %s", [run, account])


async def by_card(connection: Connection, card: str) -> Login | None:
    return await _one(connection, "card = %s", [secret_hash(card)])


async def by_identity(connection: Connection, run: str, issuer: str, subject: str) -> Login | None:
    within = (
        "(run, account) in (select run, account from fourleaf.identity where run = %s and issuer = %s and subject = %s)"
    )
    return await _one(connection, within, [run, issuer, subject])


async def names(connection: Connection, run: str) -> dict[str, str]:
    """Shape: account -> login name."""
    cursor = await connection.execute("select account, name from fourleaf.login where run = %s", [run])
    return dict(await cursor.fetchall())


async def add(connection: Connection, run: str, account: str, name: str) -> bool:
    """Add a login that nothing opens yet. False: the name is taken."""
    try:
        await connection.execute(
            "insert into fourleaf.login (run, account, name) values (%s, %s, %s)", [run, account, name]
        )
    except UniqueViolation:
        return False
    return True


async def link(connection: Connection, run: str, issuer: str, subject: str, account: str) -> bool:
    """Whether this identity opens this account now. False: it opens another."""
    await connection.execute(
        "insert into fourleaf.identity (run, issuer, subject, account) values (%s, %s, %s, %s) on conflict do nothing",
        [run, issuer, subject, account],
    )
    found = await by_identity(connection, run, issuer, subject)
    return found is not None and found.account == account


async def add_linked(connection: Connection, run: str, issuer: str, subject: str, account: str) -> Login:
    """A login that only this identity opens. Of two that come at once both get the one that was first."""
    async with connection.transaction():
        await connection.execute(
            "insert into fourleaf.login (run, account, name) values (%s, %s, %s)", [run, account, f"oidc-{account}"]
        )
        if not await link(connection, run, issuer, subject, account):
            await connection.execute("delete from fourleaf.login where run = %s and account = %s", [run, account])
    found = await by_identity(connection, run, issuer, subject)
    assert found is not None
    return found


async def set_password(connection: Connection, run: str, account: str, password: str, *, temporary: bool) -> None:
    await connection.execute(
        "update fourleaf.login set password = %s, temporary = %s where run = %s and account = %s",
        [password, temporary, run, account],
    )


async def set_totp(connection: Connection, run: str, account: str, totp: bytes | None, step: int = 0) -> None:
    await connection.execute(
        "update fourleaf.login set totp = %s, totp_step = %s where run = %s and account = %s",
        [totp, step, run, account],
    )


async def use_step(connection: Connection, run: str, account: str, step: int) -> bool:
    """Take the code of a step. False: it or a later one was taken before."""
    cursor = await connection.execute(
        "update fourleaf.login set totp_step = %s where run = %s and account = %s and totp_step < %s",
        [step, run, account, step],
    )
    return cursor.rowcount == 1


async def set_card(connection: Connection, run: str, account: str, card: str | None) -> None:
    await connection.execute(
        "update fourleaf.login set card = %s where run = %s and account = %s",
        [secret_hash(card) if card else None, run, account],
    )


def secret_hash(token: str) -> bytes:
    """Of 256 random bits, so a plain hash is enough: there is nothing to guess."""
    return sha256(token.encode()).digest()


def attempt_key(*parts: str) -> bytes:
    """Whose tries are counted. Hashed: people type passwords where a login name belongs."""
    return sha256("\0".join(("attempt", *parts)).encode("utf-8", "surrogatepass")).digest()


class Tries(msgspec.Struct, frozen=True):
    """failures: with this one, until it turns out right. until: nobody may try before; None when this one may.

    paused: the pause that this try itself began, unless it turns out right.
    """

    failures: int
    until: datetime | None = None
    paused: datetime | None = None


async def begin_try(connection: Connection, key: bytes, now: datetime, pauses: Sequence[timedelta]) -> Tries:
    """Count a try as failed before it is judged, so that many at once get no more tries than one after the other.

    pauses: after so many failures (by place, the last for all further ones) nobody may try for so long.
    """
    failures = "case when a.last_at < %(now)s - %(forgotten)s then 1 else a.failures + 1 end"
    pause = f"(%(pauses)s::interval[])[least(1 + {failures}, %(most)s)]"
    cursor = await connection.execute(
        "insert into fourleaf.attempt as a (key, failures, last_at, until) values (%(key)s, 1, %(now)s, 'epoch')"
        f" on conflict (key) do update set failures = {failures}, last_at = %(now)s,"
        # Not `now` where there is no pause: of many tries at one moment the clocks of two may stand in the other order.
        f" until = case when {pause} > interval '0' then %(now)s + {pause} else 'epoch'::timestamptz end"
        " where a.until <= %(now)s returning a.failures, nullif(a.until, 'epoch'::timestamptz)",
        {"key": key, "now": now, "pauses": list(pauses), "most": len(pauses), "forgotten": FORGOTTEN_AFTER},
    )
    row = await cursor.fetchone()
    if row:
        return Tries(row[0], paused=row[1])
    cursor = await connection.execute("select failures, until from fourleaf.attempt where key = %s", [key])
    found: Any = await cursor.fetchone()
    return Tries(*found) if found else Tries(1)


class Tried(msgspec.Struct, frozen=True):
    """A try that counts as failed until it turns out right. at: the keys it was counted at, in that order."""

    at: tuple[tuple[bytes, Tries], ...]

    @property
    def failures(self) -> int:
        """Of the last key, which is the narrowest."""
        return self.at[-1][1].failures


async def begin_tries(
    connection: Connection, asked: Sequence[tuple[bytes, Sequence[timedelta]]], now: datetime
) -> Tried | timedelta:
    """Count a try at every key, each with its pauses; or say how long to wait."""
    counted = list[tuple[bytes, Tries]]()
    for key, pauses in asked:
        found = await begin_try(connection, key, now, pauses)
        if found.until:
            return found.until - now
        counted.append((key, found))
    return Tried(tuple(counted))


async def was_right(connection: Connection, tried: Tried, forgiven: bytes | None = None) -> None:
    """The try was right: it was no failure. forgiven: the key whose other failures are over too."""
    async with connection.transaction():  # in the order of `begin_tries`
        for key, found in tried.at:
            if key == forgiven:
                await forgive(connection, key)
            else:
                await take_back(connection, key, found)


async def forgive(connection: Connection, key: bytes) -> None:
    """The try was right: forget all failures of this key."""
    await connection.execute("delete from fourleaf.attempt where key = %s", [key])


async def drop_forgotten(connection: Connection, now: datetime, most: int) -> int:
    """Delete up to so many counts of tries that hold nobody up any more. Gives how many."""
    cursor = await connection.execute(
        "delete from fourleaf.attempt where key in"
        " (select key from fourleaf.attempt where last_at < %(before)s and until < %(now)s limit %(most)s)"
        " and last_at < %(before)s",
        {"before": now - FORGOTTEN_AFTER, "now": now, "most": most},
    )
    return cursor.rowcount


async def take_back(connection: Connection, key: bytes, tries: Tries) -> None:
    """The try was right: it was no failure. Those of others stay, and so does a pause that one of them began."""
    await connection.execute(
        "update fourleaf.attempt set failures = greatest(failures - 1, 0),"
        " until = case when until = %s then 'epoch'::timestamptz else until end where key = %s",
        [tries.paused, key],
    )


async def _one(connection: Connection, where: str, values: Sequence[Any]) -> Login | None:
    async with connection.cursor(row_factory=class_row(Login)) as cursor:
        await cursor.execute(f"select {_FIELDS} from fourleaf.login where {where}".encode(), values)
        return await cursor.fetchone()

# SPDX-License-Identifier: Apache-2.0
"""Standing: who a session belongs to, and what that opens in a run now. Read anew for every request."""

import asyncio
import base64
import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
import psycopg
from psycopg.errors import UndefinedTable

from fourleaf.app.directory import Directory
from fourleaf.engines.people import rules, store
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import sessions
from fourleaf.postgres.logins import secret_hash
from fourleaf.postgres.pool import Pools
from fourleaf.postgres.sessions import Session

# A session is noted as in use so often, not with every request.
NOTED_EVERY = timedelta(minutes=1)
LOOK_EVERY_S = 1.0


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """A session and what it opens. live: in the live run of its edition; practice: in its rehearsals."""

    session: Session
    live: rules.Standing | None
    practice: rules.Standing | None
    # Its role asks for one-time codes, and none are set up yet: until then it opens nothing.
    must_set_codes: bool = False
    # The office chose the password, and has seen it: until another is chosen it opens nothing. Made-up accounts may keep theirs.
    must_choose_password: bool = False
    # It ends when it is left alone for a while.
    ends_alone: bool = False

    @property
    def is_ready(self) -> bool:
        """Its owner has made it his own; before, it opens nothing."""
        return not (self.must_set_codes or self.must_choose_password)

    def principal(self, *, rehearsal: bool) -> Principal | None:
        """None where the account opens nothing."""
        found = self.practice if rehearsal else self.live
        if found is None:
            return None
        name = f"account:{self.session.account}"
        if not self.is_ready:
            return Principal(id=name, labels=("public",), roles=found.roles)
        return Principal(id=name, labels=found.labels, roles=found.roles, permissions=found.permissions)


def csrf_of(token: str) -> str:
    """What a form must carry: only who knows the cookie can know it, and the cookie cannot be told from it."""
    return base64.urlsafe_b64encode(sha256(b"csrf\0" + token.encode()).digest()).decode().rstrip("=")


def same(told: str, wanted: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), wanted.encode())


class Standings:
    """Reads standings, and tells open streams within a second or two when theirs is over."""

    def __init__(self, pools: Pools, directory: Directory, card_idle: timedelta) -> None:
        self._pools, self._directory, self._card_idle = pools, directory, card_idle
        self._seats = set[Seat]()
        self._watching: asyncio.Task[None] | None = None

    async def who(self, token: str, *, by_itself: bool = False) -> Who | None:
        """None for a token that opens nothing, or nothing any more. by_itself: an open page asks, and perhaps nobody is there."""
        key = secret_hash(token)
        found = (await self.of([key])).get(key)
        noted = found and not (by_itself and found.ends_alone)
        if found and noted and found.session.seen_at < datetime.now(UTC) - NOTED_EVERY:
            pool = await self._pools.of(None)
            async with pool.connection() as connection:
                await sessions.seen(connection, found.session.id, datetime.now(UTC))
        return found

    async def of(self, keys: Iterable[bytes]) -> Mapping[bytes, Who]:
        """Who sits behind these hashes of tokens: two queries, however many there are."""
        pool = await self._pools.of(None)
        async with pool.connection() as connection:
            alive = await sessions.alive(connection, list(keys), datetime.now(UTC))
        found = dict[bytes, Who]()
        for run in {session.run for session in alive}:
            found |= await self._in_run(run, [session for session in alive if session.run == run])
        return found

    async def _in_run(self, run: str, some: list[Session]) -> dict[bytes, Who]:
        pool = await self._pools.of(run)
        try:
            async with pool.connection() as connection:
                accounts = await store.accounts(connection, [session.account for session in some])
                roles = await store.roles(connection)
        except UndefinedTable:  # the run is older than its accounts: it needs a rebuild
            return {}
        found = dict[bytes, Who]()
        for session in some:
            account = accounts.get(session.account)
            practice = rules.standing(account, roles, rehearsal=True) if account else None
            if account is None or practice is None:
                continue
            ends_alone = session.method == "card" and not rules.only_looks(account, practice)
            if ends_alone and session.seen_at < datetime.now(UTC) - self._card_idle:
                continue
            found[session.hash] = Who(
                session=session,
                live=rules.standing(account, roles, rehearsal=False),
                practice=practice,
                must_set_codes=practice.asks_codes and not account.codes and session.method == "password",
                must_choose_password=session.temporary and session.method == "password" and not account.synthetic,
                ends_alone=ends_alone,
            )
        return found

    def sit(self, who: Who, principal: Principal, *, rehearsal: bool) -> "Seat":
        """Take a seat for a stream that stays open."""
        seat = Seat(who.session.hash, principal, rehearsal)
        self._seats.add(seat)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        return seat

    def leave(self, seat: "Seat") -> None:
        self._seats.discard(seat)

    async def _watch(self) -> None:
        while self._seats:
            await asyncio.sleep(LOOK_EVERY_S)
            # While the database is away the screens say unknown, and nothing new is shown.
            with suppress(psycopg.Error, OSError):
                now = await self.of({seat.key for seat in self._seats})
                for seat in tuple(self._seats):
                    who = now.get(seat.key)
                    seat.taken = who is not None and who.principal(rehearsal=seat.rehearsal) == seat.principal


class Seat:
    """A stream's claim to what it shows. taken: it still holds."""

    def __init__(self, key: bytes, principal: Principal, rehearsal: bool) -> None:
        self.key, self.principal, self.rehearsal, self.taken = key, principal, rehearsal, True


# What a screen is told before its stream closes: the browser asks for the page again, and is led to the door.
OVER = b"event: over\ndata: {}\n\n"


async def while_seated(
    messages: AsyncIterator[bytes], standings: Standings, who: Who, principal: Principal, *, rehearsal: bool
) -> AsyncIterator[bytes]:
    """Pass messages on while the session lives and opens what it did. A pulse a second makes this look often enough."""
    seat = standings.sit(who, principal, rehearsal=rehearsal)
    try:
        async for text in messages:
            if not seat.taken:
                yield OVER
                return
            yield text
    finally:
        standings.leave(seat)
        if isinstance(messages, AsyncGenerator):
            await messages.aclose()

# SPDX-License-Identifier: Apache-2.0
"""People: what is done to an account. Read, decide, append; nothing is decided here."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from fourleaf.engines.people import rules, store
from fourleaf.engines.people.state import ACCOUNTS, Account
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append, Request
from fourleaf.postgres.journal import Ruled, Site, next_facts
from fourleaf.postgres.pool import Connection

Rule = Callable[[Account], Body | Refusal]
# What else is written in the transaction of an action.
Also = Callable[[Connection], Awaitable[Refusal | None]]


async def change(site: Site, actor: str, *, request_id: str, account: str, given: Any, rule: Rule) -> Answer | Refusal:
    """Apply one rule to one account. given: the request's input, for idempotence; never a secret."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        found = await store.account(connection, account)
        return found, rule(found)

    return await site.decide(Request.of(actor, request_id, given), ACCOUNTS, account, decide)


async def give(site: Site, by: Principal, *, request_id: str, account: str, role: str, group: str) -> Answer | Refusal:
    async def decide(connection: Connection, now: datetime) -> Ruled:
        found = await store.account(connection, account)
        roles, groups = await store.roles(connection), await store.groups(connection)
        return found, rules.give(found, roles.get(role), group, groups, by)

    request = Request.of(by.id, request_id, ["give", account, role, group])
    return await site.decide(request, ACCOUNTS, account, decide)


async def take(site: Site, actor: str, *, request_id: str, account: str, role: str, group: str) -> Answer | Refusal:
    return await change(
        site,
        actor,
        request_id=request_id,
        account=account,
        given=["take", account, role, group],
        rule=lambda found: rules.take(found, role, group, actor),
    )


async def beyond(site: Site, by: Principal, account: str) -> Refusal | None:
    """Why this account is not for this keeper of accounts to open, to strip or to close."""
    async with site.connection() as connection:
        return rules.beyond(await store.account(connection, account), await store.roles(connection), by)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An account that is to be opened, and its first role."""

    account: str
    role: str
    group: str = ""


async def open_many(
    site: Site, by: Principal, request: Request, wanted: Sequence[Wanted], also: Also
) -> Answer | Refusal:
    """Open many accounts, all or none. also: what is done in the same transaction, once nothing speaks against it."""
    now = await site.now()
    fact = partial(Fact, run=site.run.run, occurred_at=now, recorded_at=now, actor=by.id, labels=("office",))

    async def decide(connection: Connection) -> Append | Refusal:
        found = await store.accounts(connection, [one.account for one in wanted])
        roles, groups = await store.roles(connection), await store.groups(connection)
        given = list[Append]()
        for one in wanted:
            account = found.get(one.account, Account(account=one.account))
            bodies = rules.open_with(account, roles.get(one.role), one.group, groups, by)
            if isinstance(bodies, Refusal):
                return bodies
            given.append(next_facts(ACCOUNTS, one.account, account, bodies, fact))
        refusal = await also(connection)
        return refusal or Append(
            facts=[one for some in given for one in some.facts], changes=[one for some in given for one in some.changes]
        )

    async with site.connection() as connection:
        return await site.journal.command(connection, request, decide, lock="accounts")


async def invite_many(
    site: Site, by: Principal, accounts: Sequence[str], until: datetime, also: Also
) -> Refusal | None:
    """Note that codes were printed for these accounts. also: keeps what opens them, in the same transaction."""
    now = await site.now()
    fact = partial(Fact, run=site.run.run, occurred_at=now, recorded_at=now, actor=by.id, labels=("office",))
    async with site.connection() as connection, connection.transaction():
        found = await store.accounts(connection, accounts)
        given = list[Append]()
        for name in accounts:
            body = rules.invite(found.get(name, Account(account=name)), until)
            if isinstance(body, Refusal):
                return body
            given.append(next_facts(ACCOUNTS, name, found[name], body, fact))
        refusal = await also(connection)
        if refusal is None:
            await site.journal.append(connection, *given)
        return refusal


async def note(site: Site, actor: str, account: str, body: Body) -> None:
    """Record what happened to an account by itself: a sign-in, a lock. Loses no race: it looks again."""
    for _ in range(5):
        async with site.connection() as connection:
            found = await store.account(connection, account)
        if isinstance(rules.happened(found, body), Refusal):
            return
        if await site.record(actor, ACCOUNTS, account, found, body):
            return

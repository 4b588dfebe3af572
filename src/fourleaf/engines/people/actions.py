# SPDX-License-Identifier: Apache-2.0
"""People: what is done to an account. Read, decide, append; nothing is decided here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fourleaf.engines.people import rules, store
from fourleaf.engines.people.state import ACCOUNTS, Account
from fourleaf.kernel.fact import Body
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Request
from fourleaf.postgres.journal import Ruled, Site
from fourleaf.postgres.pool import Connection

Rule = Callable[[Account], Body | Refusal]


async def change(site: Site, actor: str, *, request_id: str, account: str, given: Any, rule: Rule) -> Answer | Refusal:
    """Apply one rule to one account. given: the request's input, for idempotence; never a secret."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        found = await store.account(connection, account)
        return found, rule(found)

    return await site.decide(Request.of(actor, request_id, given), ACCOUNTS, account, decide)


async def give(site: Site, actor: str, *, request_id: str, account: str, role: str, group: str) -> Answer | Refusal:
    async def decide(connection: Connection, now: datetime) -> Ruled:
        found = await store.account(connection, account)
        roles, groups = await store.roles(connection), await store.groups(connection)
        return found, rules.give(found, roles.get(role), group, groups, actor)

    request = Request.of(actor, request_id, ["give", account, role, group])
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


async def note(site: Site, actor: str, account: str, body: Body) -> None:
    """Record what happened to an account by itself: a sign-in, a lock. Loses no race: it looks again."""
    for _ in range(5):
        async with site.connection() as connection:
            found = await store.account(connection, account)
        if isinstance(rules.happened(found, body), Refusal):
            return
        if await site.record(actor, ACCOUNTS, account, found, body):
            return

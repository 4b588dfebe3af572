# SPDX-License-Identifier: Apache-2.0
"""Issuing: a fresh place in the status list for each version, and the end of a credential's time."""

from collections.abc import Sequence
from datetime import datetime

from fourleaf.engines.credentials import rules, store
from fourleaf.engines.credentials.actions.writing import MOST, Asked, appending, change, change_many
from fourleaf.engines.credentials.rules import Book
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.fact import Body
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, StaleStream
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection

ACTOR = "worker:credentials"
# More nobody issues by hand; whoever steals an account comes no further before somebody sees it. Unit: an hour.
MOST_AN_HOUR = 5_000


async def issue(site: Site, asked: Asked, names: Sequence[str], carrier: str, earlier: str = "") -> Answer | Refusal:
    """Issue what was approved: one or many. earlier: the badge of an earlier edition that one of them uses again."""
    if len(names) > MOST:
        return Refusal("credentials.too-many", {"most": MOST})
    who, now = asked.principal.id, await site.now()
    async with site.connection() as connection:
        fresh = dict(zip(names, await store.numbers(connection, "place", len(names)), strict=True))

    async def guard(connection: Connection) -> Refusal | None:
        many = await store.issued_lately(connection, who, now) + len(names) > MOST_AN_HOUR
        return Refusal("credentials.too-fast", {"most": MOST_AN_HOUR}) if many else None

    def rule(one: Credential, book: Book, now: datetime) -> Body | Refusal:
        index = fresh[one.credential]
        return rules.issue(one, book, carrier=carrier, earlier=earlier, by=who, index=index, now=now)

    lock = f"credentials:issuer:{who}"
    if len(names) == 1:
        return await change(site, asked, names[0], rule, lock=lock, guard=guard)
    return await change_many(site, asked, names, rule, lock=lock, guard=guard)


async def reissue(site: Site, asked: Asked, name: str, carrier: str, reason: str) -> Answer | Refusal:
    """Put a new version in the place of the one before, which is good nowhere from the same commit on."""
    async with site.connection() as connection:
        (index,) = await store.numbers(connection, "place", 1)
    return await change(
        site,
        asked,
        name,
        lambda one, book, now: rules.reissue(one, book, carrier=carrier, reason=reason, index=index, now=now),
    )


async def watch_expired(site: Site) -> int:
    """Record what came to its end. Gives how many."""
    now = await site.now()
    async with site.connection() as connection:
        over = await store.over(connection, now, MOST)
        ruled = [(one, body) for one in over if (body := rules.expire(one, now))]
        if not ruled:
            return 0
        try:
            await site.journal.append(connection, appending(site.run.run, ruled, actor=ACTOR, now=now))
        except StaleStream:  # somebody wrote to one of them: the next look sees what is true then
            return 0
    return len(ruled)

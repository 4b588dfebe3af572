# SPDX-License-Identifier: Apache-2.0
"""Writing: facts of one credential, or of many in one commit, with the labels of who may see them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fourleaf.engines.credentials import store
from fourleaf.engines.credentials.rules import Book
from fourleaf.engines.credentials.state import CREDENTIALS, Credential
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.fold import Change, differences
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append, Request
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection

# One commit holds at most so many, so that no tail is held back.
MOST = 1_000
# What speaks against it whatever is asked of which; asked on the same connection, under the same lock.
Guard = Callable[[Connection], Awaitable[Refusal | None]]
# What is done to one credential, given what the pack says of its category.
Rule = Callable[[Credential, Book, datetime], Body | Refusal]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks what of which credentials. given: the request's input, for idempotence, and never anything personal."""

    principal: Principal
    request_id: str
    given: Any

    @property
    def request(self) -> Request:
        return Request.of(self.principal.id, self.request_id, self.given)


def labels_of(organization: str) -> tuple[str, ...]:
    """Who sees what happens to a credential: the office, and the organization that applied for it."""
    return ("office", f"agency:{organization.lower()}")


def appending(run: str, ruled: Sequence[tuple[Credential, Body]], *, actor: str, now: datetime) -> Append:
    """One fact to each of many credentials, and the rows they change."""
    facts, changes = list[Fact](), list[Change]()
    for before, body in ruled:
        fact = Fact(
            run=run,
            stream=f"{CREDENTIALS.prefix}:{before.credential}",
            version=before.version + 1,
            body=body,
            occurred_at=now,
            recorded_at=now,
            actor=actor,
            labels=labels_of(before.organization or getattr(body, "organization", "")),
        )
        facts.append(fact)
        changes += differences(CREDENTIALS.rows(before), CREDENTIALS.rows(CREDENTIALS.step(before, fact)))
    return Append(facts=facts, changes=changes)


async def change(
    site: Site, asked: Asked, name: str, rule: Rule, *, lock: str | None = None, guard: Guard | None = None
) -> Answer | Refusal:
    """Apply one rule to one credential."""
    now = await site.now()

    async def decide(connection: Connection) -> Append | Refusal:
        if guard and (refusal := await guard(connection)):
            return refusal
        one = await store.credential(connection, name)
        if not one.version:
            return Refusal("credentials.unknown-credential", {"credential": name})
        body = rule(one, await store.book(connection, one.type, site.run.zone), now)
        if isinstance(body, Refusal):
            return body
        return told(appending(site.run.run, [(one, body)], actor=asked.principal.id, now=now))

    async with site.connection() as connection:
        return await site.journal.command(connection, asked.request, decide, constraints=store.CONSTRAINTS, lock=lock)


def told(given: Append) -> Append:
    """With the answer of one credential: its id, its last fact, what happened."""
    last = given.facts[-1]
    answer = {"credential": last.stream.partition(":")[2], "fact": last.id, "kind": last.body.KIND}
    return msgspec.structs.replace(given, answer=answer)


async def change_many(
    site: Site,
    asked: Asked,
    names: Sequence[str],
    rule: Rule,
    *,
    lock: str | None = None,
    guard: Guard | None = None,
) -> Answer | Refusal:
    """Apply one rule to many in one commit. What is refused is told one by one and holds up nobody else."""
    if len(names) > MOST:
        return Refusal("credentials.too-many", {"most": MOST})
    now = await site.now()

    async def decide(connection: Connection) -> Append | Refusal:
        if guard and (refusal := await guard(connection)):
            return refusal
        found = await store.credentials(connection, names)
        books = {key: await store.book(connection, key, site.run.zone) for key in {one.type for one in found.values()}}
        ruled, refused = sorted_out(found, books, names, rule, now)
        given = appending(site.run.run, ruled, actor=asked.principal.id, now=now)
        return msgspec.structs.replace(given, answer={"done": len(ruled), "refused": refused})

    async with site.connection() as connection:
        return await site.journal.command(connection, asked.request, decide, constraints=store.CONSTRAINTS, lock=lock)


def sorted_out(
    found: Mapping[str, Credential], books: Mapping[str, Book], names: Sequence[str], rule: Rule, now: datetime
) -> tuple[list[tuple[Credential, Body]], list[dict[str, Any]]]:
    """What a rule says of each: what is to be written, and what is refused. Nothing is done to the world here."""
    ruled, refused = list[tuple[Credential, Body]](), list[dict[str, Any]]()
    for name in dict.fromkeys(names):
        one = found.get(name)
        body = rule(one, books[one.type], now) if one else Refusal("credentials.unknown-credential")
        if isinstance(body, Refusal):
            refused.append({"credential": name, "code": body.code, "detail": body.detail})
        elif one:
            ruled.append((one, body))
    return ruled, refused

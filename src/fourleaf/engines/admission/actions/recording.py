# SPDX-License-Identifier: Apache-2.0
"""Recording: one attempt becomes one fact on its holder's stream, in one statement; of nobody, on the lane's own."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from fourleaf.engines.admission import store
from fourleaf.engines.admission.facts import Entered, Left, TurnedAway
from fourleaf.engines.admission.state import HOLDERS, UNREAD, Holder, as_of, recent
from fourleaf.engines.admission.store import Found
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Stream
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append, Request
from fourleaf.postgres.journal import Site, next_facts
from fourleaf.postgres.pool import Connection

Body = Entered | Left | TurnedAway
# What was found of a lane and a credential, and where its holder is -> the fact.
Rule = Callable[[Found, Holder | None], Body | Refusal]


async def record(
    site: Site,
    request: Request,
    find: Callable[[Connection], Awaitable[Found]],
    rule: Rule,
    *,
    at: datetime,
    now: datetime,
    answer: Callable[[Fact], dict[str, Any]] | None = None,
) -> Answer | Refusal:
    """Read, rule, append, again when somebody else wrote to the holder first. The same request gets the first answer."""

    async def decide(connection: Connection) -> Append | Refusal:
        found = await find(connection)
        stream, name, state = await _stream(site, connection, found, at)
        body = rule(found, state if isinstance(state, Holder) else None)
        if isinstance(body, Refusal):
            return body
        fact = partial(
            Fact,
            run=site.run.run,
            occurred_at=_after(state, at),
            recorded_at=now,
            actor=request.actor,
            labels=("office",),
            cause=None,
        )
        given = next_facts(stream, name, state, body, fact)
        return msgspec.structs.replace(given, answer=(answer or told)(given.facts[0]))

    async with site.connection() as connection:
        return await site.journal.command(connection, request, decide, constraints=store.CONSTRAINTS)


def _after(state: Any, at: datetime) -> datetime:
    """Of two passages of a holder at one same instant, what was decided later happened later."""
    last = state.presence.last if isinstance(state, Holder) else None
    return at + timedelta(microseconds=1) if last and last.at == at else at


async def _stream(site: Site, connection: Connection, found: Found, at: datetime) -> tuple[Stream, str, Any]:
    """The holder with all of his past that the passage can touch: his last one, or all that are told of him."""
    presence = found.presence
    if presence is None:
        return UNREAD, found.lane, await store.unread(connection, found.lane)
    if presence.last is None or at > presence.last.at:
        return HOLDERS, presence.holder, recent(presence)
    facts = await store.of_holder(connection, site.journal.kinds, site.run.run, presence.holder)
    return HOLDERS, presence.holder, as_of(presence.holder, facts)


def told(fact: Fact) -> dict[str, Any]:
    """The answer of a lane. Unit: persons apart from person-times by `first`."""
    match fact.body:
        case Entered() as body:
            said: dict[str, Any] = {"decision": "entered", "code": None, "first": body.first}
        case Left() as body:
            said = {"decision": "left", "code": None}
        case TurnedAway() as body:
            said = {"decision": "ask" if body.outcome == "ask" else "turned_away", "code": body.code}
        case _:
            raise TypeError(fact.body.KIND)
    return said | {"category": body.category, "table": body.table, "fact": fact.id}

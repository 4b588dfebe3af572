# SPDX-License-Identifier: Apache-2.0
"""World: close, reopen, move. Read, decide, append; nothing is decided here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fourleaf.engines.world import store
from fourleaf.engines.world.facts import Closed, Moved, Reopened
from fourleaf.engines.world.state import Thing, fold
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import differences
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append, Request
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection

Rule = Callable[[Thing, datetime], Closed | Reopened | Moved | Refusal]


async def change(
    site: Site, principal: Principal, request_id: str, name: str, given: Any, rule: Rule
) -> Answer | Refusal:
    """Apply one rule to one thing. given: the request's input, for idempotence."""
    now = await site.now()

    async def decide(connection: Connection) -> Append | Refusal:
        thing = await store.thing(connection, name)
        decided = rule(thing, now)
        if isinstance(decided, Refusal):
            return decided
        fact = Fact(
            run=site.run.run,
            stream=f"thing:{name}",
            version=thing.version + 1,
            body=decided,
            occurred_at=now,
            recorded_at=now,
            actor=principal.id,
            labels=("public", "office"),
        )
        after = fold(thing, fact)
        return Append(
            facts=(fact,), changes=differences([thing], [after]), answer={"fact": fact.id, "kind": decided.KIND}
        )

    request = Request.of(principal.id, request_id, given)
    async with site.connection() as connection:
        return await site.journal.command(connection, request, decide, constraints=store.CONSTRAINTS)

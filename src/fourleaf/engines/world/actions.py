# SPDX-License-Identifier: Apache-2.0
"""World: close, reopen, move. Read, decide, append; nothing is decided here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fourleaf.engines.world import store
from fourleaf.engines.world.facts import Closed, Moved, Reopened
from fourleaf.engines.world.state import THINGS, Thing
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Request
from fourleaf.postgres.journal import Ruled, Site
from fourleaf.postgres.pool import Connection

Rule = Callable[[Thing, datetime], Closed | Reopened | Moved | Refusal]


async def change(
    site: Site, principal: Principal, request_id: str, name: str, given: Any, rule: Rule
) -> Answer | Refusal:
    """Apply one rule to one thing. given: the request's input, for idempotence."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        thing = await store.thing(connection, name)
        return thing, rule(thing, now)

    request = Request.of(principal.id, request_id, given)
    return await site.decide(request, THINGS, name, decide, labels=("public", "office"), constraints=store.CONSTRAINTS)

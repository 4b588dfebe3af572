# SPDX-License-Identifier: Apache-2.0
"""Admission: one attempt at a lane. Read, decide, append; nothing is decided here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fourleaf.engines.admission import rules, store
from fourleaf.engines.admission.facts import Direction, Entered, Left
from fourleaf.engines.admission.state import HOLDERS
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Request
from fourleaf.postgres.journal import Ruled, Site
from fourleaf.postgres.pool import Connection


async def attempt(
    site: Site, principal: Principal, *, request_id: str, holder: str, lane: str, direction: Direction, at: datetime
) -> Answer | Refusal:
    """Someone holds a credential to a lane."""
    late = rules.plausible(at, await site.now())
    if late:
        return late
    day = at.astimezone(ZoneInfo(site.run.zone)).date()

    async def decide(connection: Connection, now: datetime) -> Ruled:
        presence, known, shut = await store.at_lane(connection, holder, lane)
        if known is None:
            return presence, Refusal("admission.unknown-lane", {"lane": lane})
        attempted = rules.Attempt(lane=lane, gate=known.gate, direction=direction, at=at, day=day, closed=shut)
        return presence, rules.admit(presence, attempted)

    request = Request.of(principal.id, request_id, [holder, lane, direction, at])
    return await site.decide(
        request, HOLDERS, holder, decide, occurred_at=at, answer=_answer, constraints=store.CONSTRAINTS
    )


def _answer(facts: Sequence[Fact]) -> dict[str, Any]:
    (fact,) = facts
    match fact.body:
        case Entered():
            return {"decision": "entered", "code": None, "fact": fact.id}
        case Left():
            return {"decision": "left", "code": None, "fact": fact.id}
    return {"decision": "turned_away", "code": getattr(fact.body, "code", None), "fact": fact.id}

# SPDX-License-Identifier: Apache-2.0
"""Admission: one attempt at a lane. Read, decide, append; nothing is decided here."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fourleaf.engines.admission import rules, store
from fourleaf.engines.admission.facts import Direction, Entered, Left
from fourleaf.engines.admission.state import fold
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import differences
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append, Request
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection


async def attempt(
    site: Site, principal: Principal, *, request_id: str, holder: str, lane: str, direction: Direction, at: datetime
) -> Answer | Refusal:
    """Someone holds a credential to a lane."""
    now = await site.now()
    late = rules.plausible(at, now)
    if late:
        return late
    day = at.astimezone(ZoneInfo(site.run.zone)).date()

    async def decide(connection: Connection) -> Append | Refusal:
        presence, known, shut = await store.at_lane(connection, holder, lane)
        if known is None:
            return Refusal("admission.unknown-lane", {"lane": lane})
        body = rules.admit(
            presence, rules.Attempt(lane=lane, gate=known.gate, direction=direction, at=at, day=day, closed=shut)
        )
        fact = Fact(
            run=site.run.run,
            stream=f"holder:{holder}",
            version=presence.version + 1,
            body=body,
            occurred_at=at,
            recorded_at=now,
            actor=principal.id,
            labels=("office",),
        )
        return Append(facts=(fact,), changes=differences([presence], [fold(presence, fact)]), answer=_answer(fact))

    request = Request.of(principal.id, request_id, [holder, lane, direction, at])
    async with site.connection() as connection:
        return await site.journal.command(connection, request, decide, constraints=store.CONSTRAINTS)


def _answer(fact: Fact) -> dict[str, Any]:
    match fact.body:
        case Entered():
            return {"decision": "entered", "code": None, "fact": fact.id}
        case Left():
            return {"decision": "left", "code": None, "fact": fact.id}
    return {"decision": "turned_away", "code": getattr(fact.body, "code", None), "fact": fact.id}

# SPDX-License-Identifier: Apache-2.0
"""Admission: one attempt at a lane. Read, decide, append; nothing is decided here."""

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fourleaf.engines.admission import rules, store
from fourleaf.engines.admission.actions.recording import Body, record, told
from fourleaf.engines.admission.facts import Direction
from fourleaf.engines.admission.state import Holder
from fourleaf.engines.admission.store import Found
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Request
from fourleaf.postgres.journal import Site


async def attempt(
    site: Site, principal: Principal, *, request_id: str, holder: str, lane: str, direction: Direction, at: datetime
) -> Answer | Refusal:
    """Someone holds a credential to a lane."""
    now = await site.now()
    late = rules.plausible(at, now)
    if late:
        return late
    day = at.astimezone(ZoneInfo(site.run.zone)).date()

    def rule(found: Found, state: Holder | None) -> Body | Refusal:
        if not found.present:
            return Refusal("admission.unknown-lane", {"lane": lane})
        assert state is not None  # whoever passes here is named
        attempted = rules.Attempt(
            lane=lane, gate=found.gate, direction=direction, at=at, day=day, closed=bool(found.closed)
        )
        return rules.admit(state.presence, attempted)

    request = Request.of(principal.id, request_id, [holder, lane, direction, at])
    find = partial(store.scanned, lane=lane, index=None, credential="", holder=holder)
    return await record(site, request, find, rule, at=at, now=now, answer=_answer)


def _answer(fact: Fact) -> dict[str, Any]:
    said = told(fact)
    return {name: said[name] for name in ("decision", "code", "fact")}

# SPDX-License-Identifier: Apache-2.0
"""Uploading: a lane that was cut off tells what it decided. Any lanes, any order, any piece twice: the same comes of it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fourleaf.engines.admission import rules, store
from fourleaf.engines.admission.actions.recording import Body, record
from fourleaf.engines.admission.rules import Scan, Told
from fourleaf.engines.admission.state import Holder
from fourleaf.engines.admission.store import Found
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Request, RequestConflict
from fourleaf.postgres.journal import Site


async def upload(site: Site, principal: Principal, lane: str, passages: Sequence[Told]) -> dict[str, Any]:
    """Shape: taken, known (told before), refused: nonce and refusal of each that cannot be."""
    taken, known, refused = 0, 0, list[tuple[str, Refusal]]()
    for one in passages:
        answer = await _one(site, principal, lane, one)
        if isinstance(answer, Refusal):
            refused.append((one.nonce, answer))
        elif answer.replayed:
            known += 1
        else:
            taken += 1
    return {"taken": taken, "known": known, "refused": refused}


async def _one(site: Site, principal: Principal, lane: str, one: Told) -> Answer | Refusal:
    now = await site.now()
    if late := rules.plausible(one.at, now):
        return late
    try:
        first = await _record(site, principal, lane, one, one.nonce, now)
        if isinstance(first, Answer) and first.replayed and rules.came_through(first.value["decision"], one):
            return await _record(site, principal, lane, one, f"{one.nonce}#", now)
    except RequestConflict:
        return Refusal("admission.nonce-taken", {"nonce": one.nonce}, "nonce")
    return first


async def _record(
    site: Site, principal: Principal, lane: str, one: Told, request_id: str, now: datetime
) -> Answer | Refusal:
    local = one.at.astimezone(ZoneInfo(site.run.zone))
    holder = f"code-{one.holder}" if one.holder is not None else f"index-{one.index}" if one.named else ""
    find = partial(store.scanned, lane=lane, index=one.index, credential="", holder=holder)

    def rule(found: Found, state: Holder | None) -> Body | Refusal:
        if not found.present:
            return Refusal("admission.unknown-lane", {"lane": lane})
        scan = Scan(
            lane=lane,
            gate=found.gate,
            direction=one.direction,
            day=local.date(),
            index=one.index,
            category=one.category,
            how=one.how,
            table=one.table,
            known=one.known,
            nonce=one.nonce,
            counter=one.counter,
            reason=one.reason,
        )
        return rules.recorded(scan, one, state.presence if state else None)

    request = Request.of(principal.id, request_id, [one.index, one.direction])
    return await record(site, request, find, rule, at=local, now=now)

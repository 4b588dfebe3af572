# SPDX-License-Identifier: Apache-2.0
"""Redeeming: a code is held to a lane that asks the server. One question, one statement."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from fourleaf.engines.admission import rules, store
from fourleaf.engines.admission.actions.recording import Body, record
from fourleaf.engines.admission.actions.tables import Kept, table_of
from fourleaf.engines.admission.facts import Direction, How, Known
from fourleaf.engines.admission.rules import Code, Lane, Override, Scan, Standing
from fourleaf.engines.admission.state import Holder
from fourleaf.engines.admission.store import Found
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Request
from fourleaf.postgres.journal import Site


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What is held to a lane. secret: a credential's own id, where there is no code to read; at: of the lane's clock."""

    lane: str
    code: str
    secret: str
    nonce: str
    direction: Direction
    at: datetime | None = None
    reason: str = ""


async def redeem(site: Site, principal: Principal, shown: Shown) -> Answer | Refusal:
    """Somebody holds a code to a lane. reason: `looked` where somebody compared photo or badge."""
    return await _decided(site, principal, shown, "looked" if shown.reason else "none", "online")


async def override(site: Site, principal: Principal, shown: Shown) -> Answer | Refusal:
    """A supervisor lets somebody pass against the table."""
    return await _decided(site, principal, shown, "supervisor", "override")


async def _decided(site: Site, principal: Principal, shown: Shown, word: Override, how: How) -> Answer | Refusal:
    now = await site.now()
    kept = await table_of(site)
    code, claims = rules.read(shown.code, kept.ring, now) if shown.code else (Code(), None)
    at = now if shown.at is None else shown.at
    trusted = abs((at - now).total_seconds()) <= kept.table.clock_tolerance_s
    nameless = bool(shown.code) and claims is None
    find = partial(
        store.scanned,
        lane=shown.lane,
        index=claims.index if claims else None,
        credential="" if shown.code else shown.secret,
        holder=f"code-{claims.holder}" if claims else "",
    )
    local = (at if trusted else now).astimezone(ZoneInfo(site.run.zone))

    def rule(found: Found, holder: Holder | None) -> Body | Refusal:
        if not found.present:
            return Refusal("admission.unknown-lane", {"lane": shown.lane})
        read = code if shown.code else rules.of_category(kept.table, found.type, found.carrier)
        return _verdict(kept, shown, found, holder, read, local, trusted=trusted, word=word, how=how)

    ident = shown.code if nameless else claims.index if claims else shown.secret
    request = Request.of(principal.id, shown.nonce, [ident, shown.direction])
    return await record(site, request, find, rule, at=local, now=now)


def _verdict(
    kept: Kept,
    shown: Shown,
    found: Found,
    holder: Holder | None,
    code: Code,
    local: datetime,
    *,
    trusted: bool,
    word: Override,
    how: How,
) -> Body:
    lane = kept.table.venue.lanes.get(shown.lane, Lane(gate=found.gate))
    day = local.date()
    standing = Standing(
        status=found.status,
        list_age_s=0,
        inside=holder is not None and holder.presence.inside_on(day),
        entered_at=holder.presence.entered_at if holder else None,
    )
    asked = rules.known(
        kept.table,
        lane,
        code,
        standing,
        direction=shown.direction,
        local=local,
        clock_trusted=trusted,
        closed=found.closed,
        override=word,
    )
    scan = Scan(
        lane=shown.lane,
        gate=found.gate,
        direction=shown.direction,
        day=day,
        index=found.index,
        category=code.category or 0,
        how=how,
        table=kept.table.version,
        known=Known(status=found.status, list_age_s=0, clock_trusted=trusted),
        nonce=shown.nonce,
        reason=shown.reason,
    )
    return rules.recorded(scan, rules.decide(kept.table.rows, asked), holder.presence if holder else None)

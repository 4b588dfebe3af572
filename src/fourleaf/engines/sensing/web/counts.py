# SPDX-License-Identifier: Apache-2.0
"""Counts over HTTP: hall doors post their counts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.params import Dependency

from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.web.readings import let_through
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused, device
from fourleaf.ui.sent import Sent

Persons = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
# A door's clock may run ahead of ours by this much before we call it wrong.
CLOCK_AHEAD = timedelta(minutes=10)


class Count(Sent, frozen=True, kw_only=True, rename={"n_in": "in", "n_out": "out"}):
    """Persons through one door in one minute."""

    minute: Annotated[datetime, msgspec.Meta(tz=True)]
    n_in: Persons
    n_out: Persons


class Counts(Sent, frozen=True, kw_only=True):
    sequence: Annotated[int, msgspec.Meta(ge=0, le=2**62)]
    counts: Annotated[list[Count], msgspec.Meta(min_length=1, max_length=500)]


@post("/r/{run:str}/sensing/counts", status_code=200, tags=["sensing"])
async def counts(
    site: Site,
    principal: Principal,
    data: Counts,
    request: Request[Any, Any, Any],
    wall: Annotated[Callable[[], datetime], Dependency(skip_validation=True)],
    flows: Annotated[actions.Flows, Dependency(skip_validation=True)],
) -> dict[str, int]:
    """Take counts of the door the token belongs to; minutes told before are ignored."""
    door = device(principal, "door")
    await let_through(flows, site, principal.id, len(await request.body()))
    flows.said(site, principal.id, len(data.counts))
    now = await site.now()
    if any(count.minute > now + CLOCK_AHEAD for count in data.counts):
        raise Refused(Refusal("sensing.clock-ahead", {"minutes": int(CLOCK_AHEAD.total_seconds() // 60)}, "minute"))
    rows = {count.minute.replace(second=0, microsecond=0): (count.n_in, count.n_out) for count in data.counts}
    new = await actions.take_counts(site, door, data.sequence, [(at, *pair) for at, pair in rows.items()], wall())
    return {"accepted": new, "duplicates": len(data.counts) - new}


HANDLERS = (counts,)

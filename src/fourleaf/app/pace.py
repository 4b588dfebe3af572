# SPDX-License-Identifier: Apache-2.0
"""Pace: the world outside of a rehearsal tells how far it is behind, and the run's clock waits for it."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.exceptions import PermissionDeniedException

from fourleaf.app.description import Reading, answers
from fourleaf.app.pages import Office, told
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require
from fourleaf.ui.sent import Sent


class Behind(Sent, frozen=True, kw_only=True):
    """How many wall seconds the oldest thing due has waited to be answered; null: there is nothing more to come."""

    waiting_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None


@post("/r/{run:str}/clock/backlog", status_code=200, tags=["runs"], responses=answers(Reading, "The clock."))
async def tell_backlog(office: Office, site: Site, principal: Principal, data: Behind) -> dict[str, Any]:
    """Tell the backlog of a rehearsal, once a second, with any token of it. Gives the clock."""
    require(principal, "device")
    if site.run.kind != "rehearsal":
        raise PermissionDeniedException("a live run's time waits for nobody")
    async with site.connection() as connection:
        await runs.tell_backlog(connection, site.run.run, data.waiting_s, datetime.now(UTC))
    await office.directory.refresh()
    return told(office, await office.directory.beat(site.run.run))


HANDLERS = (tell_backlog,)

# SPDX-License-Identifier: Apache-2.0
"""Redeeming over HTTP: a lane holds up a code and is told what to do; a supervisor lets somebody pass against the table."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, post
from litestar.params import Body

from fourleaf.engines.admission import actions
from fourleaf.engines.admission.actions.redeeming import Shown
from fourleaf.engines.admission.declares import OVERRIDE
from fourleaf.engines.admission.facts import Direction
from fourleaf.engines.admission.rules import Reason
from fourleaf.engines.admission.web.passages import Name, with_message
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import device, require, respond
from fourleaf.ui.sent import Sent

# Longer than any code of ours; what is longer is read as none.
Code = Annotated[str, msgspec.Meta(max_length=1_000)]
Secret = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9._:-]*$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Redeem(Sent, frozen=True, kw_only=True):
    """A code, or the id of a credential where there is none to read. at: of the lane's clock, if it has one.

    nonce: made before the first try and kept through all further ones. looked: somebody compared photo or badge.
    """

    nonce: Name
    direction: Direction
    code: Code = ""
    secret: Secret = ""
    at: Moment | None = None
    looked: Literal["", "photo", "badge"] = ""


class Override(Sent, frozen=True, kw_only=True):
    lane: Name
    nonce: Name
    direction: Direction
    reason: Reason
    code: Code = ""
    secret: Secret = ""


@post("/r/{run:str}/admission/redeem", status_code=200, tags=["admission"])
async def redeem(site: Site, principal: Principal, data: Annotated[Redeem, Body()]) -> Response[dict[str, Any]]:
    """Decide whether a lane lets somebody pass. The lane is the one the token belongs to.

    decision: entered, left, turned_away, or ask: compare photo or badge, then send it again with another nonce and `looked`. The same nonce
    with the same credential gets the first answer again.
    """
    shown = Shown(
        lane=device(principal, "lane"),
        code=data.code,
        secret=data.secret,
        nonce=data.nonce,
        direction=data.direction,
        at=data.at,
        reason=f"looked-{data.looked}" if data.looked else "",
    )
    return respond(await actions.redeem(site, principal, shown), with_message)


@post("/r/{run:str}/admission/overrides", status_code=200, tags=["admission"])
async def override(site: Site, principal: Principal, data: Annotated[Override, Body()]) -> Response[dict[str, Any]]:
    """Let somebody pass against the table, with a reason. Whose code nobody can read stays outside."""
    require(principal, OVERRIDE)
    shown = Shown(
        lane=data.lane,
        code=data.code,
        secret=data.secret,
        nonce=data.nonce,
        direction=data.direction,
        reason=data.reason,
    )
    return respond(await actions.override(site, principal, shown), with_message)


HANDLERS = (redeem, override)

# SPDX-License-Identifier: Apache-2.0
"""Decisions over HTTP: one or a thousand at a stage, what they would do, and appeals."""

from typing import Any, Literal

import msgspec
from litestar import Response, post

from fourleaf.engines.credentials import actions
from fourleaf.engines.credentials.actions import Decision
from fourleaf.engines.credentials.declares import APPEAL, SEE
from fourleaf.engines.credentials.web.parsing import AT, ONE, Asking, Code, Name, Names, Reasoned, asked, seen
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require, respond
from fourleaf.ui.sent import Sent


class Saying(Asking, frozen=True, kw_only=True):
    """stage: the key of the stage that was looked at."""

    stage: Code
    outcome: Literal["pass", "reject", "return"]
    reason: Code

    def decision(self) -> Decision:
        return Decision(stage=self.stage, outcome=self.outcome, reason=self.reason)


class SayingMany(Saying, frozen=True, kw_only=True):
    credentials: Names


class Looking(Sent, frozen=True, kw_only=True):
    credentials: Names
    stage: Code
    outcome: Literal["pass", "reject", "return"]
    reason: Code


class AppealSaying(Reasoned, frozen=True, kw_only=True):
    grant: bool


@post(f"{ONE}/decide", status_code=200, tags=["credentials"])
async def decide(site: Site, principal: Principal, credential: Name, data: Saying) -> Response[dict[str, Any]]:
    """Decide at the open stage. Where it takes two persons, the first one's word is a proposal."""
    require(principal, SEE)
    await seen(site, principal, credential)
    given = asked(principal, data.request_id, "decide", credential, data.stage, data.outcome, data.reason)
    return respond(await actions.decide(site, given, credential, data.decision()))


@post(f"{AT}/decisions", status_code=200, tags=["credentials"])
async def decide_many(site: Site, principal: Principal, data: SayingMany) -> Response[dict[str, Any]]:
    """Decide the same for up to a thousand, in one commit. What is refused is told one by one."""
    require(principal, "office")
    require(principal, SEE)
    given = asked(principal, data.request_id, "decide", data.credentials, data.stage, data.outcome, data.reason)
    return respond(await actions.decide_many(site, given, data.credentials, data.decision()))


@post(f"{AT}/decisions/preview", status_code=200, tags=["credentials"])
async def preview(site: Site, principal: Principal, data: Looking) -> dict[str, Any]:
    """What a decision of many would do. Nothing is written."""
    require(principal, "office")
    require(principal, SEE)
    decision = Decision(stage=data.stage, outcome=data.outcome, reason=data.reason)
    found: dict[str, Any] = msgspec.to_builtins(await actions.preview(site, principal, data.credentials, decision))
    return found


@post(f"{ONE}/appeal/decide", status_code=200, tags=["credentials"])
async def decide_appeal(
    site: Site, principal: Principal, credential: Name, data: AppealSaying
) -> Response[dict[str, Any]]:
    """Decide an appeal: never who rejected it."""
    require(principal, APPEAL)
    await seen(site, principal, credential)
    given = asked(principal, data.request_id, "decide-appeal", credential, data.grant, data.reason)
    return respond(await actions.decide_appeal(site, given, credential, grant=data.grant, reason=data.reason))


HANDLERS = (decide, decide_many, preview, decide_appeal)

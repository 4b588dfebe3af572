# SPDX-License-Identifier: Apache-2.0
"""Issues over HTTP: issue, issue again, suspend, resume, revoke."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, post

from fourleaf.engines.credentials import actions, rules
from fourleaf.engines.credentials.actions.writing import Rule
from fourleaf.engines.credentials.declares import ISSUE, REVOKE
from fourleaf.engines.credentials.web.parsing import AT, ONE, Asking, Name, Names, Reasoned, asked, seen
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require, respond

Carrier = Literal["badge", "phone", "plate"]
Earlier = Annotated[str, msgspec.Meta(max_length=81, pattern=r"^([a-z0-9-]{1,40}:[A-Za-z0-9-]{1,40})?$")]


class Issuing(Asking, frozen=True, kw_only=True):
    """earlier: the badge of an earlier edition that is used again, as `edition:number`; of one credential only."""

    credentials: Names
    carrier: Carrier
    earlier: Earlier = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.earlier and len(self.credentials) > 1:
            raise ValueError("an earlier badge is that of one credential")


class Reissuing(Reasoned, frozen=True, kw_only=True):
    carrier: Carrier


@post(f"{AT}/issues", status_code=200, tags=["credentials"])
async def issue(site: Site, principal: Principal, data: Issuing) -> Response[dict[str, Any]]:
    """Issue what was approved, up to a thousand in one commit. Each takes a place in the status list that nobody had."""
    require(principal, ISSUE)
    if len(data.credentials) == 1:
        await seen(site, principal, data.credentials[0])
    else:
        require(principal, "office")
    given = asked(principal, data.request_id, "issue", data.credentials, data.carrier, data.earlier)
    return respond(await actions.issue(site, given, data.credentials, data.carrier, data.earlier))


@post(f"{ONE}/reissue", status_code=200, tags=["credentials"])
async def reissue(site: Site, principal: Principal, credential: Name, data: Reissuing) -> Response[dict[str, Any]]:
    """Put a new version in the place of the one before, which is refused everywhere from now on."""
    require(principal, ISSUE)
    await seen(site, principal, credential)
    given = asked(principal, data.request_id, "reissue", credential, data.carrier, data.reason)
    return respond(await actions.reissue(site, given, credential, data.carrier, data.reason))


@post(f"{ONE}/suspend", status_code=200, tags=["credentials"])
async def suspend(site: Site, principal: Principal, credential: Name, data: Reasoned) -> Response[dict[str, Any]]:
    """Let it open nothing for a while."""
    return await _stop(
        site, principal, credential, data, "suspend", lambda at, book, now: rules.suspend(at, data.reason)
    )


@post(f"{ONE}/resume", status_code=200, tags=["credentials"])
async def resume(site: Site, principal: Principal, credential: Name, data: Reasoned) -> Response[dict[str, Any]]:
    """Let a suspended one open again what it opened."""
    return await _stop(site, principal, credential, data, "resume", lambda at, book, now: rules.resume(at, data.reason))


@post(f"{ONE}/revoke", status_code=200, tags=["credentials"])
async def revoke(site: Site, principal: Principal, credential: Name, data: Reasoned) -> Response[dict[str, Any]]:
    """Let it open nothing any more, for good."""
    return await _stop(site, principal, credential, data, "revoke", lambda at, book, now: rules.revoke(at, data.reason))


async def _stop(
    site: Site, principal: Principal, credential: str, data: Reasoned, what: str, rule: Rule
) -> Response[dict[str, Any]]:
    require(principal, REVOKE)
    await seen(site, principal, credential)
    given = asked(principal, data.request_id, what, credential, data.reason)
    return respond(await actions.change(site, given, credential, rule))


HANDLERS = (issue, reissue, suspend, resume, revoke)

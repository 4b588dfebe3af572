# SPDX-License-Identifier: Apache-2.0
"""People over HTTP: the office lists accounts, and gives and takes roles."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from fourleaf.engines.people import actions, rules, store
from fourleaf.engines.people.declares import SEES
from fourleaf.engines.people.state import Account
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require, respond
from fourleaf.ui.sent import Sent

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Group = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")]


class Post(Sent, frozen=True, kw_only=True):
    """A role, and the group it is held in; "" for a role of no group."""

    request_id: Name
    role: Name
    group: Group = ""


class Closing(Sent, frozen=True, kw_only=True):
    request_id: Name


def of_live(site: Site) -> None:
    """Accounts belong to the edition; its rehearsals use them and keep none.

    Raises: NotFoundException
    """
    if site.run.kind != "live":
        raise NotFoundException("accounts belong to the live run")


@get("/r/{run:str}/people/accounts.json", tags=["people"])
async def accounts_json(site: Site, principal: Principal) -> list[Account]:
    """Every account of the edition, without names and secrets."""
    require(principal, SEES)
    of_live(site)
    async with site.connection() as connection:
        return list((await store.accounts(connection)).values())


@post("/r/{run:str}/people/accounts/{account:str}/give", status_code=200, tags=["people"], needs_proof=True)
async def give(site: Site, principal: Principal, account: Name, data: Post) -> Response[dict[str, Any]]:
    """Give an account a role."""
    require(principal, "people.manage")
    of_live(site)
    asked = data.request_id
    return respond(
        await actions.give(site, principal, request_id=asked, account=account, role=data.role, group=data.group)
    )


@post("/r/{run:str}/people/accounts/{account:str}/take", status_code=200, tags=["people"], needs_proof=True)
async def take(site: Site, principal: Principal, account: Name, data: Post) -> Response[dict[str, Any]]:
    """Take a role from an account."""
    require(principal, "people.manage")
    of_live(site)
    asked = data.request_id
    return respond(
        await actions.beyond(site, principal, account)
        or await actions.take(site, principal.id, request_id=asked, account=account, role=data.role, group=data.group)
    )


@post("/r/{run:str}/people/accounts/{account:str}/close", status_code=200, tags=["people"])
async def close(site: Site, principal: Principal, account: Name, data: Closing) -> Response[dict[str, Any]]:
    """Close an account for good; whoever is signed in with it is signed out."""
    require(principal, "people.manage")
    of_live(site)
    return respond(
        await actions.beyond(site, principal, account)
        or await actions.change(
            site,
            principal.id,
            request_id=data.request_id,
            account=account,
            given=["close", account],
            rule=lambda found: rules.close(found, principal.id),
        )
    )


HANDLERS = (accounts_json, give, take, close)

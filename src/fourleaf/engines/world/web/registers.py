# SPDX-License-Identifier: Apache-2.0
"""Registers over HTTP: lists of things, their pages and histories; things are added, changed, removed, restored, undone."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException, PermissionDeniedException

from fourleaf.engines.world import actions, rules, store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.facts import Acted
from fourleaf.engines.world.rules.asking import Asked, asking, may_see, may_write
from fourleaf.engines.world.state import Item, Step
from fourleaf.engines.world.web.venue import Name
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused, respond
from fourleaf.ui.sent import Sent

Anything = Request[Any, Any, Any]
_AT = "/r/{run:str}/world/registers"
_THING = f"{_AT}/{{register:str}}/things/{{item:str}}"


class Addition(Sent, frozen=True, kw_only=True):
    """values: field -> what it is to say, as text or as its own type."""

    request_id: Name
    id: Name
    values: dict[str, Any]


class Change(Sent, frozen=True, kw_only=True):
    """values: only the fields to change, null to empty one. version: of the thing as it was read, if that matters."""

    request_id: Name
    values: dict[str, Any]
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Acting(Sent, frozen=True, kw_only=True):
    """count: how many it is done to."""

    request_id: Name
    count: Annotated[int, msgspec.Meta(ge=1)] = 1


class Putting(Sent, frozen=True, kw_only=True):
    request_id: Name


class Undoing(Sent, frozen=True, kw_only=True):
    """version: of the thing as the one who asks saw it."""

    request_id: Name
    version: Annotated[int, msgspec.Meta(ge=1)]


async def seen(site: Site, principal: Principal, name: str) -> Register:
    """The register, for one who may see it.

    Raises: NotFoundException for anybody else, as if there were none.
    """
    async with site.connection() as connection:
        found = await store.register(connection, name)
    if found is None or not may_see(principal, found):
        raise NotFoundException(f"no register {name[:60]}")
    return found


async def written(site: Site, principal: Principal, name: str) -> Register:
    """The register, for one who may write to it.

    Raises: NotFoundException; PermissionDeniedException.
    """
    found = await seen(site, principal, name)
    if not may_write(principal, found):
        raise PermissionDeniedException("only some may write to this register")
    return found


def asked_of(request: Anything, name: str, register: Register, zone: str) -> Asked:
    """Raises: Refused"""
    query: dict[str, list[str]] = {key: request.query_params.getall(key) for key in request.query_params}
    asked = asking(query, name, register, zone)
    if isinstance(asked, Refusal):
        raise Refused(asked, 400)
    return asked


@get(_AT, tags=["registers"])
async def listed(site: Site, principal: Principal) -> list[dict[str, Any]]:
    """Every register that one may see, with the number of its things."""
    async with site.connection() as connection:
        found, counts = await store.registers(connection), await store.counts(connection)
    return [
        {"key": key, "things": counts.get(key, 0), "may_write": may_write(principal, one)} | declared(one)
        for key, one in found.items()
        if may_see(principal, one)
    ]


@get(f"{_AT}/{{register:str}}", tags=["registers"])
async def one(site: Site, principal: Principal, register: Name) -> dict[str, Any]:
    """What a register declares."""
    return {"key": register} | declared(await seen(site, principal, register))


@get(f"{_AT}/{{register:str}}/things", tags=["registers"], free_query=True)
async def things(site: Site, principal: Principal, register: Name, request: Anything) -> dict[str, Any]:
    """A page of things: `q` for words, a field's key to filter, `key.min` and `key.max` for bounds, `sort`, `page`, `size`."""
    found = await seen(site, principal, register)
    asked = asked_of(request, register, found, site.run.zone)
    async with site.connection() as connection:
        page = await store.page(connection, asked, found)
    return {"total": page.total, "things": [as_json(item) for item in page.items]}


@get(_THING, tags=["registers"])
async def thing(site: Site, principal: Principal, register: Name, item: Name) -> dict[str, Any]:
    """One thing as it stands."""
    await seen(site, principal, register)
    async with site.connection() as connection:
        standing = await store.standing(connection, f"{register}.{item}")
    if not standing.item.present:
        raise NotFoundException(f"no thing {item[:60]}")
    return as_json(standing.item)


@get(f"{_THING}/history", tags=["registers"])
async def history(site: Site, principal: Principal, register: Name, item: Name) -> list[dict[str, Any]]:
    """Everything that happened to a thing, oldest first: who, when, before and after."""
    await seen(site, principal, register)
    async with site.connection() as connection:
        found = await actions.steps(connection, site.journal.kinds, site.run.run, f"{register}.{item}")
    if not found:
        raise NotFoundException(f"no thing {item[:60]}")
    return [as_step(step) for step in found if visible(step.fact.labels, principal.labels)]


@post(f"{_AT}/{{register:str}}/things", status_code=200, tags=["registers"])
async def add(site: Site, principal: Principal, register: Name, data: Addition) -> Response[dict[str, Any]]:
    """Add a thing."""
    asked = await _asked(
        site, principal, register, data.id, data.request_id, ["add", register, msgspec.to_builtins(data)]
    )
    return respond(await actions.add(site, asked, data.id, data.values))


@post(_THING, status_code=200, tags=["registers"])
async def change(
    site: Site, principal: Principal, register: Name, item: Name, data: Change
) -> Response[dict[str, Any]]:
    """Change some fields of a thing."""
    given = ["change", register, item, msgspec.to_builtins(data)]
    asked = await _asked(site, principal, register, item, data.request_id, given)
    return respond(await actions.amend(site, asked, data.values, data.version))


@post(f"{_THING}/acts/{{act:str}}", status_code=200, tags=["registers"])
async def act(
    site: Site, principal: Principal, register: Name, item: Name, act: Name, data: Acting
) -> Response[dict[str, Any]]:
    """Do what the register declares to so many of a thing: lend, return, hand out."""
    given = ["act", register, item, act, data.count]
    asked = await _asked(site, principal, register, item, data.request_id, given)
    return respond(await actions.act(site, asked, act, data.count))


@post(f"{_THING}/remove", status_code=200, tags=["registers"])
async def remove(
    site: Site, principal: Principal, register: Name, item: Name, data: Putting
) -> Response[dict[str, Any]]:
    """Take a thing out of its register; what it said stays in the log."""
    asked = await _asked(site, principal, register, item, data.request_id, ["remove", register, item])
    return respond(await actions.put_away(site, asked, rules.remove))


@post(f"{_THING}/restore", status_code=200, tags=["registers"])
async def restore(
    site: Site, principal: Principal, register: Name, item: Name, data: Putting
) -> Response[dict[str, Any]]:
    """Bring a removed thing back as it was."""
    asked = await _asked(site, principal, register, item, data.request_id, ["restore", register, item])
    return respond(await actions.put_away(site, asked, rules.restore))


@post(f"{_THING}/undo", status_code=200, tags=["registers"])
async def undo(site: Site, principal: Principal, register: Name, item: Name, data: Undoing) -> Response[dict[str, Any]]:
    """Take back what happened last to a thing."""
    given = ["undo", register, item, data.version]
    asked = await _asked(site, principal, register, item, data.request_id, given)
    return respond(await actions.undo(site, asked, data.version))


async def _asked(
    site: Site, principal: Principal, register: str, item: str, request_id: str, given: Any
) -> actions.Asked:
    found = await written(site, principal, register)
    return actions.Asked(
        principal=principal, request_id=request_id, name=register, register=found, item=item, given=given
    )


def declared(register: Register) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(register)
    return found


def as_json(item: Item) -> dict[str, Any]:
    return {"id": item.item, "version": item.version, "values": item.fields, "changed_at": item.changed_at}


def as_step(step: Step) -> dict[str, Any]:
    fact = step.fact
    done = {"act": fact.body.act, "count": fact.body.count} if isinstance(fact.body, Acted) else {}
    return done | {
        "kind": fact.body.KIND,
        "at": fact.occurred_at,
        "by": fact.actor,
        "fact": fact.id,
        "before": step.before,
        "after": step.after,
    }


HANDLERS = (listed, one, things, thing, history, add, change, act, remove, restore, undo)

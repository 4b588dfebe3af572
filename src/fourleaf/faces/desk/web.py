# SPDX-License-Identifier: Apache-2.0
"""The desk: its front page, the search over things, and a table, a form and a page of each thing for every register."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.engines.sensing import store as sensing
from fourleaf.engines.world import actions, rules, store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.rules.asking import may_write
from fourleaf.engines.world.web.files import ROOM_FOR_FORM, Safe
from fourleaf.engines.world.web.registers import asked_of
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk import (
    acts,
    cells,
    closures,
    credentials,
    devices,
    feed_sending,
    feeds,
    imports,
    personal,
    reports,
)
from fourleaf.faces.desk.names import names
from fourleaf.faces.desk.pages import ROOM, around, as_form, form_page, item_of, shell, thing_page
from fourleaf.faces.desk.visits import LOOKING, WRITING, Anything, Form, Visit, led, whole_number
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.pages import Page

FOUND = 60
# A form and the files of its fields.
_FORM = MAX_BYTES + ROOM_FOR_FORM
# The thing of the table that something was just done to. No field can be called so.
_DONE_TO = "act.done"
_AT = "/r/{run:str}/desk"
_REGISTER = f"{_AT}/registers/{{register:str}}"
_THING = f"{_REGISTER}/things/{{item:str}}"


@get(_AT, include_in_schema=False)
async def home(site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any]) -> Response[str]:
    """Every register by group."""
    return page.html(ROOM, "home.html", **await shell(site, principal, run_info))


@get(f"{_AT}/search", include_in_schema=False)
async def search(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], q: str = ""
) -> Response[str]:
    """Things of all registers, devices and feeds that one may see, by any word of them."""
    every = await shell(site, principal, run_info)
    shown: dict[str, Register] = every["registers"]
    async with site.connection() as connection:
        found = await store.search(connection, list(shown), q[:200], FOUND)
        others = await sensing.searching.search(connection, principal.labels, q[:200], FOUND)
    hits = [
        (item, shown[item.register], shown[item.register].called(item.item, item.fields, page.lang)) for item in found
    ]
    return page.html(ROOM, "found.html", **every, q=q[:200], hits=hits, others=others, most=FOUND)


@get(_REGISTER, include_in_schema=False, dependencies=LOOKING)
async def table(visit: Visit, request: Anything) -> Response[str]:
    """The things of a register: filtered, sorted, page by page."""
    declared, page = visit.register, visit.page
    asked = asked_of(request, visit.name, declared, visit.zone)
    async with visit.site.connection() as connection:
        found = await store.page(connection, asked, declared)
        called = await names(connection, visit.principal, declared, [one.fields for one in found.items], page.lang)
    fields = cells.columns(declared, request.query_params.getall("columns", []), page.lang)
    said = {key: request.query_params.getall(key) for key in request.query_params if key not in ("lang", _DONE_TO)}
    return page.html(
        ROOM,
        "register.html",
        **await around(visit),
        register=declared,
        lines=[cells.line(declared, item, fields, page.lang, visit.zone, called) for item in found.items],
        fields=fields,
        total=found.total,
        asked=asked,
        said=said,
        unit=cells.unit,
        may_write=may_write(visit.principal, declared),
        address=lambda **changes: _address(said, changes),
        number=asked.offset // (asked.limit or 1) + 1,
        done=whole_number(request.query_params.get("done", "")),
        done_to=request.query_params.get(_DONE_TO, "")[:64],
        nonce_of_form=page.nonce,
    )


@get(f"{_REGISTER}/new", include_in_schema=False, dependencies=WRITING)
async def new(visit: Visit) -> Response[str]:
    """An empty form."""
    return await form_page(visit, said={}, id_="", nonce=visit.page.nonce)


@post(f"{_REGISTER}/new", include_in_schema=False, dependencies=WRITING, request_max_body_size=_FORM)
async def add(visit: Visit, request: Anything, safe: Safe) -> Response[Any]:
    """Add a thing; a form that needs mending comes back as it was filled in."""
    form = await Form.of(request)
    wrong = await form.attached(visit, request, safe)
    id_, said = form["id"], form.said(visit.register)
    answer = wrong or await actions.add(visit.site, visit.asked(form, id_ or "_", ["add", id_, said]), id_, said)
    return await led(
        answer,
        f"things/{quote(id_)}?done=added",
        lambda refusal: form_page(visit, said=said, id_=id_, nonce=form.nonce, refusal=refusal),
    )


@get(_THING, include_in_schema=False, dependencies=LOOKING)
async def thing(visit: Visit, item: Name, done: str = "") -> Response[str]:
    """One thing: what it says, the form to change it, and everything that happened to it."""
    return await thing_page(visit, await item_of(visit, item), done=done)


@post(_THING, include_in_schema=False, dependencies=WRITING, request_max_body_size=_FORM)
async def change(visit: Visit, request: Anything, item: Name, safe: Safe) -> Response[Any]:
    """Change a thing: only the fields that the form says otherwise than the thing did."""
    form, standing = await Form.of(request), await item_of(visit, item)
    wrong = await form.attached(visit, request, safe)
    said, before = form.said(visit.register), as_form(visit.register, standing)
    changed = {key: text for key, text in said.items() if text.strip() != before[key]}
    asked = visit.asked(form, item, ["change", item, said, form["version"]])
    return await led(
        wrong or await actions.amend(visit.site, asked, changed, form.version),
        f"{item}?done=changed",
        lambda refusal: thing_page(visit, standing, said=said, nonce=form.nonce, refusal=refusal),
    )


@post(f"{_THING}/{{what:str}}", include_in_schema=False, dependencies=WRITING)
async def put(visit: Visit, request: Anything, item: Name, what: str) -> Response[Any]:
    """Remove, restore, or take back what happened last."""
    form = await Form.of(request)
    asked = visit.asked(form, item, [what, item, form["version"]])
    match what:
        case "undo":
            answer = await actions.undo(visit.site, asked, form.version or 0)
        case "remove" | "restore":
            answer = await actions.put_away(visit.site, asked, rules.remove if what == "remove" else rules.restore)
        case _:
            raise NotFoundException(what[:20])

    async def again(refusal: Refusal) -> Response[str]:
        return await thing_page(visit, await item_of(visit, item), refusal=refusal)

    return await led(answer, f"../{item}?done={what}", again)


def _address(said: Mapping[str, list[str]], changes: Mapping[str, Any]) -> str:
    """This same table asked otherwise. A change to None takes a word out."""
    words = {key: value for key, value in said.items() if key not in changes and key != "done"}
    words |= {key: [str(value)] for key, value in changes.items() if value is not None}
    return "?" + urlencode([(key, one) for key, values in words.items() for one in values if one])


HANDLERS = (
    home,
    search,
    table,
    new,
    add,
    *imports.HANDLERS,
    *reports.HANDLERS,
    *personal.HANDLERS,
    *closures.HANDLERS,
    *credentials.HANDLERS,
    *devices.HANDLERS,
    *feeds.HANDLERS,
    *feed_sending.HANDLERS,
    *acts.HANDLERS,
    thing,
    change,
    put,
)

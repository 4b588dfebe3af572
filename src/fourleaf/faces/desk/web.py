# SPDX-License-Identifier: Apache-2.0
"""The desk: its front page, the search over things, and a table, a form and a page of each thing for every register."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from fourleaf.engines.world import actions, rules, store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.declares.values import written as as_written
from fourleaf.engines.world.rules.asking import may_write
from fourleaf.engines.world.web.registers import asked_of, seen, written
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk import cells, imports, reports
from fourleaf.faces.desk.pages import ROOM, form_page, item_of, shell, thing_page, told
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer
from fourleaf.postgres.journal import Site
from fourleaf.ui.pages import Page

Anything = Request[Any, Any, Any]
FOUND = 60
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
    """Things of all registers that one may see, by any word of them."""
    around = await shell(site, principal, run_info)
    shown: dict[str, Register] = around["registers"]
    async with site.connection() as connection:
        found = await store.search(connection, list(shown), q[:200], FOUND)
    hits = [
        (item, shown[item.register], shown[item.register].called(item.item, item.fields, page.lang)) for item in found
    ]
    return page.html(ROOM, "found.html", **around, q=q[:200], hits=hits, most=FOUND)


@get(_REGISTER, include_in_schema=False)
async def table(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything, register: Name
) -> Response[str]:
    """The things of a register: filtered, sorted, page by page."""
    declared = await seen(site, principal, register)
    asked = asked_of(request, register, declared, site.run.zone)
    async with site.connection() as connection:
        found = await store.page(connection, asked, declared)
    chosen = request.query_params.getall("columns", [])
    fields = [field for field in declared.fields if (field.key in chosen if chosen else field.listed)]
    lines = [cells.line(declared, item, fields, page.lang, site.run.zone) for item in found.items]
    around = await shell(site, principal, run_info, register)
    said = {key: request.query_params.getall(key) for key in request.query_params if key != "lang"}
    return page.html(
        ROOM,
        "register.html",
        **around,
        register=declared,
        lines=lines,
        fields=fields,
        total=found.total,
        asked=asked,
        said=said,
        unit=cells.unit,
        may_write=may_write(principal, declared),
        address=lambda **changes: _address(said, changes),
        number=asked.offset // (asked.limit or 1) + 1,
        done=_number(request.query_params.get("done", "")),
    )


@get(f"{_REGISTER}/new", include_in_schema=False)
async def new(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], register: Name
) -> Response[str]:
    """An empty form."""
    declared = await written(site, principal, register)
    around = await shell(site, principal, run_info, register)
    return form_page(page, around, declared, said={}, errors={}, id_="", nonce=page.nonce)


@post(f"{_REGISTER}/new", include_in_schema=False)
async def add(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything, register: Name
) -> Response[Any]:
    """Add a thing; a form that needs mending comes back as it was filled in."""
    declared = await written(site, principal, register)
    form = await _fields(request)
    id_, said = form.get("id", ""), {field.key: form.get(field.key, "") for field in declared.fields}
    asked = _asked(principal, register, declared, id_ or "_", form, ["add", id_, said])
    answer = await actions.add(site, asked, id_, said)
    if isinstance(answer, Refusal):
        around = await shell(site, principal, run_info, register)
        return form_page(page, around, declared, said=said, errors=told(answer), id_=id_, nonce=form.get("nonce", ""))
    return Redirect(f"things/{quote(id_)}?done=added", status_code=303)


@get(_THING, include_in_schema=False)
async def thing(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    register: Name,
    item: Name,
    done: str = "",
) -> Response[str]:
    """One thing: what it says, the form to change it, and everything that happened to it."""
    declared = await seen(site, principal, register)
    standing = await item_of(site, register, item)
    return await thing_page(site, principal, page, run_info, declared, standing, done=done)


@post(_THING, include_in_schema=False)
async def change(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    request: Anything,
    register: Name,
    item: Name,
) -> Response[Any]:
    """Change a thing: only the fields that the form says otherwise than the thing did."""
    declared = await written(site, principal, register)
    form = await _fields(request)
    standing = await item_of(site, register, item)
    before = {field.key: as_written(field, standing.fields.get(field.key)) for field in declared.fields}
    said = {key: form.get(key, "") for key in before}
    changed = {key: text for key, text in said.items() if text.strip() != before[key]}
    asked = _asked(principal, register, declared, item, form, ["change", item, said, form.get("version")])
    answer = await actions.amend(site, asked, changed, _number(form.get("version", "")))
    if isinstance(answer, Refusal):
        return await thing_page(
            site,
            principal,
            page,
            run_info,
            declared,
            standing,
            said=said,
            errors=told(answer),
            nonce=form.get("nonce", ""),
        )
    return Redirect(f"{item}?done=changed", status_code=303)


@post(f"{_THING}/{{what:str}}", include_in_schema=False)
async def put(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    request: Anything,
    register: Name,
    item: Name,
    what: str,
) -> Response[Any]:
    """Remove, restore, or take back what happened last."""
    declared = await written(site, principal, register)
    form = await _fields(request)
    asked = _asked(principal, register, declared, item, form, [what, item, form.get("version")])
    answer: Answer | Refusal
    if what == "undo":
        answer = await actions.undo(site, asked, _number(form.get("version", "")) or 0)
    elif what in ("remove", "restore"):
        answer = await actions.put_away(site, asked, rules.remove if what == "remove" else rules.restore)
    else:
        raise NotFoundException(what[:20])
    if isinstance(answer, Refusal):
        standing = await item_of(site, register, item)
        return await thing_page(site, principal, page, run_info, declared, standing, errors=told(answer))
    return Redirect(f"../{item}?done={what}", status_code=303)


async def _fields(request: Anything) -> dict[str, str]:
    form = await request.form()
    return {key: value for key, value in form.items() if isinstance(value, str)}


def _asked(
    principal: Principal, name: str, declared: Register, item: str, form: Mapping[str, str], given: list[Any]
) -> actions.Asked:
    """A form sent twice is one request: its page's nonce and what it says name it."""
    said = "\n".join([form.get("nonce", ""), *(f"{key}={form[key]}" for key in sorted(form) if key != "csrf")])
    request_id = f"desk:{sha256(f'{item}:{said}:{given[0]}'.encode()).hexdigest()[:40]}"
    return actions.Asked(
        principal=principal, request_id=request_id, name=name, register=declared, item=item, given=[name, *given]
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _address(said: Mapping[str, list[str]], changes: Mapping[str, Any]) -> str:
    """This same table asked otherwise. A change to None takes a word out."""
    words = {key: value for key, value in said.items() if key not in changes and key != "done"}
    words |= {key: [str(value)] for key, value in changes.items() if value is not None}
    return "?" + urlencode([(key, one) for key, values in words.items() for one in values if one])


HANDLERS = (home, search, table, new, add, *imports.HANDLERS, *reports.HANDLERS, thing, change, put)

# SPDX-License-Identifier: Apache-2.0
"""The pages of the desk: what stands around every matter, the page of one thing, and the form of a new one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Response
from litestar.exceptions import NotFoundException

from fourleaf.engines import world as world_room
from fourleaf.engines.world import actions, store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.declares.values import written as as_written
from fourleaf.engines.world.picture import CLOSURES_FOR
from fourleaf.engines.world.rules.asking import may_see, may_write
from fourleaf.engines.world.state import Item
from fourleaf.faces.desk import cells
from fourleaf.faces.desk.names import names
from fourleaf.faces.desk.visits import Visit
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import sentence
from fourleaf.ui.pages import Page

ROOM = Path(__file__).parent
_WORLD = Path(world_room.__file__).parent


async def shell(site: Site, principal: Principal, run_info: Mapping[str, Any], here: str = "") -> dict[str, Any]:
    """What every page of the desk shows around its own matter."""
    async with site.connection() as connection:
        found, counts = await store.registers(connection), await store.counts(connection)
        groups = await store.groups(connection)
    shown = {key: one for key, one in found.items() if may_see(principal, one)}
    by_group: dict[str, list[tuple[str, Register, int]]] = {}
    for key, one in shown.items():
        by_group.setdefault(one.group, []).append((key, one, counts.get(key, 0)))
    return {
        "run": site.run.run,
        "info": run_info,
        "now": await site.now(),
        "registers": shown,
        "by_group": sorted(by_group.items(), key=lambda one: (one[0] == "", one[0])),
        "groups": groups,
        "here": here,
        "closures": visible(CLOSURES_FOR, principal.labels),
        "credentials": "credentials.see" in principal.permissions,
        "zone": site.run.zone,
        "base": f"/r/{site.run.run}/desk",
    }


async def around(visit: Visit) -> dict[str, Any]:
    """The same for the pages of one register."""
    return await shell(visit.site, visit.principal, visit.run_info, visit.name)


async def item_of(visit: Visit, item: str) -> Item:
    """Raises: NotFoundException"""
    async with visit.site.connection() as connection:
        standing = await store.standing(connection, f"{visit.name}.{item}")
    if not standing.item.version:
        raise NotFoundException(f"no thing {item[:60]}")
    return standing.item


def as_form(register: Register, item: Item) -> dict[str, str]:
    """What a form says before anybody changes it."""
    return {field.key: as_written(field, item.fields.get(field.key)) for field in register.fields}


async def thing_page(
    visit: Visit,
    item: Item,
    *,
    said: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
    done: str = "",
    nonce: str = "",
) -> Response[str]:
    site, page, declared = visit.site, visit.page, visit.register
    async with site.connection() as connection:
        found = await actions.steps(connection, site.journal.kinds, site.run.run, item.thing)
        values = [item.fields, *(side for step in found for side in (step.before, step.after))]
        called = await names(connection, visit.principal, declared, values, page.lang)
    steps = [step for step in found if visible(step.fact.labels, visit.principal.labels)]
    return page.html(
        ROOM,
        "thing.html",
        status_code=422 if refusal else 200,
        **await around(visit),
        register=declared,
        item=item,
        called=declared.called(item.item, item.fields, page.lang),
        line=cells.line(declared, item, list(declared.fields), page.lang, visit.zone, called),
        steps=[(step, _differences(declared, item, step, page, visit.zone, called)) for step in reversed(steps)],
        said=said or as_form(declared, item),
        errors=_told(refusal),
        done=done if done in ("added", "changed", "acted", "undo", "remove", "restore") else "",
        may_write=may_write(visit.principal, declared),
        nonce_of_form=nonce or page.nonce,
        unit=cells.unit,
        kind_words={kind: sentence(_WORLD, f"fact.{kind}") for kind in {step.fact.body.KIND for step in steps}},
    )


async def form_page(
    visit: Visit, *, said: Mapping[str, str], id_: str, nonce: str, refusal: Refusal | None = None
) -> Response[str]:
    return visit.page.html(
        ROOM,
        "new.html",
        status_code=422 if refusal else 200,
        **await around(visit),
        register=visit.register,
        said=said,
        errors=_told(refusal),
        id=id_,
        nonce_of_form=nonce,
        unit=cells.unit,
    )


def _told(refusal: Refusal | None) -> dict[str, Any]:
    """What is wrong, for the top of a form and for each field; nothing for none.

    Shape: whole -> sentences; fields -> key -> mistakes.
    """
    if refusal is None:
        return {}
    fields: dict[str, list[Any]] = {}
    for one in refusal.detail.get("errors", []):
        fields.setdefault(one["field"], []).append(one)
    return {
        "whole": sentence(_WORLD, f"refusal.{refusal.code}", **refusal.detail),
        "fields": fields,
        "code": refusal.code,
    }


def _differences(
    declared: Register, item: Item, step: Any, page: Page, zone: str, called: cells.Names
) -> list[tuple[str, str, str]]:
    """What a step changed: name of the field, before, after."""
    found = list[tuple[str, str, str]]()
    for key in {**step.before, **step.after}:
        field = declared.by_key.get(key)
        if field is None:
            found.append((key, str(step.before.get(key, "")), str(step.after.get(key, ""))))
        else:
            sides = ({**item.fields, key: side.get(key)} for side in (step.before, step.after))
            texts = [cells.cell(field, side, page.lang, zone, called).text for side in sides]
            found.append((getattr(field.name, page.lang), texts[0], texts[1]))
    return found

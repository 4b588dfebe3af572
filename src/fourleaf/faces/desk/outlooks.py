# SPDX-License-Identifier: Apache-2.0
"""Outlooks: the pages of an import: choose a file, what it would do, and what is wrong with it cell by cell."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response

from fourleaf import blobs as blobs_room
from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.engines import world as world_room
from fourleaf.engines.world.actions import Outlook
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.rules.importing import Verdict
from fourleaf.engines.world.state import Item, merged
from fourleaf.faces.desk import cells
from fourleaf.faces.desk.pages import ROOM, shell
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import sentence
from fourleaf.ui.pages import Page

_ROOMS = {"world": Path(world_room.__file__).parent, "blobs": Path(blobs_room.__file__).parent}


async def choose_page(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    name: str,
    declared: Register,
    refusal: Refusal | None,
) -> Response[str]:
    return page.html(
        ROOM,
        "import.html",
        status_code=422 if refusal else 200,
        **await shell(site, principal, run_info, name),
        register=declared,
        refusal=said(refusal),
        most=MAX_BYTES,
    )


async def look_page(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    name: str,
    declared: Register,
    blob: str,
    found: Outlook | Refusal | None,
) -> Response[str]:
    around = await shell(site, principal, run_info, name)
    shown = part(page, name, declared, site, found) if found is not None else ""
    return page.html(
        ROOM,
        "look.html",
        status_code=422 if isinstance(found, Refusal) else 200,
        **around,
        register=declared,
        part=shown,
        stream=f"{around['base']}/registers/{name}/imports/{blob}/stream",
    )


def part(page: Page, name: str, declared: Register, site: Site, found: Outlook | Refusal) -> str:
    """What was found, as a part of a page."""
    shown = found if isinstance(found, Outlook) else None
    rows = [_row(declared, one, page, site.run.zone) for one in (shown.shown["changed"] if shown else ())]
    new = [
        cells.line(declared, _after(one), list(declared.fields), page.lang, site.run.zone)
        for one in (shown.shown["new"] if shown else ())
    ]
    response = page.html(
        ROOM,
        "outlook.html",
        refusal=said(found if isinstance(found, Refusal) else None),
        found=shown,
        changed=rows,
        new=new,
        register=declared,
        back=f"/r/{site.run.run}/desk/registers/{name}",
        unit=cells.unit,
    )
    return str(response.content)


def _after(one: Verdict) -> Item:
    values = getattr(one.fact, "values", {})
    return msgspec.structs.replace(one.item, item=one.item.thing.partition(".")[2], fields=merged({}, values))


def _row(declared: Register, one: Verdict, page: Page, zone: str) -> dict[str, Any]:
    """What a line changes: its thing, and the name of each field, before and after."""
    changed: Mapping[str, Any] = getattr(one.fact, "changed", {})
    differences = []
    for key, value in changed.items():
        field = declared.by_key[key]
        before, after = (cells.text(field, side, page.lang, zone) for side in (one.item.fields.get(key), value))
        differences.append((cells.unit(field, page.lang), before, after))
    return {"line": one.line, "item": one.item.item, "differences": differences}


def said(refusal: Refusal | None) -> Mapping[str, str] | None:
    if refusal is None:
        return None
    return sentence(_ROOMS[refusal.code.split(".")[0]], f"refusal.{refusal.code}", **refusal.detail)

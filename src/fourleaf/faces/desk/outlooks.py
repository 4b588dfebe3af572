# SPDX-License-Identifier: Apache-2.0
"""Outlooks: the pages of an import: choose a file, what it would do, and what is wrong with it cell by cell."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response

from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.engines.world.actions import Outlook
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.facts import Added, Changed
from fourleaf.engines.world.rules.importing import Verdict
from fourleaf.engines.world.state import Item, merged
from fourleaf.faces.desk import cells
from fourleaf.faces.desk.names import names
from fourleaf.faces.desk.pages import ROOM, around
from fourleaf.faces.desk.said import said
from fourleaf.faces.desk.visits import Visit
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.pages import Page

# What is said of how a register is read from a table.
RULES = ("id", "empty", "absent", "formula")


async def choose_page(visit: Visit, refusal: Refusal | None) -> Response[str]:
    address = f"/r/{visit.site.run.run}/world/registers/{visit.name}/template"
    return visit.page.html(
        ROOM,
        "import.html",
        status_code=422 if refusal else 200,
        **await around(visit),
        register=visit.register,
        part=choosing(visit.page, refusal, template=address, back=visit.at),
    )


def choosing(page: Page, refusal: Refusal | None, *, template: str, back: str, rules: Sequence[str] = RULES) -> str:
    """The form that sends a table, as a part of a page. template: where an empty table is, but for its ending.

    rules: how the table is read, by the keys of the sentences.
    """
    return _part_of(page, "send.html", refusal=said(refusal), most=MAX_BYTES, empty=template, back=back, rules=rules)


async def look_page(visit: Visit, blob: str, found: Outlook | Refusal | None) -> Response[str]:
    shown = await part_of(visit, found) if found is not None else ""
    return visit.page.html(
        ROOM,
        "look.html",
        status_code=422 if isinstance(found, Refusal) else 200,
        **await around(visit),
        register=visit.register,
        part=looking(visit.page, shown, stream=f"{visit.at}/imports/{blob}/stream"),
    )


def looking(page: Page, shown: str, *, stream: str) -> str:
    """What a table would do, or how far the reading is, as a part of a page."""
    return _part_of(page, "reading.html", part=shown, stream=stream)


async def part_of(visit: Visit, found: Outlook | Refusal) -> str:
    """What was found at a register, as a part of a page; what things refer to stands there by its name."""
    shown = found.shown if isinstance(found, Outlook) else {}
    values = [side for verdicts in shown.values() for one in verdicts for side in (one.item.fields, _said(one))]
    async with visit.site.connection() as connection:
        called = await names(connection, visit.principal, visit.register, values, visit.page.lang)
    return part(visit.page, visit.register, visit.zone, found, back=visit.at, called=called)


def part(
    page: Page, declared: Register, zone: str, found: Outlook | Refusal, *, back: str, called: cells.Names | None = None
) -> str:  # fmt: skip
    """What was found, as a part of a page. back: where the things stand that it would change."""
    shown = found if isinstance(found, Outlook) else None
    rows = [_row(declared, one, page, zone, called or {}) for one in (shown.shown["changed"] if shown else ())]
    new = [
        cells.line(declared, _after(one), list(declared.fields), page.lang, zone, called)
        for one in (shown.shown["new"] if shown else ())
    ]
    return _part_of(
        page,
        "outlook.html",
        refusal=said(found if isinstance(found, Refusal) else None),
        found=shown,
        changed=rows,
        new=new,
        ids=dict(zip(("zh", "en"), declared.IDS, strict=True)),
        back=back,
    )


def _part_of(page: Page, template: str, **values: Any) -> str:
    return str(page.html(ROOM, template, **values).content)


def _said(one: Verdict) -> Mapping[str, Any]:
    """The fields that a line would write."""
    match one.fact:
        case Added(values=values):
            return values
        case Changed(changed=changed):
            return changed
    return {}


def _after(one: Verdict) -> Item:
    return msgspec.structs.replace(one.item, item=one.item.thing.partition(".")[2], fields=merged({}, _said(one)))


def _row(declared: Register, one: Verdict, page: Page, zone: str, called: cells.Names) -> dict[str, Any]:
    """What a line changes: its thing, and the name of each field, before and after."""
    before, changed, differences = one.item.fields, _said(one), []
    for key in changed:
        field = declared.by_key[key]
        texts = [cells.cell(field, side, page.lang, zone, called).text for side in (before, merged(before, changed))]
        differences.append((cells.unit(field, page.lang), *texts))
    return {"line": one.line, "item": one.item.item, "differences": differences}

# SPDX-License-Identifier: Apache-2.0
"""Reports of the desk: a register on paper, and how its things are spread over the halls."""

import asyncio
import csv
import gzip
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException

from fourleaf.engines.world import store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.rules.balance import WALK_M_S, Share, balance, spots
from fourleaf.engines.world.rules.tables import safe
from fourleaf.engines.world.state import Item
from fourleaf.engines.world.web.registers import asked_of, seen
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk import cells
from fourleaf.faces.desk.names import names
from fourleaf.faces.desk.pages import ROOM, shell
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import venues
from fourleaf.postgres.journal import Site
from fourleaf.ui import format
from fourleaf.ui.format import Lang
from fourleaf.ui.pages import Page

Anything = Request[Any, Any, Any]
# So many lines are put on paper; a longer list is filtered first.
PRINTED = 2_000
_AT = "/r/{run:str}/desk"


@get(f"{_AT}/registers/{{register:str}}/print", include_in_schema=False)
async def paper(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything, register: Name
) -> Response[str]:
    """A register as it is filtered and sorted, all on one page, without what one clicks."""
    declared = await seen(site, principal, register)
    asked = asked_of(request, register, declared, site.run.zone)
    async with site.connection() as connection:
        found = await store.page(connection, msgspec.structs.replace(asked, offset=0, limit=PRINTED), declared)
        called = await names(connection, principal, declared, [one.fields for one in found.items], page.lang)
    fields = cells.columns(declared, request.query_params.getall("columns", []), page.lang)
    return page.html(
        ROOM,
        "print.html",
        **await shell(site, principal, run_info, register),
        register=declared,
        fields=fields,
        lines=[cells.line(declared, item, fields, page.lang, site.run.zone, called) for item in found.items],
        total=found.total,
        asked=asked,
        unit=cells.unit,
    )


@get(f"{_AT}/balance", include_in_schema=False)
async def spread(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything, register: str = ""
) -> Response[str]:
    """How many things each hall has, and how far it is at least to the nearest one."""
    around = await shell(site, principal, run_info, "balance")
    placed = {key: one for key, one in around["registers"].items() if one.place}
    if not placed:
        raise NotFoundException("no register says where its things stand")
    name = register or ("counter" if "counter" in placed else next(iter(placed)))
    declared, shares, levels = await _shares(site, principal, request, name, page.lang)
    return page.html(
        ROOM,
        "balance.html",
        **around,
        placed=placed,
        chosen=name,
        register=declared,
        shares=shares,
        levels=levels,
        speed=WALK_M_S,
        minutes=lambda share: format.number(share.walk_s / 60, digits=1),
    )


@get(f"{_AT}/balance.csv", include_in_schema=False, media_type=MediaType.TEXT)
async def spread_table(
    site: Site, principal: Principal, request: Anything, register: Name, lang: Lang = "zh"
) -> Response[str]:
    """The same as a table."""
    _, shares, _ = await _shares(site, principal, request, register, lang)
    text = StringIO(newline="")
    out = csv.writer(text)
    out.writerow(["hall", "name", "level", "inside", "far_m", "walk_at_least_s", "nearest"])
    for one in shares:
        measured = ["", ""] if one.far_m is None or one.walk_s is None else [round(one.far_m), round(one.walk_s)]
        out.writerow([safe(one.hall), safe(one.name[lang]), one.level, one.inside, *measured, safe(one.nearest)])
    headers = {"Content-Disposition": f'attachment; filename="balance-{register}.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _shares(
    site: Site, principal: Principal, request: Anything, name: str, lang: Lang
) -> tuple[Register, list[Share], Mapping[str, Mapping[str, str]]]:
    """The register, a line a hall, and what the levels are called."""
    declared = await seen(site, principal, name)
    asked = msgspec.structs.replace(asked_of(request, name, declared, site.run.zone), offset=0, limit=None)
    async with site.connection() as connection:
        items = (await store.page(connection, asked, declared)).items
        said = await venues.declared(connection, "venue", "venue")
        body = await venues.compressed(connection, str(said["hash"])) if said else None
    if body is None:
        raise NotFoundException("no venue")
    return declared, *await asyncio.to_thread(_spread, declared, items, body, lang)


def _spread(
    declared: Register, items: Sequence[Item], body: bytes, lang: Lang
) -> tuple[list[Share], Mapping[str, Mapping[str, str]]]:
    venue = msgspec.json.decode(gzip.decompress(body))
    features = {one["id"]: one for kind in venue["features"].values() for one in kind["features"]}
    halls = venue["features"].get("hall", {}).get("features", [])
    shares = balance(halls, spots(declared, items, features, lang))
    return shares, {level["id"]: level["name"] for level in venue["levels"]}


HANDLERS = (paper, spread, spread_table)

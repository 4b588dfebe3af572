# SPDX-License-Identifier: Apache-2.0
"""Exports over HTTP: a register, as it is filtered and sorted, as a table or as places."""

import csv
from io import StringIO
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get

from fourleaf.engines.world import store
from fourleaf.engines.world.rules.tables import geojson, rows
from fourleaf.engines.world.web.registers import asked_of, seen
from fourleaf.engines.world.web.venue import Name
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site

Anything = Request[Any, Any, Any]
_AT = "/r/{run:str}/world/registers/{register:str}"


async def _found(site: Site, principal: Principal, name: str, request: Anything) -> tuple[Any, list[Any]]:
    declared = await seen(site, principal, name)
    asked = msgspec.structs.replace(asked_of(request, name, declared, site.run.zone), offset=0, limit=None)
    async with site.connection() as connection:
        return declared, (await store.page(connection, asked, declared)).items


def _file(body: str | bytes, name: str, media_type: str) -> Response[Any]:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@get(f"{_AT}/export.csv", tags=["registers"], media_type=MediaType.TEXT)
async def table(site: Site, principal: Principal, register: Name, request: Anything, bom: bool = True) -> Response[Any]:
    """A CSV that a spreadsheet opens safely. bom: a mark before it, by which spreadsheets know UTF-8."""
    declared, items = await _found(site, principal, register, request)
    text = StringIO(newline="")
    csv.writer(text).writerows(rows(declared, items))
    return _file(("\ufeff" if bom else "") + text.getvalue(), f"{register}.csv", "text/csv; charset=utf-8")


@get(f"{_AT}/export.geojson", tags=["registers"])
async def places(
    site: Site, principal: Principal, register: Name, request: Anything, lang: str = "zh"
) -> Response[Any]:
    """The things as GeoJSON points."""
    declared, items = await _found(site, principal, register, request)
    body = msgspec.json.encode(geojson(declared, items, "en" if lang == "en" else "zh"))
    return _file(body, f"{register}.geojson", "application/geo+json")


HANDLERS = (table, places)

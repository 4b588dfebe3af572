# SPDX-License-Identifier: Apache-2.0
"""Exports over HTTP: a register, as it is filtered and sorted, as a table, a workbook or places; and empty tables to fill in."""

import asyncio
import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get

from fourleaf.engines.world import store
from fourleaf.engines.world.declares.register import Lang, Register
from fourleaf.engines.world.rules.columns import heads, template
from fourleaf.engines.world.rules.tables import geojson, rows, typed
from fourleaf.engines.world.state import Item
from fourleaf.engines.world.web.registers import asked_of, seen
from fourleaf.engines.world.web.venue import Name
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.standards.spreadsheets import Sheet, write_workbook

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Anything = Request[Any, Any, Any]
_AT = "/r/{run:str}/world/registers/{register:str}"


async def _found(site: Site, principal: Principal, name: str, request: Anything) -> tuple[Any, list[Any]]:
    declared = await seen(site, principal, name)
    asked = msgspec.structs.replace(asked_of(request, name, declared, site.run.zone), offset=0, limit=None)
    async with site.connection() as connection:
        return declared, (await store.page(connection, asked, declared)).items


def as_csv(lines: Iterable[Sequence[str]], *, bom: bool = True) -> str:
    """bom: a mark before it, by which spreadsheets know UTF-8."""
    text = StringIO(newline="")
    csv.writer(text).writerows(lines)
    return ("\ufeff" if bom else "") + text.getvalue()


def _csv(declared: Register, items: Sequence[Item], bom: bool) -> str:
    return as_csv(rows(declared, items), bom=bom)


def download(body: str | bytes, name: str, media_type: str) -> Response[Any]:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@get(f"{_AT}/export.csv", tags=["registers"], media_type=MediaType.TEXT, free_query=True)
async def table(site: Site, principal: Principal, register: Name, request: Anything, bom: bool = True) -> Response[Any]:
    """A CSV that a spreadsheet opens safely. bom: a mark before it, by which spreadsheets know UTF-8."""
    declared, items = await _found(site, principal, register, request)
    return download(await asyncio.to_thread(_csv, declared, items, bom), f"{register}.csv", CSV)


@get(f"{_AT}/export.xlsx", tags=["registers"], media_type=XLSX, free_query=True)
async def book(
    site: Site, principal: Principal, register: Name, request: Anything, lang: Lang = "zh"
) -> Response[bytes]:
    """A workbook with numbers, days and moments as such, in the clock of the fair."""
    declared, items = await _found(site, principal, register, request)
    body = await asyncio.to_thread(_book, declared, items, lang, site.run.zone)
    return download(body, f"{register}.xlsx", XLSX)


@get(f"{_AT}/template.xlsx", tags=["registers"], media_type=XLSX)
async def empty_book(site: Site, principal: Principal, register: Name, lang: Lang = "zh") -> Response[bytes]:
    """An empty workbook to fill in, with a line of hints."""
    declared = await seen(site, principal, register)
    head, *hints = template(declared, lang)
    made = Sheet(name=getattr(declared.name, lang), head=head, rows=hints)
    return download(write_workbook(made), f"{register}-template.xlsx", XLSX)


@get(f"{_AT}/template.csv", tags=["registers"], media_type=MediaType.TEXT)
async def empty_table(site: Site, principal: Principal, register: Name, lang: Lang = "zh") -> Response[Any]:
    """An empty CSV to fill in, with a line of hints."""
    declared = await seen(site, principal, register)
    return download(as_csv(template(declared, lang)), f"{register}-template.csv", CSV)


@get(f"{_AT}/export.geojson", tags=["registers"], free_query=True)
async def places(
    site: Site, principal: Principal, register: Name, request: Anything, lang: str = "zh"
) -> Response[Any]:
    """The things as GeoJSON points."""
    declared, items = await _found(site, principal, register, request)
    body = await asyncio.to_thread(_geojson, declared, items, "en" if lang == "en" else "zh")
    return download(body, f"{register}.geojson", "application/geo+json")


def _book(declared: Register, items: Sequence[Item], lang: Lang, zone: str) -> bytes:
    lines = typed(declared, items, lang, zone)
    return write_workbook(Sheet(name=getattr(declared.name, lang), head=heads(declared, lang), rows=lines))


def _geojson(declared: Register, items: Sequence[Item], lang: Lang) -> bytes:
    return msgspec.json.encode(geojson(declared, items, lang))


HANDLERS = (table, book, empty_book, empty_table, places)

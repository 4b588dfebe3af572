# SPDX-License-Identifier: Apache-2.0
"""Layers over HTTP: where the things of a register stand on one level, for a map, and what they are called, for its list."""

import asyncio
import gzip
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get

from fourleaf.engines.world import store
from fourleaf.engines.world.declares.register import Lang, Register
from fourleaf.engines.world.rules.layers import features, first, stands
from fourleaf.engines.world.web.registers import seen
from fourleaf.engines.world.web.venue import Name
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import venues
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection

Anything = Request[Any, Any, Any]
Most = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
_AT = "/r/{run:str}/world/registers/{register:str}"
GEOJSON = "application/geo+json"
# Tens of thousands of places: the best compression takes twenty times as long for a tenth less.
_QUICKLY = 1


@get(f"{_AT}/places.geojson", tags=["registers"], media_type=GEOJSON)
async def places(
    site: Site, principal: Principal, register: Name, request: Anything, level: Name | None = None
) -> Response[bytes]:
    """Where the things stand, for a map: id and point, and how a thing stands that is not calm. level: what stands on it or
    outside. Who asks again while nothing has changed is told only that."""
    declared = await seen(site, principal, register)
    async with site.connection() as connection:
        steps = await store.steps_taken(connection, register)
        headers = _headers(steps, declared, await _venue(connection), level or "")
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(b"", status_code=304, headers=headers)
        found = await store.located(connection, register, declared, level)
        more = features(found.at, await venues.features(connection), level) if found.at else []
    body = f'{{"type":"FeatureCollection","features":[{",".join([*filter(None, [found.features]), *more])}]}}'.encode()
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = await asyncio.to_thread(gzip.compress, body, _QUICKLY)
    return Response(body, media_type=GEOJSON, headers=headers)


@get(f"{_AT}/places.json", tags=["registers"])
async def names(
    site: Site,
    principal: Principal,
    register: Name,
    lang: Lang = "zh",
    level: Name | None = None,
    most: Most = 100,
) -> dict[str, Any]:
    """How many things stand on a level or outside, and the first of them, those that are not calm before all others; as of
    when, and of which version of the register."""
    declared = await seen(site, principal, register)
    async with site.connection() as connection:
        steps = await store.steps_taken(connection, register)
        found = await store.named(connection, register, declared, lang, level, most)
        venue = await venues.features(connection) if found.at else {}
    more = [(item, name, state) for item, name, state, at in found.at if stands(venue, at, level)]
    things = [{"id": item, "name": name, "state": state} for item, name, state in first(found.things, more, most)]
    return {"at": await site.now(), "version": steps, "total": found.total + len(more), "things": things}


async def _venue(connection: Connection) -> str:
    return str((await venues.declared(connection, "venue", "venue") or {}).get("hash", ""))


def _headers(steps: int, declared: Register, venue: str, level: str) -> dict[str, str]:
    said = sha256(msgspec.json.encode([declared, venue, level])).hexdigest()[:12]
    return {"ETag": f'W/"{steps}-{said}"', "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Cookie"}


HANDLERS = (places, names)

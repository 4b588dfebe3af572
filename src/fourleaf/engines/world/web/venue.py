# SPDX-License-Identifier: Apache-2.0
"""The venue over HTTP: things are closed, reopened and moved."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, post

from fourleaf.engines.world import actions, rules, store
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require, respond
from fourleaf.ui.sent import Sent

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Label = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^(protected:[a-z0-9][a-z0-9-]*)?$")]
Degrees = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,9})?$")]


class Reason(Sent, frozen=True, kw_only=True):
    zh: Text
    en: Text


class Closure(Sent, frozen=True, kw_only=True):
    """protected: a label of one's own, `protected:…`: who does not hold it sees that it is closed, not why or until when."""

    request_id: Name
    thing: Name
    reason: Reason
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    protected: Label = ""


class Reopening(Sent, frozen=True, kw_only=True):
    request_id: Name


class Place(Sent, frozen=True, kw_only=True):
    """Unit: degrees WGS 84, as decimal strings."""

    level: Name | None = None
    lon: Degrees
    lat: Degrees


class Move(Sent, frozen=True, kw_only=True):
    request_id: Name
    thing: Name
    place: Place


@post("/r/{run:str}/world/closures", status_code=200, tags=["world"])
async def close(site: Site, principal: Principal, data: Closure) -> Response[dict[str, Any]]:
    """Close a thing of the venue."""
    require(principal, "world.change")
    async with site.connection() as connection:
        kind = await store.kind_of_place(connection, data.thing)
    answer = await actions.change(
        site,
        principal,
        data.request_id,
        data.thing,
        ["close", msgspec.to_builtins(data)],
        lambda thing, now: rules.close(
            thing,
            kind,
            reason_zh=data.reason.zh,
            reason_en=data.reason.en,
            until=data.until,
            now=now,
            protected=data.protected,
            held=principal.labels,
        ),
    )
    return respond(answer)


@post("/r/{run:str}/world/closures/{thing:str}/reopen", status_code=200, tags=["world"])
async def reopen(site: Site, principal: Principal, thing: Name, data: Reopening) -> Response[dict[str, Any]]:
    """Open a closed thing of the venue again."""
    require(principal, "world.change")
    answer = await actions.change(
        site,
        principal,
        data.request_id,
        thing,
        ["reopen", thing],
        lambda found, now: rules.reopen(found, principal.labels),
    )
    return respond(answer)


@post("/r/{run:str}/world/moves", status_code=200, tags=["world"])
async def move(site: Site, principal: Principal, data: Move) -> Response[dict[str, Any]]:
    """Say that a thing stands elsewhere now."""
    require(principal, "world.change")
    async with site.connection() as connection:
        kind = await store.kind_of_place(connection, data.thing)
    answer = await actions.change(
        site,
        principal,
        data.request_id,
        data.thing,
        ["move", msgspec.to_builtins(data)],
        lambda thing, now: rules.move(thing, kind, level=data.place.level, lon=data.place.lon, lat=data.place.lat),
    )
    return respond(answer)


HANDLERS = (close, reopen, move)

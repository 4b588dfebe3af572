# SPDX-License-Identifier: Apache-2.0
"""Passages over HTTP by an opaque holder, and figures. The first form of a lane: `redeem.py` takes its place."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import Body

from fourleaf.engines.admission import actions, figures, store
from fourleaf.engines.admission.facts import Direction
from fourleaf.kernel.figure import Figure
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import device, require, respond, sentence
from fourleaf.ui.sent import Sent, asked

_ROOM = Path(__file__).parents[1]

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]


class Passage(Sent, frozen=True, kw_only=True):
    """Someone holds a credential to a lane. The lane is the one the token belongs to."""

    request_id: Name
    holder: Name
    direction: Direction
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]


@post("/r/{run:str}/admission/passages", status_code=200, tags=["admission"])
async def passage(site: Site, principal: Principal, data: Annotated[Passage, Body()]) -> Response[dict[str, Any]]:
    """Decide one passage. The same request_id with the same input gets the first answer again."""
    lane = device(principal, "lane")
    answer = await actions.attempt(
        site,
        principal,
        request_id=data.request_id,
        holder=data.holder,
        lane=lane,
        direction=data.direction,
        at=data.occurred_at,
    )
    return respond(answer, with_message)


def with_message(value: dict[str, Any]) -> dict[str, Any]:
    key = f"refusal.{value['code']}" if value["code"] else f"decision.{value['decision']}"
    return value | {"message": sentence(_ROOM, key)}


@get("/r/{run:str}/admission/figures.json", tags=["admission"])
async def figures_json(
    site: Site,
    principal: Principal,
    day: date,
    happened_by: Annotated[datetime, msgspec.Meta(tz=True)] | None = None,
    known_by: Annotated[datetime, msgspec.Meta(tz=True)] | None = None,
) -> list[Figure]:
    """Entries and persons inside of one show day, as of two times: what had happened by one, and was known by the other."""
    require(principal, "admission.figures")
    now = await site.now()
    happened, known = asked(happened_by, "happened_by") or now, asked(known_by, "known_by") or now
    async with site.connection() as connection:
        facts = await store.passages(connection, site.journal.kinds, site.run.run, happened_by=happened, known_by=known)
    return [
        figures.entries(facts, day, happened_by=happened, known_by=known),
        figures.inside(facts, happened_by=happened, known_by=known),
    ]


HANDLERS = (passage, figures_json)

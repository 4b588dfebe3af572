# SPDX-License-Identifier: Apache-2.0
"""Admission over HTTP: lanes post passages."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import Body

from fourleaf.engines.admission import actions
from fourleaf.engines.admission.facts import Direction
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused, answered, device, sentence

_ROOM = Path(__file__).parent

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]


class Passage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
    if isinstance(answer, Refusal):
        raise Refused(answer)
    value = dict(answer.value)
    key = f"refusal.{value['code']}" if value["code"] else f"decision.{value['decision']}"
    return answered(value | {"message": sentence(_ROOM, key)}, replayed=answer.replayed)


HANDLERS = (passage,)

# SPDX-License-Identifier: Apache-2.0
"""Readings over HTTP: the same message as over MQTT, with the secret of the device as bearer token."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.exceptions import PermissionDeniedException
from litestar.params import Dependency

from fourleaf.engines.sensing import actions, store
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """Unit: values (of hall doors: minutes). refused: reason -> how many; ask: what the device is to do, as `self-test`."""

    accepted: int
    duplicates: int
    refused: dict[str, int]
    ask: list[str]


@post("/r/{run:str}/sensing/readings", status_code=200, tags=["sensing"])
async def readings(
    site: Site,
    principal: Principal,
    request: Request[Any, Any, Any],
    wall: Annotated[Callable[[], datetime], Dependency(skip_validation=True)],
    flows: Annotated[actions.Flows, Dependency(skip_validation=True)],
) -> Answered:
    """Take readings of the device the token belongs to: an object or a list of them, at most 16 KB."""
    if "device" not in principal.roles:
        raise PermissionDeniedException("only a device may do this")
    body = await request.body()
    await let_through(flows, site, principal.id, len(body))
    taken = await actions.take_in(site, [actions.Message(site.run.run, principal.id, body, wall())])
    flows.said(site, principal.id, taken.kept + taken.doubled + sum(taken.refused.values()))
    for reason in taken.refused:
        _refuse_whole(reason, principal.id)
    async with site.connection() as connection:
        device = await store.device(connection, principal.id)
    ask = ["self-test"] if device.test_asked_at is not None else []
    return Answered(accepted=taken.kept, duplicates=taken.doubled, refused=taken.refused, ask=ask)


async def let_through(flows: actions.Flows, site: Site, device: str, size: int) -> None:
    """Raises: Refused, 429, when the device says more than its type has to say."""
    wait = await flows.ask(site, device, size)
    if wait:
        raise Refused(Refusal("sensing.flooding", {"seconds": wait}), 429, {"Retry-After": str(wait)})


def _refuse_whole(reason: str, name: str) -> None:
    """Of a message that was refused whole there is nothing to answer but why.

    Raises: Refused
    """
    match reason:
        case "oversize":
            raise Refused(Refusal("sensing.oversize"), 413)
        case "malformed":
            raise Refused(Refusal("sensing.malformed"))
        case "revoked":
            raise Refused(Refusal("sensing.revoked"))
        case "unknown-device":
            raise Refused(Refusal("sensing.unknown-device", {"device": name}))


HANDLERS = (readings,)

# SPDX-License-Identifier: Apache-2.0
"""Devices over HTTP: what there is, how one enrols, reports, and is revoked."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import Dependency

from fourleaf.engines.sensing import actions, rules, store
from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.rules.health import Health
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused, require, respond
from fourleaf.ui.sent import Sent

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
DeviceName = Annotated[str, msgspec.Meta(min_length=1, max_length=110, pattern=r"^[a-z][a-z0-9_-]*:[A-Za-z0-9._-]+$")]
# Gives something fresh and random.
Mint = Annotated[Callable[[], str], Dependency(skip_validation=True)]
# What time it is on the wall, and the address that a request comes from as far as our own proxies tell.
Wall = Annotated[Callable[[], datetime], Dependency(skip_validation=True)]
Address = Annotated[str, Dependency(skip_validation=True)]
_DEVICE = "/r/{run:str}/sensing/devices/{device:str}"


class Asking(Sent, frozen=True, kw_only=True):
    request_id: Name


class Revocation(Sent, frozen=True, kw_only=True):
    request_id: Name
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Enrolment(Sent, frozen=True, kw_only=True):
    """code: as the office gave it; dashes and small letters do not matter. secret: one that the device has made and kept already."""

    code: Annotated[str, msgspec.Meta(min_length=12, max_length=40)]
    secret: Annotated[str, msgspec.Meta(min_length=43, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")] | None = None


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """The secret is told this once. Over HTTP it is the bearer token; over MQTT the password of the user `<run>/<device>`."""

    device: str
    secret: str
    readings: str
    topic: str


def may_keep(principal: Principal, type: DeviceType) -> bool:
    """The one check of everything that is done to a device."""
    return "sensing.keep" in principal.permissions and visible(type.keep, principal.labels)


async def check_keeper(site: Site, principal: Principal, device: str) -> None:
    """Who keeps devices keeps those of his. A device that nobody listed is for the rules to refuse.

    Raises: NotFoundException where he may not see it; PermissionDeniedException
    """
    require(principal, "sensing.keep")
    async with site.connection() as connection:
        found, types = await store.device(connection, device), await store.devices.types(connection)
    type = types.get(found.device_type)
    if type is not None and not visible(type.see, principal.labels):
        raise NotFoundException(device)
    if type is not None and not may_keep(principal, type):
        raise PermissionDeniedException("only some may keep these devices")


@get("/r/{run:str}/sensing/devices.json", tags=["sensing"])
async def devices_json(site: Site, principal: Principal) -> list[Health]:
    """Every device that one may see: whether it may speak, when it last did, and what was refused of it."""
    now = await site.now()
    async with site.connection() as connection:
        return await store.listing.healths(connection, principal.labels, now)


@get(f"{_DEVICE}/health.json", tags=["sensing"])
async def device_json(site: Site, principal: Principal, device: DeviceName) -> Health:
    """One device: whether it may speak, when it last did, and what was refused of it."""
    now = await site.now()
    async with site.connection() as connection:
        found = await store.listing.healths(connection, principal.labels, now, [device])
    if not found:
        raise NotFoundException(device)
    return found[0]


@post(f"{_DEVICE}/code", status_code=200, tags=["sensing"], needs_proof=True)
async def code(
    site: Site, principal: Principal, device: DeviceName, data: Asking, mint: Mint
) -> Response[dict[str, Any]]:
    """Make a one-time code for a device. It is told this once; a request that is repeated is not told it again."""
    await check_keeper(site, principal, device)
    fresh = rules.devices.code_of(mint())
    answer = await actions.issue_code(site, principal, data.request_id, device, fresh)
    replayed = getattr(answer, "replayed", False)
    return respond(answer, lambda said: {**said, "code": None if replayed else fresh})


@post(f"{_DEVICE}/enrol", status_code=200, tags=["sensing"])
async def enrol(
    site: Site, run: str, device: DeviceName, data: Enrolment, mint: Mint, address: Address, wall: Wall
) -> Enrolled:
    """Give a device a secret of its own for its one-time code, once.

    A device that brings the secret it made may ask again: an answer that was lost costs no new code.
    """
    tried = await actions.begin_try(site, device, address, wall())
    if isinstance(tried, Refusal):
        raise Refused(tried, 429, {"Retry-After": str(tried.detail["seconds"])})
    secret = data.secret or mint()
    if not (data.secret and await actions.is_enrolled(site, device, data.secret)):
        respond(await actions.enrol(site, device, data.code, secret=secret, request_id=mint()))
    await actions.was_right(site, tried)
    return Enrolled(device=device, secret=secret, readings=f"/r/{run}/sensing/readings", topic=f"d/{run}/{device}/r")


@post(f"{_DEVICE}/revoke", status_code=200, tags=["sensing"])
async def revoke(site: Site, principal: Principal, device: DeviceName, data: Revocation) -> Response[dict[str, Any]]:
    """Let a device speak no more; it may enrol again with a new code."""
    await check_keeper(site, principal, device)
    return respond(await actions.revoke(site, principal, data.request_id, device, data.reason))


@post(f"{_DEVICE}/self-test", status_code=200, tags=["sensing"])
async def self_test(site: Site, principal: Principal, device: DeviceName, data: Asking) -> Response[dict[str, Any]]:
    """Ask a device to test itself; it is told with the answer to its next report."""
    await check_keeper(site, principal, device)
    return respond(await actions.ask_for_test(site, principal, data.request_id, device))


HANDLERS = (devices_json, device_json, code, enrol, revoke, self_test)

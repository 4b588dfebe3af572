# SPDX-License-Identifier: Apache-2.0
"""Devices on the desk: how each is, one of them with its readings, and codes, revocations and self-tests."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import segno
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException

from fourleaf.engines.sensing import actions, rules, store
from fourleaf.engines.sensing.rules.health import Health
from fourleaf.engines.sensing.web.devices import DeviceName, Mint, check_keeper, may_keep
from fourleaf.faces.desk import device_lists
from fourleaf.faces.desk.device_lists import Asked
from fourleaf.faces.desk.pages import ROOM, shell
from fourleaf.faces.desk.said import said
from fourleaf.faces.desk.visits import Form, led, once
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer
from fourleaf.postgres.journal import Site
from fourleaf.ui.pages import Page

_AT = "/r/{run:str}/desk/devices"
_DONE = ("revoke", "self-test")
# So many readings stand in the table below the charts.
LISTED = 60


@get(_AT, include_in_schema=False)
async def table(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Request[Any, Any, Any]
) -> Response[str]:
    """Every device that one may see: filtered, sorted, page by page."""
    said = {key: value for key, value in request.query_params.items() if key not in ("lang", "done") and value}
    asked, every = Asked.of(said), await _healths(site, principal)
    found = device_lists.chosen(every, asked)
    first = (asked.page - 1) * asked.size
    return page.html(
        ROOM,
        "devices.html",
        **await shell(site, principal, run_info, "devices"),
        every=every,
        counts=device_lists.counts(every),
        types={one.device_type: one.type_name for one in every},
        found=found[first : first + asked.size],
        first=first,
        total=len(found),
        asked=asked,
        shapes=device_lists.SHAPES,
        sizes=device_lists.SIZES,
        may_keep="sensing.keep" in principal.permissions,
        address=lambda **changes: "?" + urlencode({k: v for k, v in {**said, **changes}.items() if v is not None}),
    )


@get(f"{_AT}/{{device:str}}", include_in_schema=False)
async def one(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], device: DeviceName, done: str = ""
) -> Response[str]:
    """One device: how it is, what it said of late, and what may be done with it."""
    return await _page(site, principal, page, run_info, device, done=done if done in _DONE else "")


@post(f"{_AT}/{{device:str}}/{{what:str}}", include_in_schema=False, needs_proof={"what": ["code"]})
async def act(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    request: Request[Any, Any, Any],
    device: DeviceName,
    what: str,
    mint: Mint,
) -> Response[Any]:
    """Issue a code, which is shown once; revoke; ask for a self-test."""
    await check_keeper(site, principal, device)
    form = await Form.of(request)
    asked, code = form.request(device, what), ""
    match what:
        case "code":
            code = rules.devices.code_of(mint())
            answer = await actions.issue_code(site, principal, asked, device, code)
        case "revoke":
            answer = await actions.revoke(site, principal, asked, device, form["reason"][:200])
        case "self-test":
            answer = await actions.ask_for_test(site, principal, asked, device)
        case _:
            raise NotFoundException(what[:20])
    if code and isinstance(answer, Answer):
        return await _page(site, principal, page, run_info, device, code=once(answer, code))

    async def again(refusal: Refusal) -> Response[str]:
        return await _page(site, principal, page, run_info, device, refusal=refusal)

    return await led(answer, f"../{quote(device)}?done={what}", again)


async def _healths(site: Site, principal: Principal, names: list[str] | None = None) -> list[Health]:
    now = await site.now()
    async with site.connection() as connection:
        return await store.listing.healths(connection, principal.labels, now, names)


async def _page(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    name: str,
    *,
    done: str = "",
    refusal: Refusal | None = None,
    code: str | None = "",
) -> Response[str]:
    """code: to be shown once; None: it was shown already.

    Raises: NotFoundException
    """
    found = await _healths(site, principal, [name])
    if not found:
        raise NotFoundException(name)
    health, now = found[0], await site.now()
    async with site.connection() as connection:
        type = (await store.devices.types(connection))[health.device_type]
        if type.counts:
            samples = await store.listing.recent_counts(connection, health.thing, now)
        else:
            samples = await store.listing.recent(connection, name, now)
    picture = f"fourleaf {site.run.run} {name} {code}"
    return page.html(
        ROOM,
        "device.html",
        status_code=422 if refusal else 200,
        # What is shown once is kept by no browser.
        headers={"Cache-Control": "no-store"},
        **await shell(site, principal, run_info, "devices"),
        device=health,
        type=type,
        charts=device_lists.charts(type, samples, now),
        size=(device_lists.WIDTH, device_lists.HEIGHT),
        samples=samples[:LISTED],
        shapes=device_lists.SHAPES,
        may_keep=may_keep(principal, type),
        wrong=said(refusal),
        done=done,
        code=code,
        hours=rules.devices.CODE_VALID_S // 3600,
        picture=segno.make(picture, error="m").svg_inline(omitsize=True, dark="#000", light="#fff") if code else "",
    )


HANDLERS = (table, one, act)

# SPDX-License-Identifier: Apache-2.0
"""Closures on the desk: what is closed now, since when and until when; closing and reopening things of the venue."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.exceptions import PermissionDeniedException

from fourleaf.engines.world import actions, rules, store
from fourleaf.engines.world.picture import CLOSURES_FOR, UNTOLD, Named
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk.pages import ROOM, shell
from fourleaf.faces.desk.said import said
from fourleaf.faces.desk.visits import Form, led
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require
from fourleaf.ui.pages import Page
from fourleaf.ui.sent import moment

_AT = "/r/{run:str}/desk/closures"
LONGEST = 200


@get(_AT, include_in_schema=False)
async def table(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], done: str = ""
) -> Response[str]:
    """Everything that is closed, and the form to close something."""
    return await _page(site, principal, page, run_info, done=done if done in ("closed", "reopened") else "")


@post(_AT, include_in_schema=False)
async def close(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    request: Request[Any, Any, Any],
) -> Response[Any]:
    """Close a thing. A reason in one language stands for both; at night nobody translates."""
    require(principal, "world.change")
    form = await Form.of(request)
    thing, zh, en = (_line(form[name]) for name in ("thing", "reason_zh", "reason_en"))
    until = _moment(form["until"], site.run.zone)
    answer: Any = Refusal("world.no-such-moment", {}, "until")
    if until is not None or not form["until"]:
        async with site.connection() as connection:
            kind = await store.kind_of_place(connection, thing)
        answer = await actions.change(
            site,
            principal,
            form.request(thing, "close"),
            thing,
            ["close", thing, zh, en, form["until"], form["protected"]],
            lambda found, now: rules.close(
                found,
                kind,
                reason_zh=zh or en,
                reason_en=en or zh,
                until=until,
                now=now,
                protected=form["protected"],
                held=principal.labels,
            ),
        )

    async def again(refusal: Refusal) -> Response[str]:
        return await _page(site, principal, page, run_info, refusal=refusal, form=form)

    return await led(answer, "closures?done=closed", again)


@post(f"{_AT}/{{thing:str}}/reopen", include_in_schema=False)
async def reopen(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    request: Request[Any, Any, Any],
    thing: Name,
) -> Response[Any]:
    """Open it again."""
    require(principal, "world.change")
    form = await Form.of(request)
    asked = form.request(thing, "reopen")
    answer = await actions.change(
        site, principal, asked, thing, ["reopen", thing], lambda found, now: rules.reopen(found, principal.labels)
    )

    async def again(refusal: Refusal) -> Response[str]:
        return await _page(site, principal, page, run_info, refusal=refusal)

    return await led(answer, "../../closures?done=reopened", again)


def _line(text: str) -> str:
    """One line of what was typed, without signs that nobody sees."""
    return "".join(sign for sign in text if sign.isprintable()).strip()[:LONGEST]


def _moment(text: str, zone: str) -> datetime | None:
    """What a field of the browser says of a day and an hour, on the clock of the edition."""
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return moment(found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    return None


async def _page(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    *,
    done: str = "",
    refusal: Refusal | None = None,
    form: Form | None = None,
) -> Response[str]:
    """Raises: PermissionDeniedException"""
    if not visible(CLOSURES_FOR, principal.labels):
        raise PermissionDeniedException("closures are for the office")
    every = await shell(site, principal, run_info, "closures")
    async with site.connection() as connection:
        found = await store.changed(connection, None, every["now"])
        places = await store.places(connection, rules.CLOSABLE)
    return page.html(
        ROOM,
        "closures.html",
        status_code=422 if refusal else 200,
        **every,
        closed=sorted((one for one in found.values() if one.thing.closed), key=_since),
        places=places,
        may_read=lambda one: rules.may_read(one.thing, principal.labels),
        untold=UNTOLD,
        protections=rules.protections(principal.labels),
        form=form,
        nonce_of_form=form.nonce if form else page.nonce,
        may_change="world.change" in principal.permissions,
        wrong=said(refusal),
        wrong_field=refusal.field if refusal else None,
        done=done,
        longest=LONGEST,
    )


def _since(one: Named) -> datetime:
    assert one.thing.closed_at is not None
    return one.thing.closed_at


HANDLERS = (table, close, reopen)

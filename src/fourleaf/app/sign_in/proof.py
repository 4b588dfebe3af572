# SPDX-License-Identifier: Apache-2.0
"""Proof: whoever gives out credentials shows his own anew, at most ten minutes before: a session alone is not enough.

A handler says so by `needs_proof`: True, or the values of a path parameter that need it. The form that was sent waits in the
page that asks: the browser is told to send it there (307), and from there it goes where it was meant for; by way of another
sign-in service too.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from fourleaf.app.sign_in import door, forms, waiting
from fourleaf.app.sign_in.forms import ROOM, Anything, field
from fourleaf.app.sign_in.own_pages import acting, counted, key_of, signed_in
from fourleaf.app.sign_in.standing import Who
from fourleaf.app.sign_in.waiting import HOLDS, PATH, Fields, Waiting
from fourleaf.engines.people import rules
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins, sessions
from fourleaf.ui.answers import Refused
from fourleaf.ui.pages import Page

Office = Any
# Before the name of a field of the form that waits.
KEPT = "kept:"
Needed = bool | Mapping[str, Collection[str]]


async def check_proof(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Devices prove themselves with every request; unsigned on a loopback address there is nothing to prove with.

    Raises: Refused
    """
    if not _is_needed(handler.opt.get("needs_proof", False), connection.path_params):
        return
    who: Who | None = getattr(connection.state, "who", None)
    if who is not None and not _holds(who):
        raise Refused(Refusal("request.prove-again"), 403)


def _is_needed(needed: Needed, given: Mapping[str, Any]) -> bool:
    return needed if isinstance(needed, bool) else any(given.get(name) in some for name, some in needed.items())


def _holds(who: Who) -> bool:
    proved = who.session.proved_at
    return proved is not None and datetime.now(UTC) - proved < HOLDS


def asking(request: Request[Any, Any, Any]) -> Response[Any]:
    """Lead to the page that asks who it is; a form comes along."""
    said = {"next": page_before(request)}
    if request.method == "GET":
        return Redirect(f"{PATH}?{urlencode(said)}", status_code=303)
    said["again"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Redirect(f"{PATH}?{urlencode(said)}", status_code=307)


def page_before(request: Request[Any, Any, Any]) -> str:
    """The page whose form was sent, or that was asked for."""
    if request.method == "GET":
        return request.url.path
    came = urlsplit(request.headers.get("referer", ""))
    return forms.way_back(came.path) if came.netloc == request.headers.get("host") else "/account"


@get(PATH, include_in_schema=False)
async def prove_page(office: Office, request: Anything, page: Page, next: str = "") -> Response[str]:
    """The form that asks who it is."""
    return await _page(office, signed_in(request), page, Waiting.of(next))


@get(f"{PATH}/{{nonce:str}}", include_in_schema=False)
async def come_back(office: Office, request: Anything, page: Page) -> Response[Any]:
    """From another service: the form that waits goes on."""
    who = signed_in(request)
    form = waiting.carried(office, request, who)
    if form is None:
        return forms.see("/account")
    if not _holds(who):
        return await _page(office, who, page, form)
    answer = page.html(ROOM, "proved.html", waiting=form)
    answer.cookies.append(waiting.gone(office))
    return answer


@post(PATH, include_in_schema=False)
async def prove(office: Office, request: Anything, page: Page, next: str = "", again: str = "") -> Response[Any]:
    """Look at what a sign-in asks for: the password, and a one-time code where they are set up. Wrong ones are counted as
    everywhere.

    again: where the form was sent that comes along from a page; then nobody has shown anything yet.
    """
    who = await acting(request)
    if again:
        return await _page(office, who, page, Waiting.of(next, again, await _fields(request)))
    form = Waiting.of(await field(request, "next", 600), await field(request, "again", 600), await _kept(request))
    refusal = await counted(office, who)
    if refusal is None and not await _is_right(office, who, request):
        refusal = rules.wrong_sign_in()
    if refusal is not None:
        return await _page(office, who, page, form, refusal)
    pool = await office.pools.of(None)
    async with pool.connection() as connection:
        await logins.forgive(connection, key_of(who))
        await sessions.prove(connection, who.session.id, datetime.now(UTC))
    return page.html(ROOM, "proved.html", waiting=form) if form.again else forms.see(form.back)


async def _fields(request: Anything) -> Fields:
    """What a form says; without files, which no form here has, and without what proves that it is ours."""
    sent = (await request.form()).multi_items()
    return [(key, value) for key, value in sent if isinstance(value, str) and key != "csrf"]


async def _kept(request: Anything) -> Fields:
    return [(key.removeprefix(KEPT), value) for key, value in await _fields(request) if key.startswith(KEPT)]


async def _is_right(office: Office, who: Who, request: Anything) -> bool:
    site = await office.site(who.session.run, writing=True)
    async with site.connection() as connection:
        login = await logins.by_account(connection, who.session.run, who.session.account)
    if login is None:
        return False
    given = rules.plain_password((await field(request, "password", 1000))[: rules.LONGEST * 2])
    right: bool = await office.passwords.right(login.password, given)
    return right and await door.is_code_right(office, site, login, await field(request, "code", 20), datetime.now(UTC))


async def _page(
    office: Office, who: Who, page: Page, form: Waiting, refusal: Refusal | None = None
) -> Response[str]:  # fmt: skip
    pool = await office.pools.of(None)
    async with pool.connection() as connection:
        login = await logins.by_account(connection, who.session.run, who.session.account)
    there, cookies = waiting.carry(office, who, form)
    answer = page.html(
        ROOM,
        "prove.html",
        status_code=422 if refusal else 200,
        who=who,
        waiting=form,
        there=there,
        carried=bool(cookies),
        kept=KEPT,
        has_password=login is not None and login.password is not None,
        has_codes=login is not None and login.totp is not None,
        oidc=office.oidc is not None,
        wrong=forms.told(refusal, page.lang),
    )
    answer.cookies.extend(cookies)
    return answer


HANDLERS = (prove_page, come_back, prove)

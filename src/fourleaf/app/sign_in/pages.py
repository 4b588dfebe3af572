# SPDX-License-Identifier: Apache-2.0
"""The pages of the door: sign in with a password or a card, sign out."""

from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post

from fourleaf.app.sign_in import door, forms
from fourleaf.app.sign_in.door import Entered, Given
from fourleaf.app.sign_in.forms import ROOM, Anything, field
from fourleaf.app.sign_in.gate import Cookies, check_csrf, who_of
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import sessions
from fourleaf.ui.answers import Refused
from fourleaf.ui.pages import Page

Office = Any


@get("/sign-in", include_in_schema=False)
async def sign_in_page(office: Office, request: Anything, page: Page, next: str = "", run: str = "") -> Response[str]:
    """The form. Says so when a session has just ended."""
    return await form(office, request, page, back=next, run=run)


@post("/sign-in", include_in_schema=False)
async def sign_in(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Try a login name, a password and a code."""
    await forms.check_form(request, Cookies(office.settings))
    back, run = await field(request, "next", 600), await field(request, "run", 64)
    given = Given(
        name=await field(request, "login", 200),
        password=await field(request, "password", 1000),
        code=await field(request, "code", 20),
        address=forms.address_of(request, office.settings),
        about=forms.about(request),
    )
    site = await office.site(await live(office, run), writing=True)
    entered = await door.by_password(office, site, given)
    if isinstance(entered, Refusal):
        return await form(office, request, page, back=back, run=run, refusal=entered, name=given.name)
    return await enter(office, request, entered, "/account" if entered.temporary else forms.way_back(back))


@get("/sign-in/card", include_in_schema=False)
async def card_page(office: Office, request: Anything, page: Page) -> Response[str]:
    """For shared devices: a scanner types the card into the one field; a camera opens this address with it."""
    return _card_form(office, request, page, None)


@post("/sign-in/card", include_in_schema=False)
async def sign_in_by_card(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Try a card."""
    await forms.check_form(request, Cookies(office.settings))
    card = (await field(request, "card", 400)).strip().rpartition("#")[2]
    run = card.rpartition(".")[0]
    site = await office.site(await live(office, run), writing=True)
    entered = await door.by_card(site, card, forms.address_of(request, office.settings), forms.about(request))
    if isinstance(entered, Refusal):
        return _card_form(office, request, page, entered)
    return await enter(office, request, entered, "/")


@post("/sign-out", include_in_schema=False)
async def sign_out(office: Office, request: Anything) -> Response[Any]:
    """End this session, here and on the server."""
    cookies, who = Cookies(office.settings), who_of(request)
    if who:
        await check_csrf(request, request.state.csrf)
        await _end(office, who.session)
    gone = forms.cookie(cookies.session, "", secure=cookies.secure, gone=True)
    return forms.forgetting(forms.see("/sign-in", [gone]))


async def enter(office: Office, request: Anything, entered: Entered, path: str) -> Response[Any]:
    """A new session in the place of whatever this browser had."""
    cookies, before = Cookies(office.settings), who_of(request)
    answer = forms.see(
        path,
        [
            forms.cookie(cookies.session, entered.token, secure=cookies.secure),
            forms.cookie(cookies.form, "", secure=cookies.secure, gone=True),
        ],
    )
    if before is None:
        return answer
    await _end(office, before.session)
    return forms.forgetting(answer)


async def _end(office: Office, session: sessions.Session) -> None:
    pool = await office.pools.of(None)
    async with pool.connection() as connection:
        await sessions.revoke(connection, session.run, session.account, datetime.now(UTC), only=session.id)


async def live_runs(office: Office) -> list[Any]:
    """Editions at work, newest first: accounts belong to them."""
    await office.directory.refresh()
    return [beat.run for beat in office.directory.listed() if beat.run.kind == "live"]


async def live(office: Office, run: str) -> str:
    """The edition that was asked for, or the newest. Raises: Refused where there is none."""
    names = [found.run for found in await live_runs(office)]
    if not names:
        raise Refused(Refusal("request.not-found"), 404)
    return run if run in names else names[0]


async def form(
    office: Office,
    request: Anything,
    page: Page,
    *,
    back: str,
    run: str,
    refusal: Refusal | None = None,
    name: str = "",
) -> Response[str]:
    csrf, set_cookies = forms.form_token(request, Cookies(office.settings))
    editions = [found.run for found in await live_runs(office)]
    asked = back.split("/")[2].partition(".r")[0] if back.startswith("/r/") else ""
    answer = page.html(
        ROOM,
        "sign-in.html",
        status_code=status_of(refusal),
        editions=editions,
        oidc=office.oidc is not None,
        chosen=run if run in editions else asked,
        back=forms.way_back(back),
        csrf=csrf,
        ended=request.state.ended and refusal is None,
        wrong=forms.told(refusal, page.lang),
        login=name[:64],
    )
    answer.cookies.extend(set_cookies)
    return forms.forgetting(answer) if request.state.ended else answer


def _card_form(office: Office, request: Anything, page: Page, refusal: Refusal | None) -> Response[str]:
    csrf, set_cookies = forms.form_token(request, Cookies(office.settings))
    wrong = forms.told(refusal, page.lang)
    answer = page.html(ROOM, "card-in.html", status_code=status_of(refusal), csrf=csrf, wrong=wrong)
    answer.cookies.extend(set_cookies)
    return forms.forgetting(answer) if request.state.ended else answer


def status_of(refusal: Refusal | None) -> int:
    if refusal is None:
        return 200
    return 429 if refusal.code == "people.locked" else 422


HANDLERS = (sign_in_page, sign_in, card_page, sign_in_by_card, sign_out)

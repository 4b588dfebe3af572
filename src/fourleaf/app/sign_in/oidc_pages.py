# SPDX-License-Identifier: Apache-2.0
"""The way to another sign-in service and back: to enter, or to link it to one's own account."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from litestar import Response, get
from litestar.datastructures import Cookie

from fourleaf.app.sign_in import forms, oidc, pages, vouched
from fourleaf.app.sign_in.forms import Anything
from fourleaf.app.sign_in.gate import Cookies, who_of
from fourleaf.app.sign_in.oidc import Asked, Identity
from fourleaf.app.sign_in.sealed import SealedAway
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused
from fourleaf.ui.pages import Page

Office = Any
# As long as somebody may take over there.
LASTS = timedelta(minutes=10)
_ABOUT = "oidc"


class _Kept(msgspec.Struct, frozen=True):
    until: datetime
    asked: Asked


@get("/sign-in/oidc", include_in_schema=False)
async def go_there(
    office: Office, request: Anything, page: Page, next: str = "", run: str = "", anew: bool = False
) -> Response[Any]:
    """Send somebody to the other service. anew: he has to show there who he is, even if it knows him."""
    live, since = await pages.live(office, run), int(datetime.now(UTC).timestamp())
    asked = Asked.new(live, forms.way_back(next[:600]), anew_since=since if anew else None)
    return await _send(office, request, page, asked)


@get("/account/identity", include_in_schema=False, needs_proof=True)
async def link_identity(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Send somebody there whose account is to be opened by it from now on.

    A GET: browsers hold a form to this site, through every redirect. Only our own page may lead here.
    """
    who = who_of(request)
    if who is None:
        raise Refused(Refusal("request.sign-in"), 401)
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Refused(Refusal("request.foreign-origin"), 403)
    return await _send(office, request, page, Asked.new(who.session.run, "/account", who.session.id))


@get("/sign-in/oidc/back", include_in_schema=False)
async def come_back(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Take what the other service sent, once."""
    asked = _asked(office, request)
    if asked is None:
        return await _refused(office, request, page, Refusal("people.not-vouched"))
    state, code, issuer = (request.query_params.get(name, "")[:2000] for name in ("state", "code", "iss"))
    try:
        identity = await _service(office).identity(asked, state=state, code=code, issuer=issuer)
    except oidc.NotVouched:
        return await _refused(office, request, page, Refusal("people.not-vouched"))
    except oidc.NoService:
        return await _refused(office, request, page, Refusal("people.no-service"))
    return await _take(office, request, page, asked, identity)


async def _take(office: Office, request: Anything, page: Page, asked: Asked, identity: Identity) -> Response[Any]:
    site = await office.site(await pages.live(office, asked.run), writing=True)
    if not asked.link:
        entered = await vouched.enter(site, identity, forms.about(request))
        if isinstance(entered, Refusal):
            return await _refused(office, request, page, entered)
        answer = await pages.enter(office, request, entered, asked.back)
    else:
        who = who_of(request)
        if who is None or who.session.id != asked.link:
            return await _refused(office, request, page, Refusal("people.not-vouched"))
        refusal = await vouched.link(site, who.session.account, identity)
        if refusal:
            return await _refused(office, request, page, refusal)
        answer = forms.see("/account?done=linked")
    answer.cookies.append(_cookie(office, "", gone=True))
    return answer


async def _send(office: Office, request: Anything, page: Page, asked: Asked) -> Response[Any]:
    try:
        there = await _service(office).where(asked)
    except oidc.NoService:
        return await _refused(office, request, page, Refusal("people.no-service"))
    kept = msgspec.json.encode(_Kept(datetime.now(UTC) + LASTS, asked))
    sealed = base64.urlsafe_b64encode(office.seal.close(kept, _ABOUT)).decode()
    return forms.see(there, [_cookie(office, sealed)])


def _asked(office: Office, request: Anything) -> Asked | None:
    """What this browser was sent away with, unless that is too long ago."""
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(_name(office), ""))
        kept = msgspec.json.decode(office.seal.open(sealed, _ABOUT), type=_Kept)
    except (SealedAway, binascii.Error, ValueError):
        return None
    return kept.asked if kept.until > datetime.now(UTC) else None


async def _refused(office: Office, request: Anything, page: Page, refusal: Refusal) -> Response[Any]:
    answer = await pages.form(office, request, page, back="", run="", refusal=refusal)
    answer.cookies.append(_cookie(office, "", gone=True))
    return answer


def _service(office: Office) -> oidc.Oidc:
    """Raises: Refused where none is set up"""
    if office.oidc is None:
        raise Refused(Refusal("request.not-found"), 404)
    found: oidc.Oidc = office.oidc
    return found


def _name(office: Office) -> str:
    return f"{Cookies(office.settings).form}-oidc"


def _cookie(office: Office, value: str, *, gone: bool = False) -> Cookie:
    return forms.cookie(_name(office), value, secure=Cookies(office.settings).secure, gone=gone)


HANDLERS = (go_there, link_identity, come_back)

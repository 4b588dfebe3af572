# SPDX-License-Identifier: Apache-2.0
"""Gate: who is behind a request, by the cookie it carries; and what may be asked without signing in."""

import re
from typing import Any

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.standing import Who, csrf_of, same
from fourleaf.engines.people.declares import SEES
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused
from fourleaf.ui.pages import SignedIn

# Whoever comes may have these: the door itself, what pages are made of, whether we are well, what is public of a run, and
# where a device that has nothing but its one-time code shows it. `/metrics` asks by itself who comes.
OPEN = re.compile(
    r"/sign-in(/.*)?|/static/.*|/healthz|/metrics"
    r"|/r/[^/]+/(clock|venue\.json|picture\.json|stream|sensing/devices/[^/]+/enrol)"
)
# What an open page asks for again and again while nobody touches it: no sign that somebody is there.
_BY_ITSELF = re.compile(
    r"/r/[^/]+/(clock|stream|picture\.json|marks\.json|world/registers(/[^/]+/places\.(geo)?json)?)"
)
_OF_RUN = re.compile(r"/r/([^/]+)/.+")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Cookies:
    """Names of our cookies: browsers keep `__Host-` to this host alone, and to https."""

    def __init__(self, settings: Settings) -> None:
        self.secure = settings.https
        prefix = "__Host-" if self.secure else ""
        self.session, self.form = f"{prefix}fourleaf", f"{prefix}fourleaf-form"


def gate_middleware(settings: Settings) -> Any:
    cookies = Cookies(settings)

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP and not scope["path"].startswith("/static/"):
                request = Request[Any, Any, Any](scope)
                await _greet(request, cookies)
                if settings.requires_sign_in and request.state.who is None and not OPEN.fullmatch(scope["path"]):
                    await _check_device(request)
            await app(scope, receive, send)

        return middleware

    return around


async def _greet(request: Request[Any, Any, Any], cookies: Cookies) -> None:
    """Note who it is, what its forms must carry, and whether a session has ended."""
    token = request.cookies.get(cookies.session)
    # A device says who it is with every request; a cookie beside that counts for nothing.
    if "authorization" in request.headers or not token or len(token) > 100:
        token = None
    who: Who | None = await _who(request, token) if token else None
    request.state.who = who
    request.state.ended = token is not None and who is None
    request.state.csrf = csrf_of(token) if token and who else ""
    request.state.signed_in = _told(who, request.scope["path"]) if who else None


def _told(who: Who, path: str) -> SignedIn:
    """What a page says of him. What he may see is that of his edition, or of the rehearsal of it whose page it is."""
    edition, of_run = who.session.run, _OF_RUN.fullmatch(path)
    run = of_run[1] if of_run and of_run[1].startswith(f"{edition}.r") else edition
    accounts, personal = (_sees_people(who, rehearsal=rehearsal) for rehearsal in (False, run != edition))
    return SignedIn(name=who.session.name, accounts=accounts, personal=f"/r/{run}/desk/personal" if personal else "")


def _sees_people(who: Who, *, rehearsal: bool) -> bool:
    found = who.principal(rehearsal=rehearsal)
    return found is not None and SEES in found.permissions


async def _who(request: Request[Any, Any, Any], token: str) -> Who | None:
    by_itself = request.method == "GET" and _BY_ITSELF.fullmatch(request.scope["path"]) is not None
    found: Who | None = await request.app.state.office.standings.who(token, by_itself=by_itself)
    return found


async def _check_device(request: Request[Any, Any, Any]) -> None:
    """Whoever is not signed in is a device of the run that is asked, by its token; a header alone opens nothing.

    Raises: Refused; NotAuthorizedException
    """
    of_run = _OF_RUN.fullmatch(request.scope["path"])
    token = request.headers.get("authorization")
    if of_run is None or token is None:
        raise Refused(Refusal("request.sign-in"), 401)
    request.state.device = await request.app.state.office.device(of_run[1], token)


async def check_csrf(request: Request[Any, Any, Any], wanted: str) -> None:
    """Whatever changes something must carry what only our own pages know: a field of a form, or a header.

    Raises: Refused
    """
    if request.method in _SAFE:
        return
    told = request.headers.get("x-csrf-token", "")
    if not told and "form" in request.headers.get("content-type", ""):
        told = str((await request.form()).get("csrf", ""))
    if not wanted or not same(told, wanted):
        raise Refused(Refusal("request.foreign-form"), 403)


def who_of(request: Request[Any, Any, Any]) -> Who | None:
    found: Who | None = getattr(request.state, "who", None)
    return found

# SPDX-License-Identifier: Apache-2.0
"""Gate: who is behind a request, by the cookie it carries; and what may be asked without signing in."""

import re
from typing import Any

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.standing import Who, csrf_of, same
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused

# Whoever comes may have these: the door itself, what pages are made of, whether we are well, and what is public of a run.
OPEN = re.compile(r"/sign-in(/.*)?|/static/.*|/healthz|/r/[^/]+/(clock|venue\.json|picture\.json|stream)")
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
                stranger = request.state.who is None and "authorization" not in request.headers
                if stranger and settings.requires_sign_in and not OPEN.fullmatch(scope["path"]):
                    raise Refused(Refusal("request.sign-in"), 401)
            await app(scope, receive, send)

        return middleware

    return around


async def _greet(request: Request[Any, Any, Any], cookies: Cookies) -> None:
    """Note who it is, what its forms must carry, and whether a session has ended."""
    token = request.cookies.get(cookies.session)
    # A device says who it is with every request; a cookie beside that counts for nothing.
    if "authorization" in request.headers or not token or len(token) > 100:
        token = None
    who: Who | None = await request.app.state.office.standings.who(token) if token else None
    request.state.who = who
    request.state.ended = token is not None and who is None
    request.state.csrf = csrf_of(token) if token and who else ""


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

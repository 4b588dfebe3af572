# SPDX-License-Identifier: Apache-2.0
"""Forms: what the pages of sign-in share: fields, safe ways back, cookies, and sentences of refusals."""

import re
import secrets
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.gate import Cookies, check_csrf
from fourleaf.app.sign_in.origin import counted_as, origin
from fourleaf.app.sign_in.standing import csrf_of
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui import words
from fourleaf.ui.format import Lang

ROOM = Path(__file__).parent
Anything = Request[Any, Any, Any]
_PLAIN = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,500}")


def way_back(asked: str) -> str:
    """Where to go afterwards: a path of this server, or the start. Never another site."""
    found = urlsplit(asked) if _PLAIN.fullmatch(asked) else None
    inside = found is not None and not found.scheme and not found.netloc and not asked.startswith("/sign-")
    return asked if inside else "/"


async def field(request: Anything, name: str, most: int = 300) -> str:
    """A field of the form; nothing for a file or a field that is not there."""
    found = (await request.form()).get(name, "")
    return found[:most] if isinstance(found, str) else ""


def form_token(request: Anything, cookies: Cookies) -> tuple[str, list[Cookie]]:
    """What the form of somebody unsigned must carry, and the cookie that proves it."""
    kept = request.cookies.get(cookies.form, "")
    token = kept if re.fullmatch(r"[\w-]{20,60}", kept) else secrets.token_urlsafe(24)
    return csrf_of(token), [cookie(cookies.form, token, secure=cookies.secure)]


async def check_form(request: Anything, cookies: Cookies) -> None:
    """The form comes from the page we gave to this browser. Raises: Refused"""
    kept = request.cookies.get(cookies.form, "")
    await check_csrf(request, csrf_of(kept) if kept else "")


def cookie(name: str, value: str, *, secure: bool, gone: bool = False) -> Cookie:
    return Cookie(
        key=name, value=value, path="/", httponly=True, secure=secure, samesite="lax", max_age=0 if gone else None
    )


def see(path: str, cookies: list[Cookie] | None = None) -> Response[Any]:
    """Look there next, with a GET."""
    return Redirect(path, status_code=303, cookies=cookies or [])


def forgetting(answer: Response[Any]) -> Response[Any]:
    """Have the browser drop what it keeps of our answers: the next one at this device is somebody else, perhaps."""
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def about(request: Anything) -> str:
    """The browser in a few words, so that people know their sessions apart. Printable signs only."""
    agent = request.headers.get("user-agent", "")
    known = [name for name in ("Edg", "Firefox", "Chrome", "Safari", "MicroMessenger") if name in agent]
    system = [name for name in ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux") if name in agent]
    return " · ".join([*known[:1], *system[:1]]) or "?"


def address_of(request: Anything, settings: Settings) -> str:
    """Whose tries are counted together."""
    peer = request.client.host if request.client else None
    return counted_as(origin(peer, request.headers.getall("x-forwarded-for", []), settings.proxies))


def told(refusal: Refusal | None, lang: Lang) -> str:
    """The sentence of a refusal; nothing for none."""
    return _sentences(lang)(f"refusal.{refusal.code}", **refusal.detail) if refusal else ""


@cache
def _sentences(lang: Lang) -> words.Words:
    rooms = (ROOM.parents[1] / "engines" / "people", ROOM.parent, ROOM.parents[1] / "vault")
    return words.read(lang, *(room / "messages" for room in rooms))

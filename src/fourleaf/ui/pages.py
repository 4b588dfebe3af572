# SPDX-License-Identifier: Apache-2.0
"""One page: which language it speaks, and how a template of a room becomes HTML."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from fourleaf.ui import MESSAGES, TEMPLATES, format, words
from fourleaf.ui.format import LANGS, Lang
from fourleaf.ui.static_files import Versioned

COOKIE = "lang"
YEAR_S = 365 * 24 * 3600
# Until a page says another one: the zone of the first editions.
ZONE = "Asia/Shanghai"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. accounts: whether he may see them; personal: where he may see who read personal data, "" for nowhere."""

    name: str
    accounts: bool = False
    personal: str = ""


class Page:
    """What every handler of HTML asks for: the language and the means to answer in it."""

    def __init__(
        self,
        *,
        lang: Lang,
        chosen: bool,
        path: str,
        query: Mapping[str, str],
        nonce: str,
        csrf: str = "",
        signed_in: SignedIn | None = None,
    ) -> None:
        self.lang = lang
        self.chosen = chosen
        self.path = path
        self.query = dict(query)
        self.nonce = nonce
        # Every form of a page carries it in a field `csrf`; scripts send it as `X-CSRF-Token`.
        self.csrf = csrf
        self.signed_in = signed_in

    def html(
        self,
        room: Path,
        template: str,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Response[str]:
        """Answer with `template` of the room (a folder with `templates` and `messages`)."""
        body = (
            _environment(room)
            .get_template(template)
            .render(page=self, lang=self.lang, t=_words(room, self.lang), nonce=self.nonce, **values)
        )
        cookies = [Cookie(key=COOKIE, value=self.lang, max_age=YEAR_S, samesite="lax")] if self.chosen else []
        told = {"Vary": "Accept-Language, Cookie", **(headers or {})}
        return Response(body, media_type=MediaType.HTML, status_code=status_code, cookies=cookies, headers=told)

    def in_language(self, lang: str) -> str:
        """The address of this same place in another language."""
        kept = {key: value for key, value in self.query.items() if key != COOKIE}
        # Of two slashes at its beginning, or one and a backslash, a browser would make another host.
        path = quote("/" + self.path.lstrip("/\\"), safe="/:@!$&'()*+,;=~")
        return f"{path}?{urlencode(kept | {COOKIE: lang})}"

    def pick(self, names: Mapping[str, str]) -> str:
        """The name in the language of the page."""
        return names[self.lang]


async def provide_page(request: Request[Any, Any, Any]) -> Page:
    """Litestar dependency `page`."""
    return page_of(request)


def page_of(request: Request[Any, Any, Any]) -> Page:
    """The page a request asks for."""
    asked = request.query_params.get(COOKIE)
    return Page(
        lang=pick_language(asked, request.cookies.get(COOKIE), request.headers.get("accept-language", "")),
        chosen=asked in LANGS,
        path=request.url.path,
        query={key: value for key, value in request.query_params.items() if isinstance(value, str)},
        nonce=cast(str, getattr(request.state, "csp_nonce", "") or ""),
        csrf=cast(str, getattr(request.state, "csrf", "") or ""),
        signed_in=cast(SignedIn | None, getattr(request.state, "signed_in", None)),
    )


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Does a person look at the answer? Devices and scripts do not ask for HTML."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def problem_page(
    page: Page, status_code: int, said: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Response[str]:
    """What happened and the one thing to do. said: language -> both in one text, for a status without words of its own."""
    happened, *todo = re.split(r"(?<=[.。])\s*", said[page.lang].strip(), maxsplit=1)
    return page.html(
        TEMPLATES.parent,
        "problem.html",
        status_code=status_code,
        headers=headers,
        status=status_code,
        happened=happened,
        todo="".join(todo),
    )


def pick_language(asked: str | None, kept: str | None, accepted: str) -> Lang:
    """The query decides, then the cookie, then the browser's list, then Chinese."""
    for choice in (asked, kept):
        if choice in LANGS:
            return choice
    for part in accepted.split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGS:
            return tag
    return "zh"


@cache
def _environment(room: Path) -> Environment:
    folders = [room / "templates", TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.add_extension(Versioned)
    environment.filters["number"] = format.number
    environment.filters["script_json"] = _script_json
    environment.filters["moment"] = _moment
    environment.filters["dated"] = _dated
    environment.globals["fmt"] = format
    return environment


@cache
def _words(room: Path, lang: Lang) -> words.Words:
    own = [room / "messages"] if (room / "messages").is_dir() and room / "messages" != MESSAGES else []
    return words.read(lang, MESSAGES, *own)


def _moment(value: datetime | str | None, lang: Lang, zone: str = ZONE) -> str:
    """A moment for a table, from a datetime or ISO text; nothing for nothing."""
    if value is None:
        return ""
    return format.moment(datetime.fromisoformat(value) if isinstance(value, str) else value, lang, ZoneInfo(zone))


def _dated(value: datetime | str | None, lang: Lang, zone: str = ZONE) -> str:
    """The same with its year: runs of several years stand in one table."""
    if value is None:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{format.dated(moment, lang, ZoneInfo(zone))} {format.clock_time(moment, ZoneInfo(zone))}"


def _script_json(value: object) -> Markup:
    """JSON that can stand inside a script element whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704

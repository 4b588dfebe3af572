# SPDX-License-Identifier: Apache-2.0
"""Guard: what every request passes first: host and origin, who asks, and the headers of every answer."""

import asyncio
import re
import secrets
from time import monotonic
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, NotFoundException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from fourleaf.app.rooms import rooms
from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.kernel.labels import DESK
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused

# Where nobody has to sign in, which is on loopback alone, everybody is at the office's own desk.
VISITOR = Principal(id="visitor", labels=("public",))
LOCAL = Principal(
    id="local", labels=("public", "office", DESK), roles=("office",), permissions=tuple(sorted(rooms().permissions))
)
# No request of ours needs more; what is larger is read up to DRAINED bytes and refused.
MAX_BODY = 256 * 1024
# But for files: one and the form around it. Who may send one is asked before it is looked into.
_FILES = re.compile(
    r"/r/[^/]+/(desk/registers/[^/]+/(imports|new|things/[^/]+)|world/registers/[^/]+/files"
    r"|sensing/feeds/[^/]+|desk/feeds/[^/]+/imports)|/accounts/imports"
)
MAX_FILE = MAX_BYTES + MAX_BODY
DRAINED = 4 * 1024 * 1024
# The largest table over a line of 2 Mbit/s.
BODY_FOR_S = 60.0
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# RFC 6797: for a year browsers come to this host by https alone.
_BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
# Only a proxy says these of a request.
_PROXIED = (b"forwarded", b"via", b"x-real-ip")


def policy(nonce: str) -> str:
    """The content security policy: nothing from outside, no inline script. MapLibre's worker needs blob: images only."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; connect-src 'self'; font-src 'self';"
        f" img-src 'self' data: blob:; manifest-src 'self'; script-src 'self' 'nonce-{nonce}';"
        f" style-src 'self' 'nonce-{nonce}'; worker-src 'self' blob:"
    )


def guard_middleware(hosts: frozenset[str], *, unsigned: bool = False) -> Any:
    """Make the middleware.

    hosts: the host names under which this server may be called. unsigned: whoever comes is the office.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            scope.setdefault("state", {})["csp_nonce"] = secrets.token_urlsafe(16)
            if "\0" in scope["path"]:  # no file and no thing is called so, and the file system would stumble over it
                raise NotFoundException
            if unsigned:
                _check_near(scope)
            _check_origin(scope, hosts)
            await _check_size(scope, receive)
            await app(scope, _timely(receive), send)

        return middleware

    return around


def put_headers(*, https: bool) -> Any:
    """On every answer, also on those that no handler and no middleware of ours has seen: an address that is not there.

    https: the address that people type begins so.
    """
    headers = HEADERS | _BY_HTTPS if https else HEADERS

    async def put(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        found = MutableScopeHeaders.from_message(message)
        for name, value in headers.items():
            found.setdefault(name, value)
        nonce = scope.get("state", {}).get("csp_nonce") or secrets.token_urlsafe(16)
        found.setdefault("Content-Security-Policy", policy(nonce))
        found.setdefault("Cache-Control", "no-store")

    return put


def _check_near(scope: Any) -> None:
    """A proxy on this machine calls us by a loopback address for anybody in the world: where nobody signs in, refuse it.

    Many add no header at all (nginx as it comes) but speak HTTP/1.0, which no browser and no client of ours does.
    """
    names = (name.lower() for name, _ in scope["headers"])
    old = scope.get("http_version") in ("1", "1.0")
    if old or any(name in _PROXIED or name.startswith(b"x-forwarded-") for name in names):
        raise Refused(Refusal("request.behind-proxy"), 421)


def _check_origin(scope: Any, hosts: frozenset[str]) -> None:
    """A page of another site can make a browser call loopback, by name (rebinding) or by form: refuse both."""
    headers = {name.lower(): value for name, value in scope["headers"]}
    host = headers.get(b"host", b"").decode("latin-1")
    if _name(host) not in hosts:
        raise Refused(Refusal("request.wrong-host"), 421)
    if scope["method"] in _SAFE:
        return
    origin = headers.get(b"origin")
    foreign = origin is not None and _name(origin.decode("latin-1").partition("://")[2]) != _name(host)
    # Same-site is another port or a neighbor's name: on one machine, another program's page.
    if foreign or headers.get(b"sec-fetch-site") in (b"cross-site", b"same-site"):
        raise Refused(Refusal("request.foreign-origin"), 403)


async def _check_size(scope: Any, receive: Receive) -> None:
    """Take in a body that is too large before refusing it, else the sender sees a broken line and not the answer."""
    length = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), b"0")
    most = MAX_FILE if _FILES.fullmatch(scope["path"]) else MAX_BODY
    if not length.isdigit() or int(length) <= most:
        return
    taken, more = 0, True
    while more and taken < DRAINED:
        message: Any = await receive()
        taken += len(message.get("body", b""))
        more = message.get("more_body", False)
    raise ClientException(status_code=413)


def _timely(receive: Receive) -> Receive:
    """A body has to be here within its time: who sends a sign a minute holds up a place for nothing."""
    until, whole = monotonic() + BODY_FOR_S, False

    async def receiving() -> Any:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(until - monotonic()):
                message: Any = await receive()
        except TimeoutError:
            raise Refused(Refusal("request.too-slow"), 408) from None
        whole = not message.get("more_body", False)
        return message

    return receiving


def _name(host: str) -> str:
    """The name without the port. Names of hosts are the same in capitals (RFC 4343)."""
    host = host.lower()
    return host[1:].partition("]")[0] if host.startswith("[") and "]" in host else host.rpartition(":")[0] or host

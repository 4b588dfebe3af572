# SPDX-License-Identifier: Apache-2.0
"""Places: how many streams a session and an address may hold open at once in this process of the web.

Limits: of the whole site it is as many times more as it has processes. The system deals connections out by chance, so a
share of the limit in each process would close walls that the limit allows.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from fourleaf.app.sign_in.forms import address_of
from fourleaf.app.sign_in.gate import who_of
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused

# Screens come back by themselves; a browser's other tabs are not closed sooner than that.
AGAIN_AFTER_S = 5


class Places:
    """of_session, of_address: how many each may hold."""

    def __init__(self, *, of_session: int, of_address: int) -> None:
        self._most = {"session": of_session, "address": of_address}
        self._held = Counter[tuple[str, str]]()

    @contextmanager
    def hold(self, session: str | None, address: str) -> Iterator[None]:
        """Keep a place as long as the stream is open. session: None for whoever has none. Raises: Refused"""
        mine = [("address", address), *([("session", session)] if session else [])]
        for one in mine:
            if self._held[one] >= self._most[one[0]]:
                told = Refusal("request.too-many-streams", {"most": self._most[one[0]]})
                raise Refused(told, 429, {"Retry-After": str(AGAIN_AFTER_S)})
        self._held.update(mine)
        try:
            yield
        finally:
            self._held.subtract(mine)
            self._held = +self._held

    @property
    def held(self) -> int:
        return sum(count for (kind, _), count in self._held.items() if kind == "address")


def hold_a_place(app: ASGIApp) -> ASGIApp:
    """The middleware of handlers that answer with a stream: whatever ends it, even before its first message, frees the place."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request[Any, Any, Any](scope)
        office = request.app.state.office
        with office.places.hold(_session(request), address_of(request, office.settings)):
            await app(scope, receive, send)

    return middleware


def _session(request: Request[Any, Any, Any]) -> str | None:
    """What a browser or a device is known by; a device says it with every request."""
    who, token = who_of(request), request.headers.get("authorization")
    if who is not None:
        return f"session {who.session.id}"
    return f"device {sha256(token.encode()).hexdigest()}" if token else None

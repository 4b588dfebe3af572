# SPDX-License-Identifier: Apache-2.0
"""Places: nobody holds more streams open than he needs; whatever ends one frees its place."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fourleaf.app.places import Places
from fourleaf.app.settings import Settings
from fourleaf.ui.answers import Refused
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres
OF_SESSION, OF_ADDRESS = 2, 4


@pytest.fixture
async def fair(dsn: str, connection: Any, run_name: str, tmp_path: Path, vault_key: Path) -> AsyncIterator[Fair]:
    settings = Settings(
        database_url=dsn,
        data=tmp_path,
        sign_in="required",
        vault_key=vault_key,
        proxies=("10.9.0.0/16",),
        session_streams=OF_SESSION,
        address_streams=OF_ADDRESS,
    )
    async with Fair(settings, connection, run_name) as opened:
        yield opened


class Screen:
    """One open stream, spoken to the application itself: a test client would wait for its end."""

    def __init__(self, fair: Fair, *, client: str = "10.1.0.1", **headers: str) -> None:
        self._fair, self._client, self._headers = fair, client, headers
        self.status, self.body, self._first = 0, b"", Future[int]()
        self._gone: asyncio.Event | None = None
        self._task = fair.portal.start_task_soon(self._run)

    def answer(self) -> int:
        """The status, once there is one."""
        return self._first.result(timeout=20)

    def close(self) -> None:
        assert self._gone is not None
        self._fair.portal.call(self._gone.set)
        self._task.result(timeout=20)

    async def _run(self) -> None:
        self._gone = asyncio.Event()
        path = f"/r/{self._fair.run}/stream"
        headers = {"host": "localhost", **self._headers}
        scope: Any = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "client": (self._client, 50_000),
            "server": ("localhost", 80),
            "state": {},
        }
        asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Any:
            if message := next(asked, None):
                return message
            assert self._gone is not None
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            self.body += message.get("body", b"")
            if not self._first.done() and (self.body or not message.get("more_body", True)):
                self._first.set_result(self.status)

        await self._fair.app(scope, receive, send)


async def _signed_in(fair: Fair, name: str) -> Browser:
    said = await fair.open(name, "officer")
    browser = fair.browser()
    assert browser.sign_in(name, said.password).status_code == 303
    return browser


def _cookie(browser: Browser) -> str:
    return f"fourleaf={browser.client.cookies['fourleaf']}"


async def test_a_session_holds_so_many_streams_and_a_closed_one_makes_room(fair: Fair) -> None:
    ann, bob = await _signed_in(fair, "ann"), await _signed_in(fair, "bob")
    held = [Screen(fair, cookie=_cookie(ann)) for _ in range(OF_SESSION)]
    first = [one.answer() for one in held]

    over = Screen(fair, cookie=_cookie(ann))
    other = Screen(fair, cookie=_cookie(bob))
    refused, let_in = over.answer(), other.answer()
    held[0].close()
    again = Screen(fair, cookie=_cookie(ann))

    told = msgspec.json.decode(over.body)
    assert (first, refused, let_in, again.answer()) == ([200] * OF_SESSION, 429, 200, 200)
    assert (told["code"], str(OF_SESSION) in told["detail"]["zh"]) == ("request.too-many-streams", True)
    assert "live pages" in told["detail"]["en"]
    for one in (held[1], other, again):
        one.close()


async def test_an_address_holds_so_many_streams_whoever_its_sessions_are(fair: Fair) -> None:
    held = [Screen(fair) for _ in range(OF_ADDRESS)]
    first = [one.answer() for one in held]

    over, elsewhere = Screen(fair), Screen(fair, client="10.1.0.2")
    said = over.answer(), elsewhere.answer()
    for one in (*held, elsewhere):
        one.close()

    assert (first, said) == ([200] * OF_ADDRESS, (429, 200))
    assert fair.app.state.office.places.held == 0


async def test_behind_our_proxy_the_address_is_the_visitors(fair: Fair) -> None:
    near = [Screen(fair, client="10.9.0.1", x_forwarded_for="203.0.113.7") for _ in range(OF_ADDRESS)]
    first = [one.answer() for one in near]

    over = Screen(fair, client="10.9.0.1", x_forwarded_for="203.0.113.7").answer()
    other = Screen(fair, client="10.9.0.1", x_forwarded_for="203.0.113.8")
    let_in = other.answer()
    for one in (*near, other):
        one.close()

    assert (first, over, let_in) == ([200] * OF_ADDRESS, 429, 200)


def test_what_fails_before_its_first_message_frees_its_place_too() -> None:
    places = Places(of_session=1, of_address=1)

    for _ in range(3):
        with pytest.raises(ConnectionError), places.hold("s", "a"):
            raise ConnectionError
    with places.hold("s", "a"), pytest.raises(Refused) as over, places.hold("s", "b"):
        pass

    assert (over.value.status, over.value.refusal.code, places.held) == (429, "request.too-many-streams", 0)

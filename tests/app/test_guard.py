# SPDX-License-Identifier: Apache-2.0
"""What every request passes first, looked at alone."""

import asyncio
from typing import Any

import pytest

from fourleaf.app import guard
from fourleaf.app.guard import put_headers
from fourleaf.ui.answers import Refused

HEADERS = [(b"host", b"localhost:8000")]


async def _ask(receive: Any, asks: int) -> list[Any]:
    """What an application behind the guard receives."""
    got = list[Any]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(asks):
            got.append(await receive())

    async def send(message: Any) -> None:
        """Nobody listens."""

    scope = {"type": "http", "method": "POST", "path": "/r/x/y", "headers": HEADERS}
    await guard.guard_middleware(frozenset({"localhost"}))(app)(scope, receive, send)
    return got


async def test_a_body_that_does_not_arrive_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_FOR_S", 0.05)

    async def never() -> Any:
        await asyncio.Event().wait()

    with pytest.raises(Refused) as told:
        await _ask(never, 1)

    assert (told.value.status, told.value.refusal.code) == (408, "request.too-slow")


async def test_who_has_sent_all_may_wait_for_the_answer_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_FOR_S", 0.05)
    sent = iter([{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.request", "body": b"b"}])

    async def receive() -> Any:
        found = next(sent, None)
        if found is None:
            await asyncio.sleep(0.1)
            return {"type": "http.disconnect"}
        return found

    got = await _ask(receive, 3)

    assert [message["type"] for message in got] == ["http.request", "http.request", "http.disconnect"]


async def _pass(*headers: tuple[bytes, bytes], version: str = "1.1", unsigned: bool = True) -> bool:
    """Whether a request with these headers comes through. Raises: Refused"""
    came = False

    async def app(*_: Any) -> None:
        nonlocal came
        came = True

    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [*HEADERS, *headers],
        "http_version": version,
    }
    await guard.guard_middleware(frozenset({"localhost"}), unsigned=unsigned)(app)(scope, None, None)
    return came


PROXIED = [b"X-Forwarded-For", b"x-forwarded-proto", b"X-Forwarded-Host", b"Forwarded", b"X-Real-IP", b"Via"]


@pytest.mark.parametrize("name", PROXIED)
async def test_where_nobody_signs_in_nothing_that_came_through_a_proxy_is_answered(name: bytes) -> None:
    with pytest.raises(Refused) as told:
        await _pass((name, b"192.0.2.1"))

    assert (told.value.status, told.value.refusal.code) == (421, "request.behind-proxy")


@pytest.mark.parametrize("version", ["1", "1.0"])
async def test_nor_what_came_as_a_proxy_speaks_that_adds_no_header(version: str) -> None:
    with pytest.raises(Refused) as told:
        await _pass(version=version)

    assert told.value.refusal.code == "request.behind-proxy"


async def test_what_comes_directly_and_where_people_sign_in_what_comes_through_a_proxy_passes() -> None:
    through = [await _pass((name, b"192.0.2.1"), version="1.0", unsigned=False) for name in PROXIED]

    assert await _pass((b"x-forwardedness", b"1"), (b"accept", b"*/*"))
    assert all(through)


@pytest.mark.parametrize(("https", "told"), [(True, "max-age=31536000"), (False, None)])
async def test_browsers_are_told_to_come_by_https_alone_where_the_address_is_https(
    https: bool, told: str | None
) -> None:
    message: Any = {"type": "http.response.start", "status": 200, "headers": []}

    await put_headers(https=https)(message, {"type": "http"})

    found = {name.decode().lower(): value.decode() for name, value in message["headers"]}
    assert found.get("strict-transport-security") == told
    assert found["x-frame-options"] == "DENY"

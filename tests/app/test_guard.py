# SPDX-License-Identifier: Apache-2.0
"""What every request passes first, looked at alone."""

import asyncio
from typing import Any

import pytest

from fourleaf.app import guard
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

# SPDX-License-Identifier: Apache-2.0
"""Meanwhile: whether others are answered while something long is done for one."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.engines.at_work import AtWork


def answered_meanwhile(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch, long: tuple[object, str], ask: Callable[[], httpx.Response]
) -> tuple[int, int]:
    """Ask for something whose long part lasts until somebody else was answered. long: where that part is, and its name.

    Gives what the others were answered, and what came of it.
    """
    begun, answered = threading.Event(), threading.Event()
    whole = getattr(*long)

    def slowly(*given: Any, **more: Any) -> Any:
        begun.set()
        assert answered.wait(30)
        return whole(*given, **more)

    monkeypatch.setattr(*long, slowly)
    came: list[int] = []
    asking = threading.Thread(target=lambda: came.append(ask().status_code))
    asking.start()
    assert begun.wait(30)
    clock = at_work.get("/clock").status_code
    answered.set()
    asking.join(30)
    return clock, came[0]

# SPDX-License-Identifier: Apache-2.0
"""A shared device that somebody left: its session ends; a screen that only looks stays."""

from datetime import timedelta
from typing import Any

import pytest

from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres
LONG, SHORT = timedelta(minutes=31), timedelta(minutes=25)
POST: dict[str, Any] = {"labels": ["public", "group:{group}"], "may": [], "in_group": True, "card": True}
ACTS: dict[str, Any] = {"labels": ["public"], "may": ["office"], "card": True}


async def _carded(fair: Fair, role: str, post: str) -> tuple[Browser, str]:
    """A browser that a card opened, and its account."""
    said = await fair.open(f"card.{role}", post)
    card, browser = (await fair.act(said.account, "card")).card, fair.browser()
    browser.post("/sign-in/card", "/sign-in/card", card=card)
    assert _is_in(browser)
    return browser, said.account


def _is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


async def _leave(fair: Fair, account: str, span: timedelta) -> None:
    """Let time go by in which nobody touches it."""
    async with fair.site.connection() as connection:
        await connection.execute(
            "update fourleaf.session set seen_at = seen_at - %s where account = %s", [span, account]
        )


@pytest.mark.parametrize(("role", "post", "more"), [("helper", "helper@security", POST), ("counter", "counter", ACTS)])
async def test_a_card_session_that_was_left_alone_ends_and_the_browser_forgets(
    fair: Fair, role: str, post: str, more: dict[str, Any]
) -> None:
    await fair.declare("role", role, name={"zh": role, "en": role}, **more)
    browser, account = await _carded(fair, role, post)

    await _leave(fair, account, SHORT)
    used = _is_in(browser)
    await _leave(fair, account, SHORT)
    used_again = _is_in(browser)
    await _leave(fair, account, LONG)

    assert (used, used_again, _is_in(browser)) == (True, True, False)
    assert browser.get("/sign-in").headers["clear-site-data"] == '"cache"'
    assert browser.get("/sign-in/card").headers["clear-site-data"] == '"cache"'


async def test_what_an_open_page_asks_by_itself_keeps_no_session_open(fair: Fair) -> None:
    await fair.declare("role", "counter", name={"zh": "c", "en": "c"}, **ACTS)
    browser, account = await _carded(fair, "counter", "counter")

    await _leave(fair, account, SHORT)
    asked = browser.json(f"/r/{fair.run}/clock").status_code
    await _leave(fair, account, SHORT)

    assert (asked, _is_in(browser)) == (200, False)


async def test_a_wall_that_only_looks_and_a_session_of_a_password_stay(fair: Fair) -> None:
    wall, screen = await _carded(fair, "screen", "screen")
    said, browser = await fair.open("ann", "officer"), fair.browser()
    browser.sign_in("ann", said.password)

    for account in (screen, said.account):
        await _leave(fair, account, timedelta(hours=8))

    assert (_is_in(wall), _is_in(browser)) == (True, True)


async def test_signing_out_has_the_browser_forget_what_it_keeps(fair: Fair) -> None:
    said, browser = await fair.open("ann", "officer"), fair.browser()
    browser.sign_in("ann", said.password)

    left = browser.post("/sign-out", "/account")

    assert (left.status_code, left.headers["clear-site-data"]) == (303, '"cache"')
    assert "clear-site-data" not in fair.browser().get("/sign-in").headers

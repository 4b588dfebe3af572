# SPDX-License-Identifier: Apache-2.0
"""The door in a real browser: two factors, a lock, a session that is ended under an open wall, and accounts from a table."""

import re

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.door import NUMBERS, PASSWORD, Door, keeper, settle, sign_in
from tests.standards.spreadsheets.made import saved

pytestmark = pytest.mark.browser


def test_a_role_that_asks_for_codes_opens_nothing_until_they_are_set_up_and_then_asks_for_one(
    page: Page, door: Door
) -> None:
    name, password = settle(page, door, "account-keeper")
    expect(page.locator("main")).to_contain_text("Your role asks for one-time codes.")
    assert page.goto(f"{door.url}/accounts").status == 403  # type: ignore[union-attr]

    page.goto(f"{door.url}/account")
    secret = page.locator("details code.secret").inner_text()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up one-time codes").click()
    expect(page.locator(".said").first).to_contain_text("One-time codes are set up.")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, door, name, password)
    expect(page.locator(".wrong")).to_contain_text("the password or the one-time code is wrong")
    sign_in(page, door, name, password, _next_code(page, secret))

    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert page.goto(f"{door.url}/accounts").status == 200  # type: ignore[union-attr]


def _next_code(page: Page, secret: str) -> str:
    """The code of the step to come: that of this one has been used."""
    step = int(page.evaluate("Date.now()")) // 30_000
    return pyotp.TOTP(secret).generate_otp(step + 1)


@pytest.mark.parametrize(("lang", "says"), [("en", "Too many wrong tries. Wait"), ("zh", "错误次数过多")])
def test_who_guesses_is_told_how_long_to_wait(page: Page, door: Door, lang: str, says: str) -> None:
    name = f"nobody.{lang}.{next(NUMBERS)}"
    page.goto(f"{door.url}/sign-in?lang={lang}")

    for _ in range(6):
        page.fill("#login", name)
        page.fill("#password", "a wrong password")
        page.click("form.form button")
        expect(page.locator(".wrong")).to_be_visible()

    expect(page.locator(".wrong")).to_contain_text(says)
    assert re.search(r"\d+", page.locator(".wrong p").inner_text())
    assert page.input_value("#password") == ""


def test_a_session_that_is_ended_elsewhere_closes_the_open_wall_and_says_so(
    browser: Browser, page: Page, door: Door
) -> None:
    name, password = settle(page, door, "duty-officer")
    page.goto(f"{door.url}/r/{door.rehearsal}/wall?lang=en&view=list")
    page.wait_for_selector("html[data-ready]")
    elsewhere = browser.new_context(locale="en-US").new_page()

    sign_in(elsewhere, door, name, password)
    elsewhere.goto(f"{door.url}/account?lang=en")
    elsewhere.get_by_role("button", name=re.compile("^End")).click()
    expect(elsewhere.locator(".said").first).to_contain_text("The session is ended.")

    page.wait_for_url(re.compile("/sign-in"), timeout=15_000)
    expect(page.locator(".said")).to_contain_text("Your session has ended. Sign in again.")
    sign_in_again = page.locator("input[name=next]").input_value()
    assert sign_in_again.startswith(f"/r/{door.rehearsal}/wall")
    assert page.request.get(f"{door.url}/r/{door.rehearsal}/admission/figures.json").status == 401
    elsewhere.context.close()


def test_accounts_come_from_a_table_and_their_owners_in_with_a_code(
    browser: Browser, page: Page, door: Door, errors: list[str]
) -> None:
    keeper(page, door)
    number = next(NUMBERS)
    table = saved(
        [
            ["Login name", "Role", "Group", "Name", "Phone", "E-mail"],
            [f"table.{number}", "Observer", None, "李安", "13800000000", None],
            [f"other.{number}", "office-director", None, None, None, None],
        ]
    )

    page.goto(f"{door.url}/accounts/imports?lang=en")
    page.set_input_files("#f-file", {"name": "a.xlsx", "mimeType": "application/octet-stream", "buffer": table})
    page.click("#send button")
    expect(page.locator(".what-new dd")).to_have_text("1")
    expect(page.locator("#outlook")).to_contain_text("You may not give 'Office director'.")
    page.check("#confirm input[type=checkbox]")
    page.click("#confirm button")
    expect(page.locator(".said").first).to_contain_text("Accounts opened: 1.")
    page.get_by_role("button", name="Print activation codes").click()
    code = page.locator("li.card", has_text=f"table.{number}").locator("code.secret").inner_text()
    owner = browser.new_context(locale="en-US").new_page()
    owner.goto(f"{door.url}/sign-in/activate?lang=en")
    owner.fill("#code", code)
    owner.fill("#new", PASSWORD)
    owner.fill("#again", PASSWORD)
    owner.get_by_role("button", name="Set the password and sign in").click()

    expect(owner.locator("h1")).to_have_text(f"table.{number}")
    expect(owner.locator(".posts")).to_contain_text("Observer")
    assert errors == []
    owner.context.close()

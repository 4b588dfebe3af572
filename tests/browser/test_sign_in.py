# SPDX-License-Identifier: Apache-2.0
"""The door in a real browser: two factors, a lock, a session that is ended under an open wall, and accounts from a table."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from typing import TypeVar

import httpx
import msgspec
import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from fourleaf.app import accounts, address, load
from fourleaf.app.settings import Settings
from fourleaf.app.sign_in import desk
from fourleaf.app.sign_in.desk import Said
from fourleaf.app.sign_in.passwords import Passwords
from fourleaf.kernel.clock import RunClock
from fourleaf.pack import Edition
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import connect
from fourleaf.vault import keys
from fourleaf.vault.master import Master
from tests.conftest import Live, wait_for
from tests.standards.spreadsheets.made import saved

pytestmark = pytest.mark.browser
T = TypeVar("T")
_NUMBERS = count(1)
PASSWORD = "seven quiet lanterns"


def aside(work: Callable[[], T]) -> T:
    """In a thread of its own: playwright's event loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


class Door:
    """A web server where everybody has to sign in, beside the one where nobody has to."""

    def __init__(self, live: Live) -> None:
        self.lease = address.lease("127.0.0.1", 18_200)
        self.settings = msgspec.structs.replace(live.settings, sign_in="required", port=self.lease.port)
        self.url, self.rehearsal = f"http://127.0.0.1:{self.lease.port}", live.run
        self.run = live.edition.id
        aside(lambda: asyncio.run(_live(self.settings, live.edition)))
        command = [sys.executable, "-m", "fourleaf.app", "web"]
        with (live.data / "door.log").open("ab") as log:
            self._web = subprocess.Popen(command, env=self.settings.environment(), stdout=log, stderr=log)
        wait_for(lambda: httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200, "the door")

    def open(self, post: str) -> tuple[str, str]:
        """An account that holds this post: its login name and the password that the office made."""
        name, said = f"browser.{next(_NUMBERS)}", list[Said]()

        async def work(passwords: Passwords, site: Site) -> Said:
            found = await desk.open_account(passwords, site, accounts.BY, name, *_role(post))
            assert isinstance(found, Said), found
            said.append(found)
            return found

        aside(lambda: asyncio.run(accounts._at(self.settings, self.run, work)))
        return name, said[0].password

    def close(self) -> None:
        self._web.terminate()
        self._web.wait(20)
        self.lease.close()


async def _live(settings: Settings, edition: Edition) -> None:
    """The live run of the edition, to which accounts belong. Rehearsals go on meanwhile."""
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await keys.ready(connection, Master(settings.vault_file))
        if await runs.one(connection, edition.id) is None:
            row = await (await connection.execute("select clock_timestamp()")).fetchone()
            now = row[0] if row else None
            assert isinstance(now, datetime)
            clock = RunClock(edition_at=now, wall_at=now, speed=1.0)
            await load.create(connection, edition, edition.id, kind="live", clock=clock)
    await load.load(settings.database_url, edition.id, edition)


def _role(post: str) -> tuple[str, str]:
    role, _, group = post.partition("@")
    return role, group


@pytest.fixture(scope="module")
def door(live_server: Live) -> Iterator[Door]:
    opened = Door(live_server)
    yield opened
    opened.close()


def sign_in(page: Page, door: Door, name: str, password: str, code: str = "") -> None:
    page.goto(f"{door.url}/sign-in?lang=en")
    page.fill("#login", name)
    page.fill("#password", password)
    page.fill("#code", code)
    page.click("form.form button")


def settle(page: Page, door: Door, post: str) -> tuple[str, str]:
    """Sign in for the first time, and choose a password. Gives name and password."""
    name, first = door.open(post)
    sign_in(page, door, name, first)
    expect(page).to_have_url(f"{door.url}/account")
    page.fill("#old", first)
    page.fill("#new", PASSWORD)
    page.fill("#again", PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator(".said").first).to_contain_text("The password is changed.")
    return name, PASSWORD


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
    name = f"nobody.{lang}.{next(_NUMBERS)}"
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
    number = next(_NUMBERS)
    table = saved(
        [
            ["Login name", "Role", "Group", "Name", "Phone", "E-mail"],
            [f"table.{number}", "Duty officer", None, "李安", "13800000000", None],
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
    expect(owner.locator(".posts")).to_contain_text("Duty officer")
    assert errors == []
    owner.context.close()


def keeper(page: Page, door: Door) -> None:
    """Somebody who may open accounts and read names, signed in with a code."""
    settle(page, door, "account-keeper")
    secret = page.locator("details code.secret").inner_text()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up one-time codes").click()
    expect(page.locator(".said").first).to_contain_text("One-time codes are set up.")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 1440])
def test_no_page_of_accounts_is_wider_than_its_screen_and_axe_finds_nothing(
    page: Page, door: Door, lang: str, width: int
) -> None:
    keeper(page, door)
    page.set_viewport_size({"width": width, "height": 800})
    found = dict[str, object]()

    for path in ("/accounts", "/accounts/imports", "/account", f"/r/{door.run}/desk/personal", "/sign-in/activate"):
        page.goto(f"{door.url}{path}?lang={lang}")
        wide = page.evaluate("document.documentElement.scrollWidth") > width
        said = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in Axe().run(page).response["violations"]]
        found |= {path: [*said, "too wide"][: len(said) + wide]} if said or wide else {}

    assert found == {}

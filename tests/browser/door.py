# SPDX-License-Identifier: Apache-2.0
"""The door: a web server where everybody has to sign in, accounts that hold posts, and how they come in."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from typing import TypeVar

import httpx
import msgspec
import pyotp
from playwright.sync_api import Page, expect

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

T = TypeVar("T")
NUMBERS = count(1)
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
        self.url, self._live = f"http://127.0.0.1:{self.lease.port}", live
        self.run = live.edition.id
        aside(lambda: asyncio.run(_live(self.settings, live.edition)))
        command = [sys.executable, "-m", "fourleaf.app", "web"]
        with (live.data / "door.log").open("ab") as log:
            self._web = subprocess.Popen(command, env=self.settings.environment(), stdout=log, stderr=log)
        wait_for(lambda: httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200, "the door")

    @property
    def rehearsal(self) -> str:
        """The run that goes on."""
        return self._live.run

    def open(self, post: str) -> tuple[str, str]:
        """An account that holds this post: its login name and the password that the office made."""
        name, said = f"browser.{next(NUMBERS)}", list[Said]()

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


def keeper(page: Page, door: Door, post: str = "account-keeper") -> None:
    """Somebody who may open accounts and read names, signed in with a code."""
    settle(page, door, post)
    secret = page.locator("details code.secret").inner_text()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up one-time codes").click()
    expect(page.locator(".said").first).to_contain_text("One-time codes are set up.")

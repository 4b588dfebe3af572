# SPDX-License-Identifier: Apache-2.0
"""Signed in: every page one works on says who one is, leads to what belongs to one, and lets one go."""

import re
from pathlib import Path

import pytest

from fourleaf.app.settings import Settings
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres
PAGES = ("/r/{run}/desk", "/r/{run}.r1/desk", "/r/{run}/wall", "/r/{run}.r1/wall", "/runs")


async def came_in(fair: Fair, post: str) -> Browser:
    said = await fair.open("some.body", post)
    browser = fair.browser()
    browser.sign_in("some.body", said.password)
    return browser


def told(page: str) -> str:
    """What the page says of who is signed in."""
    found = re.search(r'<nav class="signed-in".*?</nav>', page, re.DOTALL)
    return found[0] if found else ""


@pytest.mark.parametrize("path", PAGES)
async def test_whoever_is_signed_in_sees_so_and_finds_his_account(fair: Fair, path: str) -> None:
    browser = await came_in(fair, "officer")

    part = told(browser.get(f"{path.format(run=fair.run)}?lang=en").text)

    assert ">some.body<" in part and ">Sign out<" in part
    assert re.findall(r'href="([^"]+)"', part) == ["/account"]


@pytest.mark.parametrize("path", PAGES)
async def test_who_may_see_people_is_led_to_accounts_and_to_who_read_personal_data(fair: Fair, path: str) -> None:
    browser, run = await came_in(fair, "keeper"), f"{fair.run}.r1" if ".r1" in path else fair.run

    links = re.findall(r'href="([^"]+)"', told(browser.get(path.format(run=fair.run)).text))

    assert links == ["/account", "/accounts", f"/r/{run}/desk/personal"]
    assert [browser.get(link).status_code for link in links] == [200, 200, 200]


@pytest.mark.parametrize("path", PAGES)
async def test_one_signs_out_where_one_stands(fair: Fair, path: str) -> None:
    browser = await came_in(fair, "officer")
    page = path.format(run=fair.run)

    foreign = browser.post("/sign-out")
    out = browser.post("/sign-out", page)

    assert (foreign.status_code, out.status_code, out.headers["location"]) == (403, 303, "/sign-in")
    assert browser.get(page).headers["location"].startswith("/sign-in")


async def test_a_made_up_account_is_led_to_no_accounts_of_the_live_run(fair: Fair) -> None:
    said = await fair.open("made.up", "keeper", synthetic=True)
    browser = fair.browser()
    browser.sign_in("made.up", said.password)

    links = re.findall(r'href="([^"]+)"', told(browser.get(f"/r/{fair.run}.r1/desk").text))

    assert links == ["/account", f"/r/{fair.run}.r1/desk/personal"]


async def test_where_nobody_signs_in_no_page_tells_of_it(
    dsn: str, connection: Connection, run_name: str, tmp_path: Path
) -> None:
    async with Fair(Settings(database_url=dsn, data=tmp_path), connection, f"{run_name}-b") as open_to_all:
        pages = [open_to_all.browser().get(path.format(run=open_to_all.run)) for path in PAGES]

    assert [page.status_code for page in pages] == [200] * len(PAGES)
    assert not any("/sign-out" in page.text or "/account" in page.text for page in pages)

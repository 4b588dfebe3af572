# SPDX-License-Identifier: Apache-2.0
"""Opening the wall and waiting until it draws."""

import re

from playwright.sync_api import Page, expect

from tests.browser.outside import Live


def show(page: Page, url: str, run: str, query: str = "") -> None:
    """Open the wall and wait until it draws live data."""
    page.goto(f"{url}/r/{run}/wall?{query}")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#clock")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))


def show_map(page: Page, live: Live, query: str = "") -> None:
    show(page, live.url, live.run, query)
    page.wait_for_selector("#map[data-ready]")

# SPDX-License-Identifier: Apache-2.0
"""Opening the wall and waiting until it draws; one that stays open for many looks."""

import re
from typing import NamedTuple

from playwright.sync_api import Page, expect

from fourleaf.ui.format import Lang
from tests.browser.outside import Live

WIDE = (1920, 1080)


class Wall(NamedTuple):
    """A wall that stands open in one language, and what its page complained about so far."""

    page: Page
    lang: Lang
    errors: list[str]

    def put_back(self) -> None:
        """As it was opened: the map, over the whole screen, nothing open."""
        self.page.emulate_media(media="screen")
        self.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        self.page.keyboard.press("Escape")
        if self.page.locator("#list").is_visible():
            self.page.keyboard.press("l")
        expect(self.page.locator("#map-view")).to_be_visible()

    def sized(self, width: int, height: int) -> Page:
        """The same page on another screen, once the map has drawn itself anew and its labels stand."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate(STAND)
        return self.page


# The picture that the page holds: `live` takes changes and pulses as the stream tells them.
STORE = """const main = document.querySelector('script[type=module][src*="/wall/main.js"]').src;
  const { live } = await import(new URL("../kit/store.js", main));"""

# Resolves when no label has moved for five frames.
STAND = """async () => {
  const stand = () => [...document.querySelectorAll("#labels > *")].map((label) => label.style.transform).join();
  for (let same = 0, last = stand(); same < 5; ) {
    await new Promise(requestAnimationFrame);
    const now = stand();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}"""


def show(page: Page, url: str, run: str, query: str = "") -> None:
    """Open the wall and wait until it draws live data."""
    page.goto(f"{url}/r/{run}/wall?{query}")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#clock")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))


def show_map(page: Page, live: Live, query: str = "") -> None:
    show(page, live.url, live.run, query)
    page.wait_for_selector("#map[data-ready]")

# SPDX-License-Identifier: Apache-2.0
"""A feed in a real browser: it comes, goes stale on wall and desk, comes back; a table by hand brings it back as well."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.outside import Live
from tests.browser.walls import show
from tests.standards.spreadsheets.made import saved

pytestmark = pytest.mark.browser
# A quarter of an hour of the fair, at sixty times.
STALE_MS = 60_000


class Metro(NamedTuple):
    """Whoever owns the metro's counts, in a run of its own."""

    live: Live
    run: str
    token: str

    @property
    def base(self) -> str:
        return f"{self.live.url}/r/{self.run}"

    def now(self) -> str:
        at = httpx.get(f"{self.base}/clock", trust_env=False).json()["now"]
        return datetime.fromisoformat(at).replace(microsecond=0).isoformat()

    def push(self, exits: int) -> None:
        rows = [f"{self.now()},{line},{exits},7" for line in ("line-2", "line-17")]
        body = "\n".join(["at,line,exits,entries", *rows]).encode()
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.post(f"{self.base}/sensing/feeds/metro", content=body, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def metro(live_server: Live) -> Metro:
    # A thread of its own: the browser runs its event loop in this one.
    with ThreadPoolExecutor(1) as aside:
        run, _, _ = aside.submit(live_server.new_run, speed=60).result()
    tokens = json.loads((live_server.data / "rehearsals" / f"{run}.tokens.json").read_text("utf-8"))
    return Metro(live_server, run, tokens["feeds"]["metro"])


def test_a_feed_goes_stale_on_wall_and_desk_and_comes_back(page: Page, metro: Metro, errors: list[str]) -> None:
    metro.push(1234)
    show(page, metro.live.url, metro.run, "lang=en")
    page.wait_for_selector("#map[data-ready]")
    plate = page.locator(".plate", has=page.locator(".pill", has_text="17"))
    expect(plate.locator(".note")).to_contain_text("Exits 1,234")

    row = page.locator("#attention .case", has_text="Metro counts")
    expect(row).to_be_visible(timeout=STALE_MS)
    # Other feeds of this run never speak: in the list each stands for itself however many are late.
    page.keyboard.press("l")
    listed = page.locator("#list-attention tbody tr", has_text="Metro counts")
    expect(listed).to_contain_text("Feed late")
    expect(listed).to_contain_text("min old")
    expect(page.locator("#list-attention tbody tr", has_text="Parking")).to_contain_text("nothing ever came")
    page.keyboard.press("l")
    expect(plate.locator(".note")).to_contain_text("unknown")
    page.goto(f"{metro.base}/desk/feeds?lang=en")
    expect(page.locator("tr", has_text="Metro counts")).to_contain_text("Late")

    metro.push(4321)
    page.reload()
    expect(page.locator("tr", has_text="Metro counts")).to_contain_text("Fresh")
    show(page, metro.live.url, metro.run, "lang=en")
    page.wait_for_selector("#map[data-ready]")
    expect(plate.locator(".note")).to_contain_text("Exits 4,321")
    expect(row).to_have_count(0)
    assert errors == []


# What a label says between two commas, and on how many lines it stands.
LINES = """(node) => {
  const text = node.firstChild, said = text.data, found = [];
  for (const { 0: clause, index } of said.matchAll(/[^，]+?(?:, |，|$)/g)) {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + clause.trimEnd().length);
    found.push([clause, new Set([...range.getClientRects()].filter(({ width }) => width).map(({ top }) => Math.round(top))).size]);
  }
  return found;
}"""


@pytest.mark.parametrize(("lang", "unit"), [("zh", "人次/5分钟"), ("en", "per 5 min")])
def test_a_label_says_the_unit_in_its_language_and_breaks_at_commas_only(
    page: Page, metro: Metro, lang: str, unit: str
) -> None:
    metro.push(12345)
    page.set_viewport_size({"width": 1920, "height": 1080})
    show(page, metro.live.url, metro.run, f"lang={lang}")
    page.wait_for_selector("#map[data-ready]")
    note = page.locator(".plate", has=page.locator(".pill", has_text="17")).locator(".note")
    expect(note).to_contain_text(f"7 {unit}")

    lines = note.evaluate(LINES)

    assert len(lines) >= 3
    assert {count for _, count in lines} == {1}, lines


def test_a_table_by_hand_is_looked_at_and_taken_in(page: Page, metro: Metro, errors: list[str]) -> None:
    at = metro.now()
    table = saved([["at", "line", "exits", "entries"], [at, "line-2", 55, 5], [at, "line-9", 1, 1]])
    page.goto(f"{metro.base}/desk/feeds/metro?lang=en")

    page.set_input_files("#f-file", {"name": "t.xlsx", "mimeType": "application/octet-stream", "buffer": table})
    page.click("text=See what it would do")
    expect(page.locator("main")).to_contain_text("a thing that is not declared")
    page.check("#take input[type=checkbox]")
    page.click("#take button")

    expect(page.locator(".done")).to_have_text("Taken in, without the wrong rows.")
    expect(page.locator("main")).to_contain_text("Line 2")
    assert errors == []


@pytest.mark.parametrize("path", ["/desk/feeds", "/desk/feeds/metro"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_of_feeds_are_accessible_also_on_a_phone(page: Page, live_server: Live, path: str, lang: str) -> None:
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(f"{live_server.url}/r/{live_server.run}{path}?lang={lang}")

        assert answer is not None and answer.status == 200, answer and answer.text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(page).response["violations"] == []

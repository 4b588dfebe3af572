# SPDX-License-Identifier: Apache-2.0
"""Every page there is, in both languages, on a phone and on a desk: whole, without errors, and in one language only."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from litestar.routes import HTTPRoute
from playwright.sync_api import Browser, FilePayload, Page

from fourleaf.app.web import create_app
from tests.browser.door import Door, keeper
from tests.conftest import Live
from tests.standards.spreadsheets.made import saved

pytestmark = pytest.mark.browser

_DESK = "/r/{run}/desk"
_REGISTER = f"{_DESK}/registers/{{register}}"
# Every route that gives a page, and one place of it. {run}, {account} and what was uploaded are filled in.
PAGES: Mapping[str, str] = {
    "/runs": "/runs",
    "/sign-in": "/sign-in",
    "/sign-in/card": "/sign-in/card",
    "/sign-in/activate": "/sign-in/activate",
    "/account": "/account",
    "/account/prove": "/account/prove",
    "/accounts": "/accounts",
    "/accounts/{account}": "/accounts/{account}",
    "/accounts/imports": "/accounts/imports",
    "/accounts/imports/{blob}": "{accounts_table}",
    "/r/{run}/wall": "/r/{run}/wall?view=list",
    _DESK: "/r/{run}/desk",
    f"{_DESK}/search": "/r/{run}/desk/search?q=B00",
    f"{_DESK}/balance": "/r/{run}/desk/balance",
    f"{_DESK}/closures": "/r/{run}/desk/closures",
    f"{_DESK}/credentials": "/r/{run}/desk/credentials",
    f"{_DESK}/credentials/{{credential}}": "/r/{run}/desk/credentials/{credential}",
    f"{_DESK}/personal": "/r/{run}/desk/personal",
    f"{_DESK}/devices": "/r/{run}/desk/devices?type=lane&size=25",
    f"{_DESK}/devices/{{device}}": "/r/{run}/desk/devices/electric-box%3AB001",
    f"{_DESK}/feeds": "/r/{run}/desk/feeds",
    f"{_DESK}/feeds/{{feed}}": "/r/{run}/desk/feeds/metro",
    f"{_DESK}/feeds/{{feed}}/imports/{{blob}}": "{feed_table}",
    _REGISTER: "/r/{run}/desk/registers/electric-box?size=25",
    f"{_REGISTER}/new": "/r/{run}/desk/registers/lift/new",
    f"{_REGISTER}/print": "/r/{run}/desk/registers/hotel/print?q=H00",
    f"{_REGISTER}/imports": "/r/{run}/desk/registers/loan-item/imports",
    f"{_REGISTER}/imports/{{blob}}": "{things_table}",
    f"{_REGISTER}/things/{{item}}": "/r/{run}/desk/registers/loan-item/things/L01",
}
# What else a GET gives that the description of the interface does not list, and why it is no page.
NO_PAGES: Mapping[str, str] = {
    "/": "leads on to a run",
    "/healthz": "for programs",
    "/metrics": "for programs",
    "/static/{asked}": "files of pages",
    "/sign-in/oidc": "leads to the sign-in service of somebody else",
    "/sign-in/oidc/back": "comes from there, and leads on",
    "/account/identity": "leads there too",
    "/account/prove/{nonce}": "comes from there too, and sends the form on that waited",
    "/accounts/imports/template.xlsx": "a file",
    "/accounts/imports/template.csv": "a file",
    "/accounts/imports/{blob}/stream": "a stream",
    f"{_DESK}/balance.csv": "a file",
    f"{_DESK}/feeds/{{feed}}/template.xlsx": "a file",
    f"{_REGISTER}/imports/{{blob}}/stream": "a stream",
}
# Latin letters that stand on a Chinese page, and why.
LATIN = {
    r"\b(kW|mA|km|kg|min|MHz|CNY)\b": "units are written alike everywhere",
    r"\b(XLSX|CSV|GEOJSON|UTF-8|GBK|MB|JSON)\b": "formats are called so in Chinese too",
    r"\bciie-7(\.r\d+)?\b": "the id of a run",
    r"\bAsia/Shanghai\b": "the name of a zone of time",
    r"\bEnter\b": "the name of a key",
    r"“Sheet”": "the name of the sheet that was uploaded",
    r"\bWeidmann 1993\b": "the source of a method",
    r"\bbrowser\.\d+\b": "the login name of this test",
}
# What somebody wrote into a register or a table is shown as it was written, and so are ids.
WRITTEN = "td, tbody th, dd, .hits, [translate=no], code"


class Signed(NamedTuple):
    """Somebody of the office who may see every page, and what he uploaded."""

    page: Page
    errors: list[str]
    url: str
    places: Mapping[str, str]


@pytest.fixture(scope="module")
def office(browser: Browser, door: Door) -> Iterator[Signed]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", reduced_motion="reduce")
    page, errors = context.new_page(), list[str]()
    page.set_default_timeout(30_000)
    keeper(page, door, "office-director")
    places = {"run": door.rehearsal, **uploads(page, door)}
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    yield Signed(page, errors, door.url, places)
    context.close()


def uploads(page: Page, door: Door) -> dict[str, str]:
    """Pages that are there only after somebody sent a table, with a good line and a bad one each; and an account."""
    desk = f"{door.url}/r/{door.rehearsal}/desk"
    at = page.request.get(f"{door.url}/r/{door.rehearsal}/clock").json()["now"]
    things: list[list[Any]] = [
        ["id", "name_zh", "name_en", "stock"],
        ["E1", "伞", "Umbrella", 3],
        ["E2", "坏", "Bad", "many"],
    ]
    values: list[list[Any]] = [["at", "line", "exits", "entries"], [at, "line-2", 5, 5], [at, "line-9", 1, 1]]
    people: list[list[Any]] = [["Login name", "Role"], ["every.page", "duty-officer"], ["every.other", "nothing"]]
    found = {
        "things_table": sent(page, f"{desk}/registers/loan-item/imports", "#send button", things),
        "feed_table": sent(page, f"{desk}/feeds/metro", "form[enctype] button", values),
        "accounts_table": sent(page, f"{door.url}/accounts/imports", "#send button", people),
    }
    said = {
        "request_id": "every.page",
        "type": "visitor",
        "organization": "td-shanghai",
        "documents": ["photo"],
        "holder": {"name": "甲", "document": "E0000001"},
    }
    page.goto(f"{desk}/closures")
    token = page.locator("input[name=csrf]").first.input_value() if page.locator("input[name=csrf]").count() else ""
    applied = page.request.post(
        f"{door.url}/r/{door.rehearsal}/credentials/applications", data=said, headers={"X-CSRF-Token": token}
    )
    found["credential"] = applied.json().get("credential", "")
    page.goto(f"{door.url}/accounts")
    account = page.locator("tbody th a").first.get_attribute("href") or ""
    return {**{key: url.removeprefix(door.url) for key, url in found.items()}, "account": account.rpartition("/")[2]}


def sent(page: Page, form: str, button: str, lines: list[list[Any]]) -> str:
    """Where a table is looked at that was sent there."""
    table: FilePayload = {"name": "t.xlsx", "mimeType": "application/octet-stream", "buffer": saved(lines)}
    page.goto(form)
    page.set_input_files("#f-file", table)
    with page.expect_navigation():
        page.click(button)
    return page.url


def test_every_page_of_the_application_is_looked_at_here(live_server: Live) -> None:
    app = create_app(live_server.settings)

    found = {
        route.path_format
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if "GET" in handler.http_methods and not handler.include_in_schema
    }

    assert found == PAGES.keys() | NO_PAGES.keys()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_whole(office: Signed, route: str, lang: str) -> None:
    page, path = office.page, PAGES[route].format(**office.places)
    office.errors.clear()
    page.set_viewport_size({"width": 1440, "height": 900})

    answer = page.goto(f"{office.url}{path}{'&' if '?' in path else '?'}lang={lang}")
    settled(page)
    found = foreign(page, lang) + too_wide(page) + (by_axe(page) if lang == "en" else [])
    page.set_viewport_size({"width": 360, "height": 800})
    on_phone = too_wide(page) + (by_axe(page) if lang == "zh" else [])

    assert answer is not None
    assert (answer.status, office.errors, found, on_phone) == (200, [], [], [])


def settled(page: Page) -> None:
    """What is drawn or read after the page came is there."""
    page.wait_for_function(
        "() => !document.querySelector('#reading:not([hidden])')"
        " && (document.documentElement.dataset.skin !== 'wall' || 'ready' in document.documentElement.dataset)"
    )


def too_wide(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{wide} px too wide"] if wide > 0 else []


def by_axe(page: Page) -> list[str]:
    """What somebody cannot read or reach. Each page once on a desk and once on a phone: the languages have one markup."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(LOOK)
    return found


LOOK = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"], selectors: false, preload: false });
  return violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 120)}`);
}"""


def foreign(page: Page, lang: str) -> list[str]:
    """Words of the other language that say nothing of being so."""
    texts: list[str] = page.evaluate(TEXTS, [lang, WRITTEN])
    if lang == "en":
        return [text for text in texts if re.search("[\u4e00-\u9fff]", text)]
    allowed = re.compile("|".join(LATIN))
    return [text for text in texts if re.search("[A-Za-z]{2,}", allowed.sub("", text))]


TEXTS = """([lang, written]) => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    const own = (node.closest("[lang]")?.lang ?? lang) === lang;
    if (own && !node.closest(`script, style, noscript, ${written}`) && node.checkVisibility()) found.push(walk.currentNode.data.trim());
  }
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
    if (node.closest("[lang]").lang === lang && !node.closest(written) && node.checkVisibility())
      for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(node.getAttribute(name) ?? "");
  }
  return [...new Set(found)].filter(Boolean);
}"""

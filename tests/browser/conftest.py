# SPDX-License-Identifier: Apache-2.0
"""A real chromium for all browser tests, and a page that remembers what went wrong in it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from fourleaf.ui.format import LANGS
from tests.browser.cable import Cable
from tests.browser.door import Door
from tests.browser.outside import Live, Outside
from tests.browser.walls import WIDE, Wall, show_map
from tests.conftest import Live as Served

# Debian's chromium; WebGL in software, for no server has a graphics card. What a graphics card would do for nothing
# is left out: to put a page together there costs half a second of processor a frame, smooth edges of the map as much again.
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--webgl-antialiasing-mode=none",
    # Two pages of the browser's own that nobody sees, loaded for every window.
    "--disable-features=WebUIOmniboxAimPopup,WebUIOmniboxPopup,WebUIOmniboxFullPopup",
]
# However slow the machine is: what comes late has come.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the last browser test: playwright's event loop runs in this thread and would stop every async test."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def opened(browser: Browser) -> BrowserContext:
    size: ViewportSize = {"width": WIDE[0], "height": WIDE[1]}
    return browser.new_context(viewport=size, locale="zh-CN", reduced_motion="reduce")


def watched(context: BrowserContext, errors: list[str]) -> Page:
    """A page that notes what it complained about: scripts, refused content, failed requests."""
    made = context.new_page()
    made.set_default_timeout(30_000)
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    return made


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = opened(browser)
    yield made
    made.close()


@pytest.fixture
def errors() -> list[str]:
    """What the page of this test complained about."""
    return []


@pytest.fixture
def page(context: BrowserContext, errors: list[str]) -> Page:
    return watched(context, errors)


@pytest.fixture(scope="module", params=LANGS)
def standing(browser: Browser, live_server: Live, request: pytest.FixtureRequest) -> Iterator[Wall]:
    """To open a wall costs seconds of processor: it is opened once a file and language for all that only look at it."""
    context, errors = opened(browser), list[str]()
    wall = Wall(watched(context, errors), request.param, errors)
    show_map(wall.page, live_server, f"lang={wall.lang}")
    yield wall
    context.close()


@pytest.fixture
def wall(standing: Wall) -> Iterator[Wall]:
    yield standing
    standing.put_back()


@pytest.fixture
def outside(live_server: Live) -> Iterator[Outside]:
    made = Outside(live_server)
    yield made
    made.client.close()


@pytest.fixture
def cable(live_server: Live) -> Iterator[Cable]:
    port = urlsplit(live_server.url).port
    assert port
    made = Cable(port)
    yield made
    made.close()


@pytest.fixture(scope="package")
def second_web(served: Served) -> Iterator[Door]:
    opened = Door(served)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def door(second_web: Door, live_server: Live) -> Door:
    """A second web server on the same runs, where everybody has to sign in."""
    return second_web

# SPDX-License-Identifier: Apache-2.0
"""A real chromium for all browser tests, and a page that remembers what went wrong in it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.cable import Cable
from tests.browser.door import Door
from tests.browser.outside import Live, Outside
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


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def errors() -> list[str]:
    """What the page complained about: scripts, refused content, failed requests."""
    return []


@pytest.fixture
def page(context: BrowserContext, errors: list[str]) -> Page:
    made = context.new_page()
    made.set_default_timeout(30_000)
    made.on("pageerror", lambda error: errors.append(str(error)))
    made.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    return made


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
def door(served: Served) -> Iterator[Door]:
    """A second web server on the same runs, where everybody has to sign in."""
    opened = Door(served)
    yield opened
    opened.close()

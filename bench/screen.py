# SPDX-License-Identifier: Apache-2.0
"""Screen: a real chromium before a run of the bench, and what it says of its frames, its bytes and its memory."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from psycopg.types.json import Jsonb

from bench import outside
from bench.ground import Ground
from bench.result import Skipping
from fourleaf.app import packs
from fourleaf.pack import Edition
from fourleaf.postgres import venues
from fourleaf.postgres.pool import Connection, connect

CHROMIUM = Path("/usr/bin/chromium")
# WebGL in software: no server has a graphics card. What costs nothing on one is left out: smooth edges, and putting
# the page together by WebGL too.
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
# Frames and long tasks from a moment on, gathered in the page itself. Of a canvas a pixel is read in each frame: whoever
# draws in software lets the page run ahead of what is on the screen, and the pixel comes only when all is drawn.
_WATCH = """(canvas) => {
  const gl = canvas && document.querySelector(canvas).getContext("webgl2");
  const seen = (window.seen = { frames: [], tasks: [], on: true });
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask" });
  const frame = () => {
    gl?.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    seen.frames.push(performance.now());
    if (seen.on) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
_DECLARE = (
    "insert into declared (kind, key_name, version, value) values (%s, %s, 1, %s)"
    " on conflict (kind, key_name) do update set value = excluded.value"
)
_SEEN = "() => { window.seen.on = false; return window.seen; }"


class Watched(msgspec.Struct, frozen=True):
    """Milliseconds between the frames of a stretch of work, and of tasks that held the page up for 50 ms or more."""

    frames: list[float]
    tasks: list[float]


def viewport(ground: Ground) -> ViewportSize:
    """The screen of a command center, or a small one that is drawn sooner where nothing is measured."""
    return {"width": 1920, "height": 1080} if ground.scale >= 0.1 else {"width": 800, "height": 500}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises: Skipping where there is none."""
    if not CHROMIUM.exists():
        raise Skipping(f"{CHROMIUM} is not here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@asynccontextmanager
async def venue_of_pack(ground: Ground) -> AsyncIterator[tuple[str, Connection, Edition]]:
    """A run that knows the venue of the shipped edition, its days and its registers, but none of their things.

    Raises: Skipping
    """
    if not CHROMIUM.exists():
        raise Skipping(f"{CHROMIUM} is not here")
    edition = packs.checked(outside.PACK)
    async with ground.run() as run, connect(ground.dsn, run) as connection:
        await venues.keep(connection, edition.venue.hash, edition.venue.to_json())
        async with connection.cursor() as cursor:
            values = [[one.kind, one.key, Jsonb(one.value)] for one in edition.values]
            await cursor.executemany(_DECLARE, values)
        yield run, connection, edition


async def declare(connection: Connection, kind: str, key: str, value: object) -> None:
    await connection.execute(_DECLARE, [kind, key, Jsonb(value)])


@contextmanager
def watched(page: Page, canvas: str = "") -> Iterator[list[Watched]]:
    """Watch what happens within. The list holds what was seen, afterwards. canvas: count a frame when this one is drawn."""
    found = list[Watched]()
    page.evaluate(_WATCH, canvas)
    yield found
    seen: dict[str, Any] = page.evaluate(_SEEN)
    found.append(Watched([b - a for a, b in pairwise(seen["frames"])], seen["tasks"]))


def renderer_mb(browser: Browser) -> float:
    """Memory of the largest tab: its proportional share of pages."""
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    tabs = [one["id"] for one in told["processInfo"] if one["type"] == "renderer"]
    return max((outside.memory_of(pid) for pid in tabs), default=0.0)

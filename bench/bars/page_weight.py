# SPDX-License-Identifier: Apache-2.0
"""What the pages of wall and desk weigh on the wire, the first time and again, and how soon they can be used.

Usable is a page when its scripts have run and its keys and buttons answer: the wall says so itself, the desk is when its document is read.
"""

import asyncio
from typing import Any

import msgspec
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from bench.ground import Ground
from bench.outside import web
from bench.result import Measured, middle
from bench.screen import chromium, venue_of_pack, viewport

USABLE = {"wall": "document.documentElement.dataset.ready === 'true'", "desk": "document.readyState !== 'loading'"}
# Compressed: the map and the charts alone are some 750 kB.
BAR_KB = {"wall": 1_100, "desk": 100}
AGAIN_KB, BAR_S = 60, {"wall": 3.0, "desk": 1.0}
# Until what a page asks for by itself has come.
SETTLE_MS = 1_500
_WHEN = """(usable) => new Promise((resolve) => {
  const look = () => (eval(usable) ? resolve(performance.now()) : setTimeout(look, 5));
  look();
})"""


class Load(msgspec.Struct, frozen=True):
    """One load of a page. kb: what came over the wire, heads and all; the stream, which never ends, is left out."""

    kb: float
    requests: int
    usable_s: float


async def measure(ground: Ground) -> list[Measured]:
    async with venue_of_pack(ground) as (run, _, _edition):
        with web(ground) as port:
            return await asyncio.to_thread(_pages, f"http://127.0.0.1:{port}", run, ground)


def _pages(base: str, run: str, ground: Ground) -> list[Measured]:
    with chromium() as browser:
        screen, rounds = viewport(ground), ground.rounds
        settle_ms = ground.size(SETTLE_MS, 50)
        floor = [_loads(browser, screen, f"{base}/healthz", USABLE["desk"], settle_ms)[0] for _ in range(rounds)]
        return [
            measured
            for name in USABLE
            for measured in _told(
                name,
                [_loads(browser, screen, f"{base}/r/{run}/{name}", USABLE[name], settle_ms) for _ in range(rounds)],
                floor,
            )
        ]


def _loads(browser: Browser, screen: ViewportSize, url: str, usable: str, settle_ms: int) -> tuple[Load, Load]:
    """The first load of a browser that knows nothing, and the next of the same."""
    context = browser.new_context(viewport=screen, bypass_csp=True, reduced_motion="reduce")
    try:
        return _load(context, url, usable, settle_ms), _load(context, url, usable, settle_ms)
    finally:
        context.close()


def _load(context: BrowserContext, url: str, usable: str, settle_ms: int) -> Load:
    page, ended = context.new_page(), list[float]()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")

    def finished(told: dict[str, Any]) -> None:
        ended.append(told["encodedDataLength"])

    wire.on("Network.loadingFinished", finished)
    page.goto(url)
    at = float(page.evaluate(_WHEN, usable))
    page.wait_for_timeout(settle_ms)
    page.close()
    sent = [size for size in ended if size > 0]  # what came out of the browser's own keep has no length
    return Load(sum(sent) / 1000, len(sent), at / 1000)


def _told(name: str, loads: list[tuple[Load, Load]], floors: list[Load]) -> list[Measured]:
    first, again = [pair[0] for pair in loads], [pair[1] for pair in loads]
    floor = floors[0]
    kb = {"bench": "page_weight", "unit": "kB", "better": "low", "floor": floor.kb, "floor_is": "a page of two words"}
    return [
        Measured(
            **kb,  # type: ignore[arg-type]
            what=f"the {name} over the wire, first load",
            value=first[-1].kb,
            bar=BAR_KB[name],
            limited_by="the libraries of map and charts" if name == "wall" else "style sheets and page",
            detail={"requests": first[-1].requests},
        ),
        Measured(
            **kb,  # type: ignore[arg-type]
            what=f"the {name} over the wire, second load",
            value=again[-1].kb,
            bar=AGAIN_KB,
            limited_by="the page itself, and asking whether the venue is still the same",
            detail={"requests": again[-1].requests},
        ),
        Measured(
            bench="page_weight",
            what=f"the {name} usable, first load",
            unit="s",
            better="low",
            value=middle([load.usable_s for load in first]),
            floor=middle([load.usable_s for load in floors]),
            floor_is="a page of two words",
            bar=BAR_S[name],
            limited_by="reading and running the scripts",
            rounds=tuple(load.usable_s for load in first),
            detail={"second_load_s": middle([load.usable_s for load in again])},
        ),
    ]

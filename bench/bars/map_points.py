# SPDX-License-Identifier: Apache-2.0
"""Forty thousand fire points and twenty thousand other things of registers on the map of the wall, in a real browser."""

import asyncio
from random import Random
from time import monotonic
from typing import Any

import httpx
import msgspec
from playwright.sync_api import Page
from psycopg.types.json import Jsonb

from bench.ground import Ground
from bench.outside import web
from bench.result import Measured, percentile
from bench.screen import Watched, chromium, declare, renderer_mb, venue_of_pack, viewport, watched
from fourleaf.postgres.pool import Connection

FULL = {"fire-bench": 40_000, "other-bench": 20_000}
# The lower levels hold most of them, as halls do.
LEVELS = ("L1", "L1", "L1", "L2")
SHOWN = "L1"
STATES = [
    {"key": "ready", "name": {"zh": "可用", "en": "Ready"}},
    {"key": "out", "name": {"zh": "停用", "en": "Out of use"}, "status": "watch"},
]
# One of so many is out of use.
NOT_CALM = 50
ANSWER_MS, DRAWN_S, SMOOTH = 500, 3.0, 1.5
JOINED_MS = 1_000
CANVAS = "#map canvas"
STEPS, WHEEL = 12, (-240, -240, 240, 240)
# No worker runs here, and the wall says so across the map.
QUIET = "#banner { display: none !important; }"
_STANDS = "() => [...document.querySelectorAll('#labels > *')].map((label) => label.style.transform).join()"
# The page's own map is found by what it adds to it.
_LISTEN = """async () => {
  const main = document.querySelector('script[type=module][src*="/wall/main.js"]').src;
  const { GeoJSONSource } = await import(new URL("../vendor/maplibre-gl/maplibre-gl.mjs", main));
  const add = GeoJSONSource.prototype.onAdd;
  window.sources = [];
  GeoJSONSource.prototype.onAdd = function (map) { window.sources.push(this); return add.call(this, map); };
}"""
# Milliseconds until the map has drawn that one thing turned out of use, and until it has drawn once more as it stands.
_JOIN = """async () => {
  const [{ map }] = window.sources;
  const drawn = async (begin) => {
    const began = performance.now();
    begin();
    await new Promise((done) => map.once("idle", done));
    return performance.now() - began;
  };
  const difference = { update: [{ id: "P000001", addOrUpdateProperties: [{ key: "state", value: "out" }] }] };
  const again = await drawn(() => map.triggerRepaint());
  return [await drawn(() => window.sources[0].updateData(difference)), again];
}"""
_COLUMNS = "thing, version, register, item, present, words, claims, fields, changed_at"


async def measure(ground: Ground) -> list[Measured]:
    async with venue_of_pack(ground) as (run, connection, edition):
        box = _box(msgspec.json.decode(edition.venue.to_json())["features"]["hall"]["features"])
        for key, full in FULL.items():
            await _fill(connection, key, ground.size(full, 40), box)
        await connection.execute("vacuum analyze world_item")
        with web(ground) as port:
            return await asyncio.to_thread(_measure, f"http://127.0.0.1:{port}/r/{run}", ground)


def _measure(run: str, ground: Ground) -> list[Measured]:
    answer = _answers(f"{run}/world/registers/fire-bench/places.geojson?level={SHOWN}")
    with chromium() as browser:
        page = browser.new_context(viewport=viewport(ground), bypass_csp=True).new_page()
        page.goto(f"{run}/wall?lang=en&level={SHOWN}")
        page.wait_for_selector("#map-view.is-drawn", timeout=120_000)
        page.add_style_tag(content=QUIET)
        bare_mb, bare = renderer_mb(browser), _moved(page, ground, CANVAS)
        page.evaluate(_LISTEN)
        drawn = _chosen(page)
        full = _moved(page, ground, CANVAS)
        held = _moved(page, ground) if ground.rounds > 1 else full
        told = _told(ground, answer, drawn, (bare, full, held), (bare_mb, renderer_mb(browser)))
        with watched(page) as seen:
            joined, again = page.evaluate(_JOIN)
        return [*told, _joined(ground, joined, again, max(seen[0].tasks, default=0.0))]


def _answers(url: str) -> tuple[float, float, float]:
    """Milliseconds to the whole answer, kilobytes on the wire, and milliseconds to hear that nothing has changed."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        client.get(url).raise_for_status()
        began = monotonic()
        with client.stream("GET", url) as answer:
            size = sum(len(part) for part in answer.iter_raw())
        took, began = monotonic() - began, monotonic()
        same = client.get(url, headers={"If-None-Match": answer.headers["etag"]})
        assert same.status_code == 304
        return took * 1000, size / 1000, (monotonic() - began) * 1000


def _chosen(page: Page) -> tuple[float, Watched]:
    """Both layers are chosen in the drawer. Seconds until the map has drawn them, and what held the page up meanwhile."""
    page.click("#drawer-open")
    page.wait_for_selector("#layers:not([hidden])")
    with watched(page) as seen:
        began = monotonic()
        for key in FULL:
            page.check(f"#layers input[value='{key}']")
        page.wait_for_function(
            "keys => keys.every((key) => (document.getElementById('map').dataset.layers ?? '').includes(key))",
            arg=list(FULL),
            timeout=120_000,
        )
        took = monotonic() - began
    page.click("#drawer-close")
    return took, seen[0]


def _moved(page: Page, ground: Ground, canvas: str = "") -> Watched:
    """The map is dragged about and zoomed in and out by hand. Where nothing is measured, it is moved a little.

    canvas: whose frames count when they are drawn; without, the page's own, and so what holds the page up.
    Raises: TimeoutError when the map does not move: something lies over it.
    """
    page.locator("#map").scroll_into_view_if_needed()
    box, steps = page.locator("#map").bounding_box(), ground.size(STEPS, 4)
    assert box
    x, y, stood = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, page.evaluate(_STANDS)
    with watched(page, canvas) as seen:
        for wheel in WHEEL[: ground.size(len(WHEEL))]:
            page.mouse.move(x, y)
            page.mouse.wheel(0, wheel)
            page.mouse.down()
            for step in range(steps):
                page.mouse.move(x + 8 * (step if step < steps / 2 else steps - step), y + 2 * step)
            page.wait_for_function(f"stood => ({_STANDS})() !== stood", arg=stood)
            page.mouse.up()
            page.wait_for_timeout(300)
    return seen[0]


def _told(
    ground: Ground,
    answer: tuple[float, float, float],
    drawn: tuple[float, Watched],
    moved: tuple[Watched, Watched, Watched],
    memory: tuple[float, float],
) -> list[Measured]:
    things, fire = sum(ground.size(full, 40) for full in FULL.values()), ground.size(FULL["fire-bench"], 40)
    bare, full, _ = (percentile(one.frames, 0.95) for one in moved)
    held = moved[2].tasks
    return [
        Measured(
            bench="map_points",
            what=f"where the things of one level of {fire:,} stand, three of four, the whole answer over HTTP",
            unit="ms",
            better="low",
            value=answer[0],
            floor=answer[2],
            floor_is="being told that nothing has changed",
            bar=ANSWER_MS,
            limited_by="PostgreSQL reads what each thing says and writes the text, and the web server packs it",
            detail={"wire_kb": answer[1]},
        ),
        Measured(
            bench="map_points",
            what=f"{things:,} things chosen in the drawer until those of the level are drawn",
            unit="s",
            better="low",
            value=drawn[0],
            floor=answer[0] / 1000,
            floor_is="one of the two answers",
            bar=DRAWN_S,
            limited_by="the two answers, then reading and clustering in the map's own thread, and drawing in software",
            detail={"longest_task_ms": max(drawn[1].tasks, default=0.0), "long_tasks": len(drawn[1].tasks)},
        ),
        Measured(
            bench="map_points",
            what=f"frame time while {things:,} things are dragged and zoomed, p95, against the map without them",
            unit="times",
            better="low",
            value=full / bare,
            floor=1.0,
            floor_is=f"the same map without them: {bare:.0f} ms a frame",
            bar=SMOOTH,
            limited_by="drawing in software: there is no graphics card here",
            detail={
                "frame_ms": full,
                "frames": len(moved[1].frames),
                "frames_without": len(moved[0].frames),
                "long_tasks": len(held),
                "longest_task_ms": max(held, default=0.0),
                "tab_mb": memory[1],
                "tab_mb_without": memory[0],
            },
        ),
    ]


def _joined(ground: Ground, value: float, floor: float, longest_task_ms: float) -> Measured:
    return Measured(
        bench="map_points",
        what=f"one of {ground.size(FULL['fire-bench'], 40):,} things turned out of use until the map has drawn it",
        unit="ms",
        better="low",
        value=value,
        floor=floor,
        floor_is="drawing the map once more",
        bar=JOINED_MS,
        limited_by="clustering anew in the map's own thread, then drawing in software",
        detail={"longest_task_ms": longest_task_ms},
    )


def _box(features: list[dict[str, Any]]) -> tuple[float, float, float, float]:
    """West, south, east and north of the halls."""
    points = [point for one in features for point in _points(one["geometry"]["coordinates"])]
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    return min(lons), min(lats), max(lons), max(lats)


def _points(part: Any) -> list[tuple[float, float]]:
    return [(part[0], part[1])] if isinstance(part[0], float | int) else [two for one in part for two in _points(one)]


async def _fill(connection: Connection, key: str, size: int, box: tuple[float, float, float, float]) -> None:
    """Declare a register with a layer and put its things straight into the table."""
    west, south, east, north = box
    rng = Random(7)
    field = [
        {"key": "name", "name": {"zh": "名称", "en": "Name"}, "type": "text", "label": True},
        {"key": "place", "name": {"zh": "位置", "en": "Place"}, "type": "place"},
        {"key": "state", "name": {"zh": "状态", "en": "State"}, "type": "choice", "choices": STATES},
    ]
    said = {"name": {"zh": key, "en": key}, "icon": "消", "layer": {"from_zoom": "19"}, "field": field}
    await declare(connection, "register", key, said)
    async with connection.cursor() as cursor, cursor.copy(f"copy world_item ({_COLUMNS}) from stdin".encode()) as copy:
        for number in range(size):
            item, level = f"P{number:06}", LEVELS[number % len(LEVELS)]
            lon, lat = rng.uniform(west, east), rng.uniform(south, north)
            place = {"level": level, "lon": f"{lon:.7f}", "lat": f"{lat:.7f}"}
            name = f"{level} {number}号点 {rng.randrange(10**4)}"
            state = STATES[0 if number % NOT_CALM else 1]["key"]
            fields = Jsonb({"name": name, "place": place, "state": state})
            await copy.write_row([f"{key}.{item}", 1, key, item, True, name, [], fields, "2024-11-05T01:00Z"])

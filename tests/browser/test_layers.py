# SPDX-License-Identifier: Apache-2.0
"""Layers on the wall in a real browser: the map fetches the points of a level itself, and what is not calm is joined by id."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.outside import Live, Outside
from tests.browser.walls import show_map

pytestmark = pytest.mark.browser

# What the page tells the map's own thread of points that it has already.
LISTEN = """async () => {
  const main = document.querySelector('script[type=module][src*="/wall/main.js"]').src;
  const { GeoJSONSource } = await import(new URL("../vendor/maplibre-gl/maplibre-gl.mjs", main));
  const tell = GeoJSONSource.prototype.updateData;
  window.told = [];
  GeoJSONSource.prototype.updateData = function (told) { window.told.push(...told.update); return tell.call(this, told); };
}"""


def test_what_turns_out_of_use_is_joined_by_id_and_the_points_are_fetched_once(
    page: Page, live_server: Live, outside: Outside, errors: list[str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "places.geojson" in request.url else None)
    show_map(page, live_server, "lang=en&level=L1")
    page.evaluate(LISTEN)
    page.keyboard.press("c")
    page.check("#layers input[value=kiosk]")
    page.keyboard.press("Escape")
    expect(page.locator("#map[data-layers=kiosk]")).to_be_attached()
    kiosk = outside.first("kiosk", level="L1", state="ready")

    outside.change("kiosk", kiosk, state="out")
    joined = page.wait_for_function("() => window.told.length && window.told").json_value()
    page.keyboard.press("l")
    row = page.locator("#list-layers li", has_text=kiosk)
    expect(row.locator(".st")).to_have_text("Out of service")
    outside.change("kiosk", kiosk, state="ready")
    expect(row.locator(".st")).to_have_count(0)

    assert joined == [{"id": kiosk, "addOrUpdateProperties": [{"key": "state", "value": "out"}]}]
    assert [url.partition("?")[2] for url in asked] == ["level=L1"]
    assert errors == []

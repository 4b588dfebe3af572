# SPDX-License-Identifier: Apache-2.0
"""The wall in a real browser: both languages, three widths, list, silence and what comes after it."""

import re
from collections.abc import Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from fourleaf.ui.format import LANGS, Lang
from tests.browser.cable import Cable
from tests.browser.outside import Live, Outside
from tests.browser.walls import Wall, show
from tests.ui import cases

pytestmark = pytest.mark.browser

# Latin letters that are names in Chinese too: codes of places, the strip's second language, keys.
NAMES_IN_CHINESE = re.compile(r"REHEARSAL|English|Esc|NH|\b[A-Z]{1,3}-?[A-Z]?\d*(-[A-Z]?\d+)*\b|\b[clhz]\b")
CHINESE_IN_ENGLISH = re.compile(r"演练|中文")


def test_the_wall_draws_every_hall_of_the_level_and_every_gate(wall: Wall, live_server: Live) -> None:
    page = wall.page

    venue = page.evaluate("run => fetch(`/r/${run}/venue.json`).then((answer) => answer.json())", live_server.run)
    ground = min(venue["levels"], key=lambda level: abs(level["ordinal"]))["id"]
    halls = [one["properties"] for one in venue["features"]["hall"]["features"]]
    names = {one["short"][wall.lang] for one in halls if one["level"] == ground}
    gates = venue["features"]["gate"]["features"]
    expect(page.locator("#labels .gate-label")).to_have_count(len(gates))
    assert set(page.locator("#labels .hall-label b").all_inner_texts()) == names
    assert wall.errors == []


def test_a_rehearsal_never_looks_live(wall: Wall) -> None:
    strip = wall.page.locator(".rehearsal")
    expect(strip).to_contain_text("演练")
    expect(strip).to_contain_text("REHEARSAL")
    box = strip.bounding_box()
    assert box is not None and box["y"] == 0 and box["width"] == 1920


@pytest.mark.parametrize(("width", "height", "smallest"), [(1920, 1080, 24), (1440, 900, 18)])
def test_the_wall_fits_its_screen_and_can_be_read_from_afar(wall: Wall, width: int, height: int, smallest: int) -> None:
    page = wall.sized(width, height)

    found = page.evaluate(MEASURE)

    assert (found["scrollWidth"], found["scrollHeight"]) == (width, height)
    assert found["smallest"] >= smallest
    assert found["outside"] == []
    assert found["cut"] == []


MEASURE = """() => {
  const hasText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const skipped = (node) => node.closest(".vh, .skip, dialog, canvas");
  const shown = [...document.querySelectorAll("body *")]
    .filter((node) => node.checkVisibility() && !skipped(node) && hasText(node));
  const room = (node) => (node.closest("main > section, .top, .rehearsal, .time") ?? document.body).getBoundingClientRect();
  const leaves = (box, limit) => box.right > limit.right + 1 || box.bottom > limit.bottom + 1 || box.left < limit.left - 1;
  return {
    scrollWidth: document.documentElement.scrollWidth,
    scrollHeight: document.documentElement.scrollHeight,
    smallest: Math.min(...shown.map((node) => parseFloat(getComputedStyle(node).fontSize))),
    outside: shown.filter((node) => !node.closest("#labels") && leaves(node.getBoundingClientRect(), room(node)))
      .map((node) => node.textContent),
    cut: shown.filter((node) => getComputedStyle(node).overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1)
      .map((node) => node.textContent),
  };
}"""


@pytest.mark.parametrize("lang", LANGS)
def test_a_phone_gets_tiles_and_list_without_sideways_scrolling(page: Page, live_server: Live, lang: Lang) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    show(page, live_server.url, live_server.run, f"lang={lang}")

    expect(page.locator("#list-halls tbody tr").first).to_be_visible()
    expect(page.locator("#inside .fig")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_no_word_of_the_other_language_is_left(wall: Wall) -> None:
    page = wall.page
    page.keyboard.press("l")
    page.keyboard.press("c")

    text = "\n".join(page.locator(part).inner_text() for part in ("body", "#drawer", "#list"))

    if wall.lang == "zh":
        assert set(re.findall(r"[A-Za-z]{2,}", NAMES_IN_CHINESE.sub("", text))) == set()
    else:
        assert set(re.findall(r"[\u4e00-\u9fff]+", CHINESE_IN_ENGLISH.sub("", text))) == set()


@pytest.mark.parametrize(("key", "seen"), [("", "#map-view"), ("l", "#list"), ("c", "#drawer")])
def test_axe_finds_nothing(wall: Wall, key: str, seen: str) -> None:
    page = wall.page
    if key:
        page.keyboard.press(key)
    expect(page.locator(seen)).to_be_visible()
    expect(page.locator("#gates .rows > *").first).to_be_visible()

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


def test_the_list_says_what_the_map_says(wall: Wall) -> None:
    page = wall.page
    on_map = page.evaluate(READ_MAP)

    page.keyboard.press("l")
    listed = page.evaluate(READ_LIST)

    assert on_map.keys() <= listed.keys()
    assert {hall: on_map[hall] is None for hall in on_map} == {hall: listed[hall] is None for hall in on_map}
    for hall, count in on_map.items():
        assert count is None or abs(count - listed[hall]) <= 30  # a second of the run lies between the two looks


READ_MAP = """() => Object.fromEntries([...document.querySelectorAll("#labels .hall-label")].map((node) => {
  const count = Number(node.querySelector(".count").textContent.replace(/[^\\d]/g, "") || NaN);
  return [node.querySelector("b").textContent, Number.isNaN(count) ? null : count]; }))"""
READ_LIST = """() => Object.fromEntries([...document.querySelectorAll("#list-halls tbody tr")].map((row) => {
  const count = Number(row.cells[2].textContent.replace(/[^\\d]/g, "") || NaN);
  return [row.cells[0].textContent, Number.isNaN(count) ? null : count]; }))"""


def test_silence_turns_everything_unknown_and_the_stream_resumes_where_it_was(
    page: Page, live_server: Live, cable: Cable
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, f"http://127.0.0.1:{cable.port}", live_server.run, "lang=zh&view=list")
    expect(page.locator("#banner")).to_be_hidden()

    cable.cut()
    expect(page).to_have_title(re.compile(r"^未知"), timeout=12_000)
    expect(page.locator("#banner")).to_contain_text(re.compile(r"正在恢复，自 \d\d:\d\d"), timeout=12_000)
    expect(page.locator("#inside .unknown-box")).to_be_visible()
    assert set(page.locator("#list-halls tbody td:nth-child(6)").all_inner_texts()) == {"未知"}
    cable.mend()
    expect(page.locator("#banner")).to_be_hidden(timeout=12_000)

    streams = [url for url in asked if "/stream" in url]
    assert "after=" not in streams[0] and "after=" in streams[-1]
    assert not [url for url in asked if "picture.json" in url]
    assert len([url for url in asked if "venue.json" in url]) == 1


def test_a_hall_nobody_reports_is_unknown_and_not_calm(page: Page, live_server: Live, outside: Outside) -> None:
    """Known when its doors report, over its limit when they count many, unknown again when they fall silent."""
    show(page, live_server.url, live_server.run, "view=list&lang=en")
    door, hall = outside.door()
    limit = outside.scaled_limit(hall)
    row = page.locator("#list-halls tbody tr", has=page.get_by_role("rowheader", name=hall, exact=True))
    status = row.locator("td").nth(4)
    expect(status).to_have_text("unknown", timeout=20_000)

    outside.count(door, limit + 1)
    for _ in range(60):  # a minute passes each second, and a count is too old to go by after eleven
        if status.inner_text() == "watch":
            break
        page.wait_for_timeout(500)
        outside.count(door, 0)
    expect(status).to_have_text("watch")
    call = page.locator("#attention .case", has_text=f"Over {limit}")
    expect(call.locator("svg")).to_have_count(1)
    expect(call.locator(".word")).to_have_text("watch")
    expect(call.locator(".since")).to_contain_text(f"{outside.occupancy(hall)} people")
    expect(call.locator(".next")).to_contain_text("send people to emptier halls")
    expect(status).to_have_text("unknown", timeout=40_000)
    expect(call.locator(".word")).to_have_text("unknown")
    expect(call.locator(".since")).to_contain_text("was watch at")


def test_a_passage_at_a_gate_is_counted_on_the_wall(page: Page, live_server: Live, outside: Outside) -> None:
    show(page, live_server.url, live_server.run, "lang=en")
    entries = page.locator("#entries .fig")
    outside.enter(1, "first")
    expect(entries).to_have_text(re.compile(r"\d+"), timeout=20_000)
    before = int(entries.inner_text().replace(",", ""))

    outside.enter(3, "then")

    expect(entries).to_have_text(f"{before + 3:,}", timeout=10_000)
    expect(page.locator("#entries .note")).to_have_text(re.compile(r"gates \d\d:\d\d"))


def test_the_format_of_the_browser_is_that_of_the_server(page: Page, live_server: Live) -> None:
    from_server: dict[str, Sequence[Sequence[object]]] = {
        "numbers": cases.NUMBERS,
        "short": cases.SHORT,
        "bounded": cases.BOUNDED,
        "moments": cases.MOMENTS,
        "dates": cases.DATES,
    }
    page.goto(f"{live_server.url}/runs")

    found = page.evaluate(
        """async (given) => {
          const f = await import("/static/kit/format.js");
          const zone = "Asia/Shanghai";
          return {
            numbers: given.numbers.map(([value, digits]) => [value, digits, f.number(value, digits)]),
            short: given.short.map(([value]) => [value, f.short(value, "zh"), f.short(value, "en")]),
            bounded: given.bounded.map(([bound]) => [bound, f.bounded("41", bound, "zh"), f.bounded("41", bound, "en")]),
            moments: given.moments.map(([iso]) => [iso, f.moment(iso, "zh", zone), f.moment(iso, "en", zone)]),
            dates: given.dates.map(([iso]) => [iso, f.dated(iso, "zh", zone), f.dated(iso, "en", zone)]),
          };
        }""",
        from_server,
    )

    assert found == {name: [list(row) for row in rows] for name, rows in from_server.items()}

# SPDX-License-Identifier: Apache-2.0
"""What the wall tells a duty officer: names, reasons, next steps, whole sentences, free labels; on paper and on a phone too."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from fourleaf.ui.format import LANGS, Lang
from tests.browser.outside import Live, Outside
from tests.browser.walls import STORE, Wall

pytestmark = pytest.mark.browser

CLOSED = {
    "zh": ("关闭", "南厅入口", "安检设备故障", "引导到"),
    "en": ("Closed", "South gate", "scanner out of order", "Send people to"),
}


@pytest.fixture
def closed(outside: Outside) -> Iterator[Callable[[str], None]]:
    """Closes things of the venue and opens them again when the test is over."""
    shut: list[str] = []

    def close(thing: str) -> None:
        outside.close(thing, zh="安检设备故障", en="scanner out of order")
        shut.append(thing)

    yield close
    for thing in shut:
        outside.reopen(thing)


def test_a_closure_says_what_where_since_when_why_and_where_people_go(
    wall: Wall, live_server: Live, closed: Callable[[str], None]
) -> None:
    page, lang = wall.page, wall.lang
    what, where, why, todo = CLOSED[lang]

    closed("S")

    row = page.locator("#attention .case", has_text=where)
    expect(row.locator(".what")).to_have_text(what)
    expect(row.locator(".where")).to_have_text(where)
    expect(row.locator(".since")).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(row.locator(".why")).to_have_text(why)
    expect(row.locator(".next")).to_contain_text(todo)
    gates = {one["short"][lang] for one in _gates(page, live_server) if one["name"][lang] != where}
    assert any(gate in row.locator(".next").inner_text() for gate in gates)
    expect(page).to_have_title(re.compile(r"^未结 \d+ 件" if lang == "zh" else r"^\d+ open"))


def _gates(page: Page, live: Live) -> list[dict[str, dict[str, str]]]:
    venue = page.evaluate("run => fetch(`/r/${run}/venue.json`).then((answer) => answer.json())", live.run)
    return [one["properties"] for one in venue["features"]["gate"]["features"]]


def test_more_matters_than_fit_are_counted_and_the_worst_two_stand_whole(
    wall: Wall, closed: Callable[[str], None], outside: Outside
) -> None:
    page = wall.page
    outside.enter(1, "before")

    for thing in ("N", "E", "S", "G12", "3", "4.1", "5.1", "6.1"):
        closed(thing)
    expect(page.locator("#open-count")).to_have_text(re.compile(r"^([89]|\d\d)$"))
    expect(page.locator("#wrong-more")).to_be_visible()

    found = page.evaluate(SPACE)
    assert found["shown"] + found["more"] == found["open"]
    assert found["whole"] >= 2
    assert found["spilled"] == []
    # With five and more closed the one chart of the minutes still has room.
    expect(page.locator("#minute .chart")).to_be_visible()
    assert page.locator("#minute .chart").bounding_box()["height"] >= CHART_REM * 24  # type: ignore[index]


# The canvas of the chart; a rem is 24 px on this screen.
CHART_REM = 4.4
SPACE = """() => {
  const rows = [...document.querySelectorAll("#attention .case")].filter((row) => !row.hidden);
  const floor = document.querySelector("#wrong").getBoundingClientRect().bottom;
  const parts = [...rows, document.querySelector("#wrong-more"), ...document.querySelectorAll(".two .why")];
  return {
    open: Number(document.querySelector("#open-count").textContent),
    shown: rows.reduce((sum, row) => sum + Number(row.dataset.n), 0),
    more: Number(document.querySelector("#wrong-more").textContent.match(/\\d+/)[0]),
    whole: rows.filter((row) => row.querySelector(".next").checkVisibility()).length,
    spilled: parts.filter((part) => part.getBoundingClientRect().bottom > floor + 1 || part.scrollHeight > part.clientHeight + 6)
      .map((part) => part.textContent),
  };
}"""


def test_a_closed_hall_says_so_by_shape_and_word_on_the_map(wall: Wall, closed: Callable[[str], None]) -> None:
    closed("7.1")

    mark = wall.page.locator("#labels .hall-label", has_text="7.1").locator(".mark")
    expect(mark).to_have_text("关闭" if wall.lang == "zh" else "closed")
    expect(mark.locator("svg")).to_have_count(1)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 900), (360, 800)])
def test_the_published_total_can_be_read_in_full(wall: Wall, width: int, height: int) -> None:
    line = wall.sized(width, height).locator(".tile:has(#entries) #previous")

    expect(line).to_contain_text("newest published total" if wall.lang == "en" else "最近公布的全程进场数")
    expect(line).to_contain_text("4th edition" if wall.lang == "en" else "第四届")
    expect(line).to_contain_text("480,000" if wall.lang == "en" else "48万")
    expect(line).to_contain_text("2021")
    expect(line).to_contain_text("over" if wall.lang == "en" else "超")
    assert line.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    expect(line).to_have_css("overflow", "visible")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 900), (768, 1024)])
def test_no_two_labels_of_the_map_lie_over_each_other(wall: Wall, width: int, height: int) -> None:
    assert wall.sized(width, height).evaluate(OVERLAPS) == []


OVERLAPS = """() => {
  const shown = [...document.querySelectorAll("#labels > *")].filter((node) => !node.hidden && !node.matches(".hall-label"));
  const halls = [...document.querySelectorAll("#labels .hall-label > *")].filter((node) => node.checkVisibility());
  const all = [...shown, ...halls].map((node) => ({ node, box: node.getBoundingClientRect(), of: node.closest("#labels > *") }));
  const shared = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
  const over = (a, b) => shared(a, b, "left", "right") > 1 && shared(a, b, "top", "bottom") > 6;
  return all.flatMap((one, index) => all.slice(index + 1).filter((two) => two.of !== one.of && over(one.box, two.box))
    .map((two) => `${one.node.textContent} | ${two.node.textContent}`));
}"""


def test_labels_of_an_unknown_map_keep_apart_and_lots_say_it_in_a_word(wall: Wall) -> None:
    """The time of each lot beside its place pushed the others over the halls."""
    page = wall.page
    page.evaluate(TELL_OF_LOTS)
    expect(page.locator("#labels .plate", has_text="P9").locator(".note")).to_have_text(re.compile("未知|unknown"))

    overlaps, beside = page.evaluate(OVERLAPS), page.evaluate(PLATES_ON_HALLS)
    page.evaluate(FORGET_LOTS)

    assert overlaps == []
    assert beside == []


# As if the car parks told how many cars stand there, long ago.
BOOK = f"""{STORE}
  const {{ venue }} = await import(new URL("venue.js", main));
  const lots = venue.of("lot").map(({{ id }}) => `test/${{id}}`);"""
TELL_OF_LOTS = f"""async () => {{ {BOOK}
  const words = {{ zh: "在场", en: "Parked" }};
  const at = "2024-11-05T00:00:00Z";
  const values = [{{ key: "occupied", name: words, value: "300", unit: "car" }}];
  const props = {{ name: words, feed: words, as_of: at, source: "feed", values }};
  live.changes({{ changes: lots.map((thing) => ({{ layer: "feed", thing, place: thing.slice(5), stale_at: at, props }})) }});
}}"""
FORGET_LOTS = f"async () => {{ {BOOK} live.changes({{ changes: lots.map((thing) => ({{ layer: 'feed', thing, gone: true }})) }}); }}"
PLATES_ON_HALLS = """() => {
  const halls = [...document.querySelectorAll("#labels .hall-label")].map((node) => node.getBoundingClientRect());
  return [...document.querySelectorAll("#labels .plate")].filter((node) => !node.hidden && halls.some((hall) => {
    const box = node.getBoundingClientRect();
    return box.left < hall.right && hall.left < box.right && box.top < hall.bottom && hall.top < box.bottom;
  })).map((node) => node.textContent);
}"""


def test_a_row_stays_the_same_row_while_its_numbers_change(wall: Wall, outside: Outside) -> None:
    page = wall.page
    page.keyboard.press("l")
    rows = page.locator("#list-gates tbody tr")
    expect(rows.first).to_be_visible()
    page.evaluate("document.querySelectorAll('#list-gates tr').forEach((row) => { row.dataset.kept = 'yes'; })")
    before = page.locator("#list-gates tbody").inner_text()

    outside.enter(2, "kept")

    expect(page.locator("#list-gates tbody")).not_to_have_text(before, timeout=10_000)
    assert set(rows.evaluate_all("(all) => all.map((row) => row.dataset.kept)")) == {"yes"}


@pytest.mark.parametrize("path", ["/r/{run}/wall", "/runs", "/r/nowhere/wall"])
@pytest.mark.parametrize("lang", LANGS)
def test_a_thumb_can_hit_everything_on_a_phone(page: Page, live_server: Live, lang: Lang, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}{path.format(run=live_server.run)}?lang={lang}")
    page.wait_for_timeout(500)

    small = page.evaluate(SMALL)

    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360


SMALL = """() => [...document.querySelectorAll("button, select, a:not(.skip), label:has(input)")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 44)
  .map((node) => node.outerHTML.slice(0, 90))"""


def test_on_paper_the_wall_is_a_light_list(wall: Wall, closed: Callable[[str], None]) -> None:
    page = wall.page
    closed("S")
    expect(page.locator("#attention .case", has_text=CLOSED[wall.lang][1])).to_be_visible()

    page.emulate_media(media="print")

    expect(page.locator("#list-halls tbody tr").first).to_be_visible()
    expect(page.locator("#map-view")).to_be_hidden()
    expect(page.locator("#drawer-open")).to_be_hidden()
    expect(page.locator("#attention .case .next").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    expect(page.locator("#drawer-open")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_a_run_that_is_not_there_is_a_page_with_a_way_on(page: Page, live_server: Live, lang: Lang) -> None:
    answer = page.goto(f"{live_server.url}/r/nowhere/wall?lang={lang}")

    assert answer is not None and answer.status == 404
    expect(page.locator("h1")).to_contain_text("没有这个页面或场次" if lang == "zh" else "There is no such page or run")
    assert Axe().run(page).violations_count == 0
    page.locator("a.way").click()
    expect(page).to_have_url(f"{live_server.url}/runs")


@pytest.mark.parametrize("lang", LANGS)
def test_the_list_of_runs_names_the_edition_and_its_year(page: Page, live_server: Live, lang: Lang) -> None:
    page.goto(f"{live_server.url}/runs?lang={lang}")

    row = page.locator("tbody tr", has=page.get_by_role("rowheader", name=live_server.run, exact=True))
    expect(row).to_contain_text("第七届进博会" if lang == "zh" else "7th CIIE")
    expect(row).to_contain_text("2024年11月5日" if lang == "zh" else "5 Nov 2024")
    assert Axe().run(page).violations_count == 0

# SPDX-License-Identifier: Apache-2.0
"""What the wall says stands whole in its place, once, and in one way of writing; where there is nothing to draw, words say so."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.walls import STORE, Wall

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 900), (1280, 720)])
def test_the_header_has_room_for_all_it_says_at_the_end_of_a_rehearsal(wall: Wall, width: int, height: int) -> None:
    page = wall.sized(width, height)

    found = page.evaluate(FINISHED)

    assert found == {"cut": [], "beside": []}


# Ended, with a silent device: the pulse of the stream may come between, so all is measured in the frame that shows it.
FINISHED = f"""async () => {{ {STORE}
  const state = document.querySelector("#run-state");
  const silent = document.querySelector("#feeds-unknown");
  const props = {{ kind: "device-silent", severity: "unknown", what: {{}}, where: {{}}, devices: ["one", "two"] }};
  live.changes({{ changes: [{{ layer: "attention", thing: "test/silent", place: "", stale_at: null, props }}] }});
  while (state.hidden || silent.hidden) {{
    live.pulse({{ ...live.time.pulse, state: "finished" }});
    await new Promise(requestAnimationFrame);
  }}
  const top = document.querySelector("header.top");
  const edge = top.getBoundingClientRect();
  const parts = [...top.querySelectorAll(":scope > *, .kv > *")].filter((node) => node.checkVisibility());
  const narrow = (node) => getComputedStyle(node).display !== "inline" && node.scrollWidth > node.clientWidth + 1;
  const out = ({{ right, bottom }}) => right > edge.right || bottom > edge.bottom;
  const cut = parts.filter((node) => narrow(node) || out(node.getBoundingClientRect()));
  const row = [...top.children].filter((node) => node.checkVisibility()).map((node) => [node, node.getBoundingClientRect()]);
  const beside = row.slice(1).filter(([, box], index) => box.left < row[index][1].right);
  live.changes({{ changes: [{{ layer: "attention", thing: "test/silent", gone: true }}] }});
  return {{ cut: cut.map((node) => node.textContent), beside: beside.map(([node]) => node.textContent) }};
}}"""


def test_the_taxis_of_a_lot_are_said_beside_its_number(wall: Wall) -> None:
    plates = wall.page.locator("#labels .plate", has=wall.page.locator(".pill", has_text=re.compile("^P6$")))

    expect(plates).to_have_count(1)
    expect(plates).to_contain_text("500")
    expect(plates).to_contain_text("Taxis" if wall.lang == "en" else "出租车")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 900), (900, 800)])
def test_near_by_no_booth_shows_beside_the_legend(wall: Wall, width: int, height: int) -> None:
    page = wall.sized(width, height)
    page.evaluate("document.querySelector('#map-view').classList.add('is-near')")

    legend, room = (page.locator(one).bounding_box() for one in ("#legend", "#map-view"))
    spilled = page.locator("#legend").evaluate("(node) => node.scrollWidth - node.clientWidth")
    page.evaluate("document.querySelector('#map-view').classList.remove('is-near')")

    assert legend and room
    assert legend["x"] <= room["x"]
    assert legend["x"] + legend["width"] >= room["x"] + room["width"]
    assert legend["y"] + legend["height"] >= room["y"] + room["height"]
    assert spilled <= 0


def test_without_a_number_the_chart_of_the_minutes_is_words_alone(wall: Wall) -> None:
    page = wall.page

    page.evaluate(MINUTES, [])
    expect(page.locator("#minute-none")).to_be_visible()
    expect(page.locator("#minute .chart")).to_be_hidden()

    page.evaluate(MINUTES, [["2024-11-05T01:00:00Z", 3]])
    expect(page.locator("#minute-none")).to_be_hidden()
    expect(page.locator("#minute .chart canvas")).to_be_visible()


MINUTES = f"""async (series) => {{ {STORE}
  const thing = "admission.entries_by_minute";
  const props = {{ unit: "person-time/minute", source: "admission.Entered", as_of: null, series }};
  live.changes({{ changes: [{{ layer: "figure", thing, place: "", stale_at: null, props }}] }});
}}"""


def test_the_limits_of_halls_are_written_in_one_way(wall: Wall) -> None:
    limits = wall.page.locator("#halls .limits")
    before: list[Any] = wall.page.evaluate(LIMITS, [[8000, 10000]])

    expect(limits).to_contain_text("8,000")
    expect(limits).to_contain_text("10,000")

    wall.page.evaluate(LIMITS, before)


# Gives what the limits were, hall by hall; the last of those given holds for all further halls.
LIMITS = f"""async (limits) => {{ {STORE}
  const halls = live.things("hall");
  const before = halls.map((one) => one.props.scaled);
  const of = (index) => limits[Math.min(index, limits.length - 1)];
  live.changes({{ changes: halls.map((one, index) => ({{ ...one, props: {{ ...one.props, scaled: of(index) }} }})) }});
  return before;
}}"""


def test_a_hall_is_read_out_by_its_name_alone(wall: Wall) -> None:
    names = wall.page.locator("#labels .hall-label").evaluate_all(
        "(all) => all.map((one) => [one.ariaLabel, one.firstElementChild.textContent])"
    )

    assert names
    assert [said for said, name in names if not re.match(rf"{re.escape(name)}(, |，)", said)] == []


def test_ages_have_no_unit_at_their_head_for_each_bears_its_own(wall: Wall) -> None:
    expect(wall.page.locator("#wrong .open")).to_contain_text(re.compile("age$" if wall.lang == "en" else "时长$"))

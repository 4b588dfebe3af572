# SPDX-License-Identifier: Apache-2.0
"""The wall by keys alone: levels, list, halls, drawer, and a focus that can be seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.outside import Live
from tests.browser.walls import Wall, show_map

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("standing", ["zh"], indirect=True)
def test_the_keyboard_reaches_levels_list_and_drawer(wall: Wall) -> None:
    page = wall.page
    levels = page.locator("#levels input")

    page.keyboard.press("2")
    expect(page.locator("#levels label").first.locator("input")).to_be_checked()
    page.keyboard.press("ArrowDown")
    expect(levels.last).to_be_checked()
    page.keyboard.press("l")
    expect(page.locator("#list")).to_be_visible()
    page.keyboard.press("l")
    expect(page.locator("#map-view")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#drawer")).to_be_visible()
    # Layers come late above the keys, the first time; and do not push them away.
    expect(page.locator("#layers .check").first).to_be_attached()
    expect(page.locator(".keys div").last).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()


def test_a_chosen_hall_shows_its_six_cells_and_stays_chosen_in_the_other_language(
    page: Page, live_server: Live
) -> None:
    show_map(page, live_server)
    hall = page.locator("#labels .hall-label").first
    name = hall.locator("b").inner_text()

    hall.click()
    page.keyboard.press("c")
    page.locator("#drawer a[lang=en]").click()
    page.wait_for_selector("#map[data-ready]")

    chosen = page.locator("#labels .hall-label[aria-pressed=true] b")
    expect(chosen).to_have_text(name)


@pytest.mark.parametrize("standing", ["zh"], indirect=True)
def test_keys_work_in_capitals_and_after_a_level_was_picked_by_hand(wall: Wall) -> None:
    page = wall.page

    page.locator("#levels label").first.click()
    page.keyboard.press("L")
    expect(page.locator("#list")).to_be_visible()
    page.keyboard.press("l")
    expect(page.locator("#map-view")).to_be_visible()


@pytest.mark.parametrize("standing", ["zh"], indirect=True)
def test_the_arrows_of_a_focused_level_picker_step_once(wall: Wall) -> None:
    page = wall.page
    levels = page.locator("#levels input")

    levels.last.focus()
    page.keyboard.press("ArrowUp")

    expect(levels.first).to_be_checked()
    expect(page.locator("#drawer-levels [aria-pressed=true]")).to_have_attribute(
        "data-level", levels.first.get_attribute("value") or ""
    )


def test_tab_reaches_every_control_and_each_shows_its_focus(page: Page, live_server: Live) -> None:
    show_map(page, live_server)
    wanted = {"#view-switch", "#drawer-open", "#levels", ".hall-label", "canvas"}
    seen: set[str] = set()

    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED, sorted(wanted))
        if found is None:
            break
        assert found["shown"], found
        seen |= set(found["is"])

    assert seen == wanted


FOCUSED = """(wanted) => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const drawn = (one) => getComputedStyle(one).outlineStyle !== "none" && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
  const shown = drawn(node) || drawn(node.closest("label") ?? node);
  return { is: wanted.filter((part) => node.closest(part)), shown, tag: node.outerHTML.slice(0, 80) };
}"""


@pytest.mark.parametrize("standing", ["zh"], indirect=True)
def test_escape_closes_the_drawer_and_gives_the_focus_back(wall: Wall) -> None:
    page = wall.page
    opener = page.locator("#drawer-open")

    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")

    expect(page.locator("#drawer")).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")


def test_less_motion_asked_of_the_system_is_kept(page: Page, live_server: Live) -> None:
    """The context of these tests asks for reduced motion."""
    show_map(page, live_server)

    page.keyboard.press("h")
    page.keyboard.press("z")
    expect(page.locator("#map-view.is-near")).to_be_visible()

    assert page.evaluate("document.getAnimations().length") == 0
    expect(page.locator("#less-motion")).to_be_checked()

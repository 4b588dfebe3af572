# SPDX-License-Identifier: Apache-2.0
"""The desk in a real browser: forms, mistakes, undo, imports from the file to the map, keys alone and a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.outside import Live
from tests.browser.walls import show
from tests.standards.spreadsheets.made import saved

pytestmark = pytest.mark.browser


def desk(live: Live, path: str) -> str:
    return f"{live.url}/r/{live.run}/desk{path}"


def table(*lines: list[object]) -> FilePayload:
    return {"name": "table.xlsx", "mimeType": "application/octet-stream", "buffer": saved(lines)}


def test_a_form_leads_to_its_mistakes_and_what_was_done_is_undone(
    page: Page, live_server: Live, errors: list[str]
) -> None:
    page.goto(desk(live_server, "/registers/counter/new?lang=en"))

    page.fill("#f-id", "B-1")
    page.fill("#f-seats", "many")
    page.click("form.form button")
    expect(page.locator("#errors")).to_be_focused()
    page.click("#errors a[href='#f-seats']")
    expect(page.locator("#f-seats")).to_be_focused()
    assert page.input_value("#f-seats") == "many"
    page.fill("#f-seats", "3")
    page.fill("#f-name_zh", "浏览器柜台")
    page.fill("#f-name_en", "Counter of the browser")
    page.select_option("#f-kind", "visa")
    page.fill("#f-hall", "8.1")
    page.fill("#f-place", "L1 121.2998 31.1926")
    page.click("form.form button")
    expect(page.locator(".done")).to_contain_text("Added to the register.")
    page.click(".done button")

    expect(page.locator(".empty")).to_contain_text("Removed from the register")
    assert [one for one in errors if "422" not in one] == []


def test_a_table_goes_from_the_file_to_the_map_and_its_wrong_lines_stay_out(
    page: Page, live_server: Live, errors: list[str]
) -> None:
    page.goto(desk(live_server, "/registers/medical-point?lang=en"))
    head: list[object] = ["Id", "name_zh", "name_en", "kind", "place"]
    good: list[object] = ["MB-1", "浏览器医疗点", "Medical point of the browser", "station", "L1 121.2998 31.1926"]

    page.click("#import")
    page.set_input_files("#f-file", table(head, good, ["MB-2", "坏", "Bad", "nothing", "nowhere"]))
    page.click("#send button")
    expect(page.locator(".what-new dd")).to_have_text("1")
    expect(page.locator("#outlook tbody th").first).to_have_text("D3")
    page.click("#confirm button")
    expect(page.locator("#confirm input[type=checkbox]")).to_be_focused()
    page.check("#confirm input[type=checkbox]")
    page.click("#confirm button")
    expect(page.locator(".done")).to_have_text("Imported. Things written: 1.")
    show(page, live_server.url, live_server.run, "view=list&lang=en&level=L1")
    page.keyboard.press("c")
    page.check("#layers input[value=medical-point]")
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Medical point of the browser")).to_have_attribute(
        "href", f"/r/{live_server.run}/desk/registers/medical-point/things/MB-1"
    )
    assert errors == []


def test_a_file_that_is_too_large_is_not_even_sent(page: Page, live_server: Live, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(31 << 20)
    page.goto(desk(live_server, "/registers/loan-item/imports?lang=en"))

    page.set_input_files("#f-file", large)
    page.click("#send button")

    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#errors")).to_contain_text("was not sent")


def test_a_long_table_is_read_and_written_while_the_page_tells_how_far_it_is(
    page: Page, live_server: Live, errors: list[str]
) -> None:
    lines: list[list[object]] = [[f"TB{number:05}", f"伞{number}", f"Umbrella {number}"] for number in range(9_000)]
    page.goto(desk(live_server, "/registers/loan-item/imports?lang=en"))

    page.set_input_files("#f-file", table(["id", "name_zh", "name_en"], *lines))
    page.click("#send button")
    expect(page.locator("#reading span")).to_contain_text("lines read…")
    expect(page.locator("#outlook .what-wrong")).to_be_visible(timeout=90_000)

    expect(page.locator("#reading")).to_be_hidden()
    assert errors == []


def test_the_desk_is_worked_by_keys_alone(page: Page, live_server: Live) -> None:
    page.goto(desk(live_server, "/registers/loan-item?lang=en"))

    expect(page.locator(".keys span:visible")).to_have_text(
        ["/ Search", "J K Next, previous", "Enter Open", "F Filter", "N New"]
    )
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row].is-here th a")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/things/"))
    expect(page.locator(".keys span:visible")).to_have_text("/ Search")
    page.go_back()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.press("n")
    assert page.input_value("#find") == "n"
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#f-id")).to_be_visible()

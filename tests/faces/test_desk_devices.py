# SPDX-License-Identifier: Apache-2.0
"""Devices on the desk: what needs somebody comes first; codes are shown once; what is refused is said."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.engines.sensing.rules.health import WORDS
from tests.engines.at_work import AT, AtWork
from tests.engines.sensing.test_devices import enrol
from tests.engines.sensing.test_intake import message, point, quantity

pytestmark = pytest.mark.postgres

BOX = "electric-box:B001"


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    """Three boxes: one well, one silent, one that never spoke."""
    said = {"name": {"zh": "配电箱", "en": "Boxes"}, "interval_s": 60, "silent_after_s": 300, "self_test": True}
    measured = [quantity("leak_ma", 0, 1000) | {"unit": "mA"}, quantity("kwh", 0, 10**6) | {"kind": "counter"}]
    await at_work.declare("device_type", "electric-box", of="electric-box", battery=True, quantity=measured, **said)
    listed = [
        DeviceListed(
            device=f"electric-box:B00{number}",
            device_type="electric-box",
            thing=f"B00{number}",
            name_zh=f"箱{number}",
            name_en=f"Box {number}",
            place={},
        )
        for number in (1, 2, 3)
    ]
    async with at_work.site.connection() as connection:
        await actions.take_over(at_work.site.journal, connection, listed, actor="pack", now=AT)
    old = [point(one, AT - timedelta(minutes=30 - one), leak_ma=one, kwh=one * 10) for one in range(1, 4)]
    await actions.take_in(at_work.site, [message(old, "electric-box:B002"), message(point(1, leak_ma=12, battery=80))])
    return at_work


def order(page: str) -> list[str]:
    return re.findall(r'<tr data-row><th scope="row"><a href="[^"]*electric-box%3AB(\d+)"', page)


def test_what_needs_somebody_stands_first(desk: AtWork) -> None:
    page = desk.get("/desk/devices?lang=en").text

    assert order(page) == ["002", "003", "001"]
    assert "Silent" in page and "Waiting to enroll" in page and "80 %" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=箱1", ["001"]),
        ("q=b002", ["002"]),
        ("word=well", ["001"]),
        ("type=electric-box&sort=device", ["001", "002", "003"]),
        ("sort=-last", ["001", "002", "003"]),
        ("sort=-device&size=25&page=1", ["003", "002", "001"]),
        ("type=none", []),
        ("sort=nonsense&page=x&size=0", ["002", "003", "001"]),
    ],
)
def test_the_table_is_filtered_and_sorted_as_asked(desk: AtWork, asked: str, found: list[str]) -> None:
    assert order(desk.get(f"/desk/devices?{asked}").text) == found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_device_shows_its_readings_as_lines_and_as_a_table(desk: AtWork, lang: str) -> None:
    page = desk.get(f"/desk/devices/electric-box%3AB002?lang={lang}").text

    assert page.count("<polyline") == 2
    assert {"zh": "一天增加 20", "en": "20 more in the day"}[lang] in page
    assert page.count("<tr>") == 1 + 6


def test_a_code_is_shown_once_as_text_and_picture_and_opens_the_device(desk: AtWork) -> None:
    first, again = (desk.send_form(f"/desk/devices/{BOX}/code", nonce="n1") for _ in range(2))
    code = re.findall(r"<code>([A-Z2-7-]{14})</code>", first.text)

    assert len(code) == 1 and "<svg" in first.text
    assert first.headers["cache-control"] == "no-store"
    assert code[0] not in again.text and again.status_code == 200
    assert enrol(desk, code[0]).status_code == 200


def test_a_revocation_asks_why_and_leads_back(desk: AtWork) -> None:
    without, with_reason = (
        desk.send_form(f"/desk/devices/{BOX}/revoke", nonce=f"n{reason}", reason=reason) for reason in (" ", "lost")
    )

    assert without.status_code == 422
    assert with_reason.status_code == 303
    assert desk.get(f"/sensing/devices/{BOX}/health.json").json()["word"] == "revoked"


def test_a_self_test_that_cannot_be_is_refused_on_the_page(desk: AtWork) -> None:
    answer = desk.send_form(f"/desk/devices/{BOX}/self-test", nonce="n")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_nothing_else_is_there(desk: AtWork) -> None:
    assert desk.get("/desk/devices/electric-box%3AB009").status_code == 404
    assert desk.send_form(f"/desk/devices/{BOX}/explode", nonce="n").status_code == 404


def test_every_state_has_a_shape_and_words(desk: AtWork) -> None:
    for word in WORDS:
        assert desk.get(f"/desk/devices?word={word}").status_code == 200


@pytest.mark.parametrize("words", ["electric-box:B002", "b002", "箱2", "BOX 2", "ｂ002"])
def test_the_search_finds_a_device_by_any_word_of_it(desk: AtWork, words: str) -> None:
    page = desk.get(f"/desk/search?q={words}&lang=en").text

    assert re.findall(r'href="[^"]*/desk/devices/([^"]+)"', page) == ["electric-box%3AB002"]


@pytest.mark.parametrize("words", ["%", "b0_2", "zebra"])
def test_what_no_device_is_called_finds_none(desk: AtWork, words: str) -> None:
    assert "Nothing was found." in desk.get(f"/desk/search?q={quote(words)}&lang=en").text

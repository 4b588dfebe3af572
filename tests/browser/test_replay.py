# SPDX-License-Identifier: Apache-2.0
"""Looking back on the wall: any instant, play, marks, links, and a strip that never lets the past pass for now."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from fourleaf.ui.format import LANGS, Lang
from tests.browser.cable import Cable
from tests.browser.outside import Live, Outside
from tests.browser.test_wall import MEASURE
from tests.browser.walls import Wall, show, show_map
from tests.conftest import wait_for

pytestmark = pytest.mark.browser

ZONE = ZoneInfo("Asia/Shanghai")


class Past:
    """A gate that was closed for a while: instants before, during and after."""

    def __init__(self, live: Live, outside: Outside) -> None:
        self._client = outside.client
        gates = outside.client.get("/venue.json").json()["features"]["gate"]["features"]
        self.gate, self.name = gates[0]["id"], gates[0]["properties"]["name"]
        earlier = len(self.marks())
        outside.close(self.gate, zh="检修", en="repair")
        wait_for(lambda: len(self.marks()) == earlier + 1 and self._gate()["closed"], "the closure on the map")
        begun, seen = self.marks()[-1], self._now()
        wait_for(lambda: self._now() - seen > timedelta(seconds=20), "a while")
        outside.reopen(self.gate)
        wait_for(lambda: len(self.marks()) == earlier + 2, "its end")
        # As the worker drew them: the clock that is told runs on while the worker holds it back.
        over = self.marks()[-1]
        self.before, self.during, self.after = begun - timedelta(seconds=2), over - timedelta(seconds=2), over

    def link(self, at: datetime) -> str:
        return "at=" + at.isoformat(timespec="seconds").replace("+", "%2B")

    def _now(self) -> datetime:
        return datetime.fromisoformat(self._client.get("/clock").json()["now"])

    def marks(self) -> list[datetime]:
        marks = self._client.get("/marks.json").json()["marks"]
        return [
            datetime.fromisoformat(one["at"]).astimezone(ZONE)
            for one in marks
            if one["thing"] == f"closure:{self.gate}"
        ]

    def _gate(self) -> dict[str, Any]:
        return next(dict(one["props"]) for one in self._things() if (one["layer"], one["thing"]) == ("gate", self.gate))

    def _things(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.get("/picture.json").json()["things"]
        return found


@pytest.fixture(scope="module")
def past(live_server: Live) -> Iterator[Past]:
    outside = Outside(live_server)
    yield Past(live_server, outside)
    outside.client.close()


def _instant(page: Page) -> datetime:
    """The instant that is shown, which the clock of the page says a moment later."""
    asked = """() => import(document.querySelector("script[src$='/main.js']").src.replace("main.js", "replay.js"))
      .then(({ replay }) => replay.at)"""
    return datetime.fromtimestamp(page.evaluate(asked) / 1000, ZONE)


def _look_back(page: Page, live: Live, query: str) -> None:
    show(page, live.url, live.run, query)
    expect(page.locator("#replay")).to_be_visible()


def _wait_until_past(page: Page, at: str) -> None:
    """Until this instant can be shown: the present is left to the present."""
    ready = """at => import(document.querySelector("script[src$='/main.js']").src.replace("main.js", "replay.js"))
      .then((replay) => replay.latest() > Date.parse(at))"""
    page.wait_for_function(ready, arg=at, timeout=120_000)


def test_a_link_to_an_instant_shows_what_stood_then_and_says_that_it_is_past(
    page: Page, errors: list[str], live_server: Live, past: Past
) -> None:
    closed = page.locator("#attention .case", has_text=past.name["en"])

    _look_back(page, live_server, f"lang=en&{past.link(past.during)}")
    expect(closed).to_have_count(1)
    expect(page.locator("#replay")).to_contain_text("REPLAY")
    expect(page.locator("#replay")).to_contain_text("回放")
    expect(page).to_have_title(re.compile(f"^Replay {past.during:%H:%M}"))
    expect(page.locator("#clock")).to_have_text(f"{past.during:%H:%M:%S}")
    assert set(page.locator("[data-asof]").all_inner_texts()) == {f"replay {past.during:%H:%M}"}
    live_ground = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.keyboard.press("n")
    expect(page.locator("#replay")).to_be_hidden()
    expect(closed).to_have_count(0)
    assert "at=" not in page.url
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != live_ground
    _look_back(page, live_server, f"lang=en&{past.link(past.before)}")
    expect(closed).to_have_count(0)
    assert errors == []


def test_the_list_and_the_link_to_the_same_data_follow_the_instant(page: Page, live_server: Live, past: Past) -> None:
    _look_back(page, live_server, f"lang=en&view=list&{past.link(past.during)}")

    status = page.locator("#list-gates tbody tr", has_text=past.name["en"].split()[0]).locator("td").nth(4)
    expect(status).to_have_text("closed")
    data = page.evaluate("fetch(document.getElementById('json-link').href).then((answer) => answer.json())")
    things = {one["thing"] for one in data["things"]}
    assert datetime.fromisoformat(data["at"]).timestamp() == int(past.during.timestamp())
    assert f"closure:{past.gate}" in things


def test_the_slider_moves_by_hand_and_by_keys_and_the_other_language_keeps_the_place(
    page: Page, live_server: Live, past: Past
) -> None:
    show_map(page, live_server, "lang=zh")
    _wait_until_past(page, "2024-11-05T08:31:00+08:00")
    page.keyboard.press("t")
    expect(page.locator("#bar-slider")).to_be_focused()
    expect(page.locator("#replay")).to_be_hidden()
    expect(page.locator("#bar-from")).to_have_text("08:30")

    page.keyboard.press("Home")
    expect(page.locator("#clock")).to_have_text("08:30:00")
    # At the very first instant nobody had reported yet: that is not known, and not nothing.
    expect(page.locator("#inside .unknown-box")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#clock")).to_have_text(re.compile("08:3(0:59|1:00)"))  # the run began within a second
    page.keyboard.press("ArrowDown")
    expect(page.locator("#clock")).to_have_text("08:30:00")
    assert "08:30:00" in (page.locator("#bar-slider").get_attribute("aria-valuetext") or "")
    page.locator("#bar-slider").fill("30")
    expect(page.locator("#clock")).to_have_text("08:30:30")
    page.wait_for_url(re.compile("at=2024-11-05T08%3A30%3A30%2B08%3A00"))
    page.keyboard.press("c")
    page.locator("#drawer a[lang=en]").click()
    expect(page.locator("#replay")).to_contain_text("5 Nov 2024 Tue 08:30:30")


def test_a_time_can_be_typed_and_a_wrong_one_is_refused(page: Page, live_server: Live, past: Past) -> None:
    _look_back(page, live_server, f"lang=en&{past.link(past.during)}")
    typed = page.locator("#bar-time")

    typed.fill("25:00")
    typed.press("Enter")
    expect(page.locator("#bar-wrong")).to_have_text(re.compile("no time of day"))
    typed.fill("8:30:10")
    typed.press("Enter")

    expect(page.locator("#clock")).to_have_text("08:30:10")
    expect(page.locator("#bar-wrong")).to_be_hidden()


def test_play_moves_on_and_stops_when_asked(page: Page, live_server: Live, past: Past) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _look_back(page, live_server, "lang=en&at=2024-11-05T08:30:00%2B08:00")
    _wait_until_past(page, "2024-11-05T08:31:00+08:00")
    page.locator("#bar-speed").select_option("10")

    page.locator("#bar-play").click()
    page.wait_for_function("() => document.getElementById('clock').textContent >= '08:30:20'")
    page.locator("#bar-play").click()
    stopped = _instant(page)
    page.wait_for_timeout(700)

    assert _instant(page) == stopped
    expect(page.locator("#clock")).to_have_text(f"{stopped:%H:%M:%S}")
    assert f"{stopped:%H:%M:%S}" < "08:31:00"
    assert len([url for url in asked if "changes.json" in url]) < 5
    assert len([url for url in asked if "picture.json" in url]) == 1


def test_play_shows_a_closure_begin_and_end(page: Page, live_server: Live, past: Past) -> None:
    """What the frames add up to is what the same instants show one by one."""
    _look_back(page, live_server, f"lang=en&{past.link(past.before)}")
    closed = page.locator("#attention .case", has_text=past.name["en"])
    expect(closed).to_have_count(0)

    _wait_until_past(page, past.after.isoformat())
    # How long it was closed in edition time depends on how fast the clock of the rehearsal could run: it is shown for seconds.
    lasted_s = (past.after - past.before).total_seconds()
    page.locator("#bar-speed").select_option("1" if lasted_s < 10 else "10" if lasted_s < 100 else "60")
    page.locator("#bar-play").click()

    expect(closed).to_have_count(1, timeout=60_000)
    expect(closed).to_have_count(0, timeout=60_000)


@pytest.mark.parametrize("lang", LANGS)
def test_a_mark_names_what_happened_and_leads_to_it(page: Page, live_server: Live, past: Past, lang: Lang) -> None:
    show(page, live_server.url, live_server.run, f"lang={lang}&view=list")
    _wait_until_past(page, (past.marks()[-1] + timedelta(seconds=2)).isoformat())
    page.keyboard.press("t")
    marks = page.locator("#bar-marks option", has_text=past.name[lang])
    expect(marks.first).to_be_attached()
    began, over = marks.all_inner_texts()[-2:]

    page.locator("#bar-marks").select_option(label=began)

    words = {"zh": ("关注 关闭", "结束 关闭"), "en": ("watch Closed", "over Closed")}[lang]
    assert words[0] in began and words[1] in over
    expect(page.locator("#attention .case", has_text=past.name[lang])).to_have_count(1)
    expect(page.locator("#bar-ticks .tick svg").first).to_be_visible()


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        ("2024-11-04T00:00:00%2B08:00", "之前没有画面", "There is no picture from before 2024-11-05 08:30:00"),
        ("2024-12-04T00:00:00%2B08:00", "之后的尚未发生", "what comes after cannot be shown"),
        ("yesterday", "2000 年至 2100 年", "no moment between 2000 and 2100"),
        ("2024-11-05T09:00:00", "缺少时区", "lacks its zone"),
    ],
)
def test_a_link_to_no_instant_says_so_and_stays_at_the_present(
    page: Page, live_server: Live, at: str, zh: str, en: str
) -> None:
    for lang, said in (("zh", zh), ("en", en)):
        show(page, live_server.url, live_server.run, f"lang={lang}&view=list&at={at}")

        expect(page.locator("#bar-wrong")).to_contain_text(said)
        expect(page.locator("#replay")).to_be_hidden()


def test_what_is_open_now_is_told_during_a_replay(page: Page, live_server: Live, past: Past, outside: Outside) -> None:
    _look_back(page, live_server, f"lang=en&view=list&{past.link(past.before)}")
    here = page.locator("#attention .case", has_text=past.name["en"])

    again = Outside(live_server)
    again.close(past.gate, zh="检修", en="repair")

    expect(page.locator("#replay-live")).to_have_text(re.compile(r"now \d\d:\d\d: \d+ open, worst \w+"))
    expect(here).to_have_count(0)
    again.reopen(past.gate)
    again.client.close()


def test_a_cut_cable_leaves_the_replay_and_says_that_now_is_unknown(
    page: Page, live_server: Live, past: Past, cable: Cable
) -> None:
    show(page, f"http://127.0.0.1:{cable.port}", live_server.run, f"lang=en&view=list&{past.link(past.during)}")
    expect(page.locator("#replay")).to_be_visible()

    cable.cut()
    expect(page.locator("#replay-live")).to_have_text("what is open now is unknown", timeout=12_000)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#bar-wrong")).to_contain_text("does not answer")
    expect(page.locator("#banner")).to_be_hidden()
    cable.mend()

    page.keyboard.press("ArrowLeft")
    expect(page.locator("#bar-wrong")).to_be_hidden()


@pytest.mark.parametrize("lang", LANGS)
def test_a_replay_fits_its_screen(page: Page, live_server: Live, past: Past, lang: Lang) -> None:
    wall = Wall(page, lang, [])
    show_map(page, live_server, f"lang={lang}&{past.link(past.during)}")
    expect(page.locator("#replay")).to_be_visible()

    for width, height, smallest in ((1920, 1080, 24), (1440, 900, 18)):
        found: dict[str, Any] = wall.sized(width, height).evaluate(MEASURE)

        assert (found["scrollWidth"], found["scrollHeight"]) == (width, height)
        assert found["smallest"] >= smallest
        assert (found["outside"], found["cut"]) == ([], [])


@pytest.mark.parametrize("lang", LANGS)
def test_a_phone_looks_back_by_touch(page: Page, live_server: Live, past: Past, lang: Lang) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    show(page, live_server.url, live_server.run, f"lang={lang}")
    page.locator("#drawer-open").click()
    page.locator("#time-open").click()
    page.locator("#bar-slider").fill("60")
    expect(page.locator("#replay")).to_be_visible()

    sizes = page.evaluate("""() => [...document.querySelectorAll(".time-bar :is(button, select, input), #replay-back")]
      .map((node) => [node.id, Math.min(node.offsetWidth, node.offsetHeight)])""")

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert {name for name, size in sizes if size < 44} == set()
    page.locator("#replay-back").click()
    expect(page.locator("#replay")).to_be_hidden()


@pytest.mark.parametrize("lang", LANGS)
def test_axe_finds_nothing_in_a_replay(page: Page, live_server: Live, past: Past, lang: Lang) -> None:
    _look_back(page, live_server, f"lang={lang}&view=list&{past.link(past.during)}")
    expect(page.locator("#bar-day")).to_have_text(re.compile("5"))

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()

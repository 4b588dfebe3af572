# SPDX-License-Identifier: Apache-2.0
"""Acts on the desk: things are lent and returned from their page and from the table, without scripts."""

import re

import pytest

from tests.engines.at_work import AtWork
from tests.engines.world.test_acts import AT as THINGS
from tests.engines.world.test_acts import LOANS

pytestmark = pytest.mark.postgres
AT = "/desk/registers/loan"


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await at_work.declare("register", "loan", **LOANS)
    at_work.post(THINGS, request_id="a", id="L1", values={"name": "Chair", "stock": 10})
    return at_work


async def test_the_page_of_a_thing_offers_every_act_by_name_with_one_as_the_number(desk: AtWork) -> None:
    page = {lang: desk.get(f"{AT}/things/L1?lang={lang}").text for lang in ("zh", "en")}

    assert re.findall(r'formaction="[^"]*/acts/(\w+)"', page["en"]) == ["lend", "return", "lose", "buy"]
    assert 'name="count" value="1" min="1"' in page["en"]
    assert ">Lend</button>" in page["en"] and ">借出</button>" in page["zh"]


async def test_what_is_lent_on_the_page_stands_in_the_history_with_how_many_and_can_be_taken_back(desk: AtWork) -> None:
    led = desk.send_form(f"{AT}/things/L1/acts/lend", nonce="n", count="3")
    page = desk.get(f"{AT}/things/L1?done=acted&lang=en").text

    assert (led.status_code, led.headers["location"]) == (303, "../../L1?done=acted")
    assert "<b>Lend × 3</b>" in page and 'things/L1/undo"' in page
    assert "借出 × 3" in desk.get(f"{AT}/things/L1?lang=zh").text


async def test_one_who_lends_in_the_table_comes_back_to_it_as_it_was(desk: AtWork) -> None:
    table = desk.get(f"{AT}?q=chair&sort=-lent&lang=en").text
    back = re.findall(r'name="back" value="([^"]*)"', table)[0].replace("&amp;", "&")

    led = desk.send_form(f"{AT}/things/L1/acts/lend", nonce="n", count="2", **{"from": "table", "back": back})
    after = desk.get(led.headers["location"].removeprefix(f"/r/{desk.run}") + "&lang=en").text

    assert led.headers["location"] == f"/r/{desk.run}{AT}?q=chair&sort=-lent&act.done=L1"
    assert "Saved." in after and re.findall(r'data-name="Lent" class="num">(\d+)<', after) == ["2"]


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "?x=1\r\nX: y", "?" + "a" * 3000])
async def test_where_a_form_leads_is_the_same_table_whatever_it_says(desk: AtWork, back: str) -> None:
    led = desk.send_form(f"{AT}/things/L1/acts/lend", nonce="n", **{"from": "table", "back": back})

    assert led.headers["location"].startswith(f"/r/{desk.run}{AT}?")
    assert "X" not in led.headers


@pytest.mark.parametrize(
    ("count", "said"), [("11", "there are 10 left"), ("many", "whole number"), ("0", "whole number")]
)
async def test_what_cannot_be_lent_is_said_on_the_page(desk: AtWork, count: str, said: str) -> None:
    answer = desk.send_form(f"{AT}/things/L1/acts/lend?lang=en", nonce="n", count=count)

    assert answer.status_code == 422
    assert said in answer.text and 'role="alert"' in answer.text


async def test_who_may_only_look_is_offered_no_act(desk: AtWork) -> None:
    await desk.declare("register", "other", **(LOANS | {"write": ["group:volunteers"]}))

    assert "/acts/" not in desk.get("/desk/registers/other").text
    assert desk.send_form("/desk/registers/other/things/L1/acts/lend", nonce="n").status_code == 403

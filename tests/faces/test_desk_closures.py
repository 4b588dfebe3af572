# SPDX-License-Identifier: Apache-2.0
"""Closures on the desk: closed and reopened by forms alone; what is wrong comes back as it was typed."""

import pytest

from fourleaf.engines.world.facts import Closed, Reopened
from tests.engines.at_work import AtWork

AT = "/desk/closures"


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await at_work.declare("gate", "north", name={"zh": "北厅", "en": "North gate"})
    return at_work


def form(**more: str) -> dict[str, str]:
    return {"nonce": "n1", "thing": "north", "reason_zh": "大风", "reason_en": "", "until": ""} | more


async def test_a_gate_is_closed_and_reopened_and_one_language_stands_for_both(desk: AtWork) -> None:
    closed = desk.send_form(AT, **form())
    shown = desk.get(f"{AT}?lang=en&done=closed").text
    reopened = desk.send_form(f"{AT}/north/reopen", nonce="n2")

    facts = await desk.facts("thing:north")
    assert (closed.status_code, closed.headers["location"]) == (303, "closures?done=closed")
    assert (reopened.status_code, reopened.headers["location"]) == (303, "../../closures?done=reopened")
    assert facts == [Closed(thing="north", reason_zh="大风", reason_en="大风"), Reopened(thing="north")]
    assert "North gate" in shown
    assert "Nothing is closed." in desk.get(f"{AT}?lang=en").text


async def test_a_form_sent_twice_closes_once(desk: AtWork) -> None:
    told = [desk.send_form(AT, **form()).status_code for _ in range(2)]

    assert told == [303, 303]
    assert len(await desk.facts("thing:north")) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"thing": "nowhere"}, "has no nowhere"),
        ({"thing": "\x00"}, "has no"),
        ({"reason_zh": " \u200b"}, "shows nothing to read"),
        ({"until": "soon"}, "There is no such time"),
        ({"until": "9999-12-31T23:59"}, "There is no such time"),
        ({"until": "2001-01-01T08:00"}, "lies in the past"),
    ],
)
async def test_what_is_wrong_comes_back_as_it_was_typed(desk: AtWork, said: dict[str, str], words: str) -> None:
    answer = desk.send_form(f"{AT}?lang=en", **form(**said))

    assert answer.status_code == 422
    assert words in answer.text
    assert await desk.facts("thing:north") == []


async def test_a_planned_end_is_on_the_clock_of_the_edition(desk: AtWork) -> None:
    desk.send_form(AT, **form(until="2030-11-05T18:00"))

    (fact,) = await desk.facts("thing:north")
    assert isinstance(fact, Closed)
    assert fact.until is not None
    assert fact.until.isoformat() == "2030-11-05T10:00:00+00:00"

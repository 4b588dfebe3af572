# SPDX-License-Identifier: Apache-2.0
"""Credentials on the desk: queues, one application, and decisions that are looked at before they are made."""

import pytest

from fourleaf.engines.credentials.facts import Passed, Proposed
from tests.engines.at_work import AtWork
from tests.engines.credentials.samples import application, declare

pytestmark = pytest.mark.postgres
AT = "/desk/credentials"


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await declare(at_work)
    for number in range(2):
        said = application(f"E{number}", documents=["photo", "document"])
        at_work.post("/credentials/applications", request_id=f"a{number}", **said)
    return at_work


async def test_a_queue_shows_its_clocks_and_an_empty_one_says_so(desk: AtWork) -> None:
    full = desk.get(f"{AT}?lang=en").text
    empty = desk.get(f"{AT}?lang=en&queue=decision").text
    zh = desk.get(f"{AT}?lang=zh&queue=nonsense&after=nonsense").text
    desk.at = desk.at.replace(day=8)
    late = desk.get(f"{AT}?lang=en&overdue=yes")

    assert "Completeness" in full and f"{AT}/c1" in full and "<b>2</b> applications" in full
    assert "There is nothing to do." in empty
    assert "单位审核" in zh
    assert late.status_code == 200


async def test_many_are_decided_only_after_what_would_happen_was_shown(desk: AtWork) -> None:
    form = {"nonce": "n1", "stage": "completeness", "queue": "completeness", "said": "pass:met"}
    looked = desk.send_form(f"{AT}?lang=en", credential="c1", **form)
    before = await desk.facts("credential:c1")
    decided = desk.send_form(f"{AT}?lang=en", credential="c1", sure="yes", **form)

    assert looked.status_code == 200 and "Nothing is written yet." in looked.text and "Stage passed" in looked.text
    assert len(before) == 1
    assert (decided.status_code, decided.headers["location"]) == (303, "credentials?queue=completeness&done=1")
    assert isinstance((await desk.facts("credential:c1"))[-1], Passed)


async def test_nothing_chosen_is_told(desk: AtWork) -> None:
    answer = desk.send_form(f"{AT}?lang=en", nonce="n1", queue="completeness", said="")

    assert "No credential or no reason was chosen." in answer.text


async def test_one_application_says_how_it_stands_and_takes_a_decision_with_a_reason(desk: AtWork) -> None:
    shown = desk.get(f"{AT}/c1?lang=en").text
    sent = desk.send_form(f"{AT}/c1", nonce="n1", stage="completeness", said="pass:met")
    again = desk.send_form(f"{AT}/c1?lang=en", nonce="n2", stage="completeness", said="pass:met")
    history = desk.get(f"{AT}/c1?lang=en&done=yes").text

    assert "In vetting" in shown and "Applied" in shown
    assert (sent.status_code, sent.headers["location"]) == (303, "c1?done=yes")
    assert again.status_code == 422 and "is at the stage" in again.text
    assert "Stage passed" in history and "Conditions met" in history


async def test_what_takes_two_says_so_and_who_spoke_first(desk: AtWork) -> None:
    said = application("E9", type="media")
    name = desk.post("/credentials/applications", request_id="m1", **said).json()["credential"]
    shown = desk.get(f"{AT}/{name}?lang=en").text
    own = desk.send_form(f"{AT}/{name}?lang=en", nonce="n1", stage="decision", said="pass:met")

    assert "This stage takes two persons" in shown
    assert own.status_code == 422 and "Nobody decides his own application" in own.text
    assert not any(isinstance(body, Proposed) for body in await desk.facts(f"credential:{name}"))


async def test_a_credential_that_is_not_there_is_not_found(desk: AtWork) -> None:
    assert desk.get(f"{AT}/c999").status_code == 404

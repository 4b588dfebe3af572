# SPDX-License-Identifier: Apache-2.0
"""A code is held to a lane: over HTTP, in the log and in the tables, on a real database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fourleaf.engines.admission import actions
from fourleaf.engines.admission.actions.redeeming import Shown
from fourleaf.engines.admission.facts import Entered, Known, Left, TurnedAway
from fourleaf.engines.admission.state import (
    Day,
    DoubleEntry,
    Holding,
    Index,
    LaneMinute,
    Presence,
    SigningKey,
    Unread,
)
from fourleaf.engines.credentials.facts import Reissued, Revoked
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.append import Answer
from fourleaf.standards.keyring import SigningKey as Signer
from tests.engines.admission.fair import VISITOR, Fair, code
from tests.engines.at_work import AT, AtWork

pytestmark = pytest.mark.postgres

DAY = AT.date()


@pytest.fixture
async def fair(at_work: AtWork) -> Fair:
    return await Fair(at_work).open()


def _said(answer: Any) -> tuple[str, str | None]:
    return answer.json()["decision"], answer.json()["code"]


async def test_a_holder_comes_in_and_goes_out_and_the_facts_say_what_was_known(fair: Fair) -> None:
    text = await fair.issue("anna", 7)

    entered = fair.redeem("G1-1", text, nonce="n-1")
    fair.at_work.at = AT + timedelta(minutes=5)
    left = fair.redeem("G2-1", text, direction="out", nonce="n-2")

    table = entered.json()["table"]
    known = Known(status="valid", list_age_s=0)
    told: dict[str, Any] = {"day": DAY, "index": 7, "category": VISITOR, "table": table, "known": known}
    assert entered.json()["message"] == {"zh": "请进", "en": "Come in"}
    assert (_said(entered), _said(left)) == (("entered", None), ("left", None))
    assert await fair.at_work.facts("holder:anna") == [
        Entered(lane="G1-1", gate="G1", first=True, nonce="n-1", **told),
        Left(lane="G2-1", gate="G2", nonce="n-2", **told),
    ]


async def test_the_same_nonce_gets_the_first_answer_again_and_is_counted_once(fair: Fair) -> None:
    text = await fair.issue("anna", 7)

    first = fair.redeem("G1-1", text, nonce="n-1")
    again = fair.redeem("G1-1", text, nonce="n-1")
    other = fair.redeem("G1-1", await fair.issue("ben", 8), nonce="n-1")

    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert other.status_code == 409
    assert len(await fair.at_work.facts("holder:anna")) == 1


async def test_who_is_inside_is_turned_away_at_every_other_gate(fair: Fair) -> None:
    text = await fair.issue("anna", 7)
    fair.redeem("G1-1", text)

    refused = fair.redeem("G2-1", text)

    assert _said(refused) == ("turned_away", "admission.already-inside")
    assert isinstance((await fair.at_work.facts("holder:anna"))[-1], TurnedAway)


async def test_codes_are_refused_for_what_is_wrong_with_them(fair: Fair) -> None:
    await fair.issue("anna", 7)
    flipped = code(7)[:-6] + ("A" if code(7)[-6] != "A" else "B") + code(7)[-5:]

    said = [
        _said(fair.redeem("G1-1", text))
        for text in ("hello", code(7, key=Signer(bytes(40))), flipped, code(7, zones=2), code(7, days=0b10))
    ]

    assert said[0] == ("turned_away", "admission.bad-code")
    assert said[1] == ("turned_away", "admission.unknown-key")
    assert said[2][1] in ("admission.bad-signature", "admission.bad-code")
    assert said[3:] == [("turned_away", "admission.wrong-zone"), ("turned_away", "admission.wrong-day")]


async def test_a_code_that_names_nobody_is_kept_at_its_lane_as_evidence(fair: Fair) -> None:
    fair.redeem("G1-1", "hello")
    fair.redeem("G1-1", "hello", direction="out")

    facts = await fair.at_work.facts("unread:G1-1")

    assert [getattr(one, "outcome", None) for one in facts] == ["refuse", "ask"]


async def test_a_revoked_one_is_refused_at_once_and_a_superseded_one_everywhere(fair: Fair) -> None:
    lost, old = await fair.issue("anna", 7), await fair.issue("ben", 8)
    await fair.end(7, Revoked(index=7, reason="lost"))
    again = Reissued(
        index=9, superseded=8, carrier="badge", valid_from=AT, valid_until=AT + timedelta(days=2), reason="damaged"
    )
    await fair.end(8, again)

    said = [_said(fair.redeem("G1-1", text)) for text in (lost, old, code(9))]

    assert said == [("turned_away", "admission.revoked"), ("turned_away", "admission.superseded"), ("entered", None)]


async def test_a_valid_code_of_a_credential_that_nobody_knows_is_asked_about(fair: Fair) -> None:
    asked = fair.redeem("G1-1", code(99))
    looked = fair.redeem("G1-1", code(99), looked="photo")

    assert (_said(asked), _said(looked)) == (("ask", "admission.status-unknown"), ("entered", None))
    (_, entered) = await fair.at_work.facts("holder:code-99")
    assert isinstance(entered, Entered)
    assert entered.reason == "looked-photo"


async def test_a_credential_is_redeemed_by_its_id_where_there_is_no_code(fair: Fair) -> None:
    await fair.issue("anna", 7)

    assert _said(fair.redeem("G1-1", "", secret="c-7")) == ("entered", None)
    assert _said(fair.redeem("G1-1", "", secret="c-8")) == ("turned_away", "admission.bad-code")


async def test_a_lane_with_a_wrong_clock_asks(fair: Fair) -> None:
    text = await fair.issue("anna", 7)

    asked = fair.redeem("G1-1", text, at=(AT + timedelta(minutes=10)).isoformat())

    assert _said(asked) == ("ask", "admission.clock-unknown")


async def test_a_closed_gate_lets_nobody_in_and_everybody_out(fair: Fair) -> None:
    text = await fair.issue("anna", 7)
    fair.redeem("G1-1", text)
    fair.at_work.post("/world/closures", request_id="x", thing="G2", reason={"zh": "检修", "en": "repair"})
    fair.at_work.at = AT + timedelta(hours=12)

    out = fair.redeem("G2-1", text, direction="out")

    assert _said(out) == ("left", None)


async def test_a_supervisor_lets_in_against_the_table_with_a_reason(fair: Fair) -> None:
    text = await fair.issue("anna", 7)
    fair.redeem("G1-1", text)
    asked = {"lane": "G2-1", "nonce": "o-1", "direction": "in", "code": text}

    passed = fair.at_work.post("/admission/overrides", reason="escorted", **asked)
    without = fair.at_work.post("/admission/overrides", reason="because", **asked)

    entered = (await fair.at_work.facts("holder:anna"))[-1]
    assert isinstance(entered, Entered)
    assert (_said(passed), without.status_code) == (("entered", None), 400)
    assert (entered.how, entered.reason, entered.first) == ("override", "escorted", False)


async def test_a_lane_is_no_supervisor_and_an_office_is_no_lane(fair: Fair) -> None:
    asked = {"nonce": "o-1", "direction": "in", "code": "x"}
    as_lane = fair.at_work.post_as(
        "token-of-G1-1".ljust(40, "x"), "/admission/overrides", asked | {"lane": "G1-1", "reason": "escorted"}
    )

    assert as_lane.status_code == 403
    assert fair.at_work.post("/admission/redeem", **asked).status_code == 403


async def test_a_lane_fetches_the_table_and_the_keys_it_decides_by(fair: Fair) -> None:
    head = {"Authorization": "Bearer " + "token-of-G1-1".ljust(40, "x")}

    given = fair.at_work.get("/admission/table.json", head).json()

    assert given["table"]["rows"][-1] == {
        "id": "incomplete",
        "when": [],
        "outcome": "ask",
        "code": "admission.incomplete",
    }
    assert len(given["keys"]) == 1


async def test_of_eight_lanes_at_once_exactly_one_lets_a_credential_in(fair: Fair) -> None:
    """Again and again, with as many connections: none twice, none lost."""
    lanes = [Principal(id=f"lane:G{number}-1") for number in range(1, 9)]
    holders = [(f"h{number}", await fair.issue(f"h{number}", number)) for number in range(1, 41)]

    async def at(lane: Principal, number: int, text: str) -> str:
        shown = Shown(lane=lane.id[5:], code=text, secret="", nonce=f"{number}-{lane.id[5:]}", direction="in")
        answer = await actions.redeem(fair.at_work.site, lane, shown)
        assert isinstance(answer, Answer)
        return str(answer.value["decision"])

    for number, (holder, text) in enumerate(holders):
        said = await asyncio.gather(*(at(lane, number, text) for lane in lanes))
        facts = await fair.at_work.facts(f"holder:{holder}")
        assert sorted(said) == ["entered", *["turned_away"] * 7]
        assert sorted(type(one).__name__ for one in facts) == ["Entered", *["TurnedAway"] * 7]


async def test_the_tables_are_the_image_of_the_log(fair: Fair) -> None:
    text = await fair.issue("anna", 7)
    fair.redeem("G1-1", text)
    fair.redeem("G1-1", "hello")
    fair.at_work.post("/admission/overrides", lane="G2-1", nonce="o-1", direction="in", code=text, reason="escorted")
    await fair.at_work.picture("gate")
    tables = (Presence, DoubleEntry, Unread, Index, Holding, SigningKey, LaneMinute, Day)
    before = await fair.at_work.rows(*tables)

    await fair.at_work.rebuild()

    assert await fair.at_work.rows(*tables) == before
    assert all(before.values())

# SPDX-License-Identifier: Apache-2.0
"""Credentials at work: over HTTP, in the log and in the tables, on a real database."""

from typing import Any

import pytest

from fourleaf.engines.credentials import actions, store
from fourleaf.engines.credentials.actions import Asked, Decision
from fourleaf.engines.credentials.facts import Issued, Reissued
from fourleaf.engines.credentials.state import Credential, Index, Waited
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.append import Answer
from tests.engines.at_work import AtWork
from tests.engines.credentials.samples import ALL, application, declare

pytestmark = pytest.mark.postgres


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await declare(at_work)
    return at_work


def apply(desk: AtWork, number: str, request_id: str = "", **more: Any) -> Any:
    said = application(number, **more)
    return desk.post("/credentials/applications", request_id=request_id or f"a-{number}", **said)


def vet(desk: AtWork, name: str) -> None:
    """Pass all stages of a visitor."""
    for stage in ("completeness", "organization", "background", "decision"):
        answer = desk.post(
            f"/credentials/applications/{name}/decide",
            request_id=f"{name}-{stage}",
            stage=stage,
            outcome="pass",
            reason="checked-by-hand",
        )
        assert answer.status_code == 200, answer.json()


def somebody(name: str) -> Principal:
    return Principal(id=name, labels=("office",), permissions=ALL)


async def test_a_credential_is_applied_for_vetted_issued_and_issued_again(desk: AtWork) -> None:
    first = apply(desk, "E 123-456", "r1")
    repeated = apply(desk, "E 123-456", "r1")
    name = first.json()["credential"]
    vet(desk, name)
    issued = desk.post("/credentials/issues", request_id="i1", credentials=[name], carrier="badge")
    again = desk.post(f"/credentials/applications/{name}/reissue", request_id="i2", carrier="phone", reason="lost")
    stands = desk.get(f"/credentials/applications/{name}").json()

    assert (repeated.json(), repeated.headers["idempotent-replayed"]) == (first.json(), "true")
    assert issued.json()["kind"] == "credentials.Issued"
    assert again.json()["kind"] == "credentials.Reissued"
    assert (stands["status"], stands["issues"], stands["carrier"], stands["missing"]) == ("issued", 2, "phone", [])
    versions = [fact for fact in await desk.facts(f"credential:{name}") if isinstance(fact, Issued | Reissued)]
    rows = (await desk.rows(Index))["credentials_index"]
    assert {row["index"]: row["state"] for row in rows} == {versions[0].index: "superseded", versions[1].index: "valid"}
    history = desk.get(f"/credentials/applications/{name}/history").json()
    assert [one["kind"].partition(".")[2] for one in history] == ["Applied", *["Passed"] * 4, "Issued", "Reissued"]


async def test_the_log_holds_nothing_of_a_person_and_the_same_document_is_the_same_holder(desk: AtWork) -> None:
    first = apply(desk, "E1234567")
    other = apply(desk, "e 123-4567", "r2", type="media", organization="td-beijing")
    twice = apply(desk, "E-1234567", "r3", organization="td-beijing")

    assert first.status_code == other.status_code == 200
    assert (twice.status_code, twice.json()["code"]) == (422, "credentials.already-holds")
    rows = (await desk.rows(Credential))["credentials_credential"]
    assert len({row["holder"] for row in rows}) == 1
    async with desk.site.connection() as connection:
        cursor = await connection.execute(
            "select body::text from fourleaf.log where run = %s and stream like 'credential:%%'", [desk.run]
        )
        written = " ".join([row[0] for row in await cursor.fetchall()])
    assert "1234567" not in written and "甲" not in written


async def test_every_refusal_says_what_to_do_in_both_languages(desk: AtWork) -> None:
    refused = apply(desk, "E1", organization="nobody")

    assert refused.status_code == 422
    assert refused.json()["detail"] == {
        "zh": "没有单位“nobody”。请在清单中选择，或请办公室登记。",
        "en": "There is no organization 'nobody'. Choose one of the list, or have the office add it.",
    }


async def test_a_holder_without_a_document_and_a_vehicle_without_a_plate_are_refused(desk: AtWork) -> None:
    person = desk.post("/credentials/applications", request_id="r1", **(application("") | {"holder": {"name": "甲"}}))
    vehicle = {"type": "vehicle", "documents": []}
    bare = desk.post("/credentials/applications", request_id="r2", **(application("E1") | vehicle))
    with_plate = desk.post(
        "/credentials/applications",
        request_id="r3",
        **(application("") | vehicle | {"holder": {"name": "甲", "plate": "沪A·12345"}}),
    )
    same = desk.post(
        "/credentials/applications",
        request_id="r4",
        **(application("") | vehicle | {"holder": {"name": "乙", "plate": "沪a12345"}}),
    )

    assert person.json()["code"] == "credentials.no-holder"
    assert bare.json()["code"] == "credentials.no-plate"
    assert with_plate.status_code == 200
    assert same.json()["code"] == "credentials.already-holds"


async def test_queues_come_page_by_page_with_their_clocks(desk: AtWork) -> None:
    for number in ("E1", "E2", "E3"):
        assert apply(desk, number, type="media").status_code == 200
    queue = "/credentials/applications?stage=decision&size=2"
    first = desk.get(queue).json()
    second = desk.get(f"{queue}&after={first['next'].replace('+', '%2B')}").json()
    desk.at = desk.at.replace(day=8)

    assert (first["total"], len(first["items"]), first["overdue"]) == (3, 2, 0)
    assert (len(second["items"]), second["next"]) == (1, "")
    assert len({one["credential"] for one in (*first["items"], *second["items"])}) == 3


async def test_many_are_looked_at_and_decided_in_one_go_and_what_is_refused_is_told(desk: AtWork) -> None:
    names = [apply(desk, f"E{number}").json()["credential"] for number in range(2)]
    said = {"stage": "completeness", "outcome": "pass", "reason": "met"}
    looked = desk.post("/credentials/decisions/preview", credentials=[*names, "c999"], **said)
    done = desk.post("/credentials/decisions", request_id="b1", credentials=[*names, "c999"], **said)

    assert looked.json() == {
        "kinds": {"credentials.Passed": 2},
        "refused": {"credentials.unknown-credential": 1},
    }
    assert done.json()["done"] == 2
    assert [one["credential"] for one in done.json()["refused"]] == ["c999"]


async def test_two_persons_decide_where_it_takes_two(desk: AtWork) -> None:
    name = apply(desk, "E1", type="media").json()["credential"]
    decision = Decision(stage="decision", outcome="pass", reason="met")
    told = [
        await actions.decide(
            desk.site, Asked(principal=somebody(who), request_id=f"d{number}", given=[]), name, decision
        )
        for number, who in enumerate(["bo", "bo", "cy"])
    ]

    assert [one.value["kind"] if isinstance(one, Answer) else one.code for one in told] == [
        "credentials.Proposed",
        "credentials.same-person",
        "credentials.Passed",
    ]


async def test_an_earlier_badge_is_used_again_once(desk: AtWork) -> None:
    names = [apply(desk, f"E{number}").json()["credential"] for number in range(2)]
    for name in names:
        vet(desk, name)
    first, second = (
        desk.post("/credentials/issues", request_id=name, credentials=[name], carrier="badge", earlier="ciie-6:B1")
        for name in names
    )

    assert first.json()["kind"] == "credentials.Issued"
    assert second.json()["code"] == "credentials.already-reused"


async def test_an_organization_sees_and_does_nothing_beyond_its_own(desk: AtWork) -> None:
    mine = apply(desk, "E1").json()["credential"]
    async with desk.site.connection() as connection:
        cursor = await connection.execute(
            "select labels from fourleaf.log where run = %s and stream = %s", [desk.run, f"credential:{mine}"]
        )
        assert await cursor.fetchall() == [(["office", "agency:td-shanghai"],)]


async def test_photos_lie_under_the_key_of_their_holder(desk: AtWork, tmp_path: Any) -> None:
    name = apply(desk, "E1", type="media", documents=["document"]).json()["credential"]
    refused = desk.send_files(
        f"/credentials/applications/{name}/files/photo?request_id=f1", {"file": ("a.png", b"no picture")}
    )

    assert refused.status_code == 422
    assert "photo" in desk.get(f"/credentials/applications/{name}").json()["missing"]


async def test_what_came_to_its_end_is_recorded_by_the_worker(desk: AtWork) -> None:
    name = apply(desk, "E1").json()["credential"]
    vet(desk, name)
    desk.post("/credentials/issues", request_id="i1", credentials=[name], carrier="badge")
    before = await actions.watch_expired(desk.site)
    desk.at = desk.at.replace(day=11)
    after = await actions.watch_expired(desk.site)

    assert (before, after, await actions.watch_expired(desk.site)) == (0, 1, 0)
    rows = (await desk.rows(Credential))["credentials_credential"]
    assert [row["status"] for row in rows] == ["expired"]


async def test_figures_say_how_long_stages_take_and_what_is_open(desk: AtWork) -> None:
    name = apply(desk, "E1").json()["credential"]
    apply(desk, "E2")
    vet(desk, name)
    desk.post("/credentials/issues", request_id="i1", credentials=[name], carrier="badge", earlier="ciie-6:B1")
    await desk.picture("figure")
    found = desk.get("/credentials/figures").json()

    values = {(one["key"], one["scope"]): one["value"] for one in found}
    assert values["credentials.stage_median", "stage decision, all that left it"] == 0
    assert values["credentials.open", "completeness, under 1 day"] == 1
    assert values["credentials.issued", "category visitor"] == 1
    assert values["credentials.reused", "category visitor"] == 1
    assert all(one["unit"] and one["as_of"] and one["source"] for one in found)


async def test_tables_are_the_same_after_a_rebuild_and_numbers_are_never_given_again(desk: AtWork) -> None:
    name = apply(desk, "E1").json()["credential"]
    vet(desk, name)
    desk.post("/credentials/issues", request_id="i1", credentials=[name], carrier="badge")
    await desk.picture("figure")
    before = await desk.rows(Credential, Index, Waited)

    await desk.rebuild()
    after = await desk.rows(Credential, Index, Waited)
    async with desk.site.connection() as connection:
        fresh = {of: await store.numbers(connection, of, 1) for of in ("holder", "credential", "place")}

    assert after == before
    assert fresh == {"holder": [2], "credential": [2], "place": [2]}

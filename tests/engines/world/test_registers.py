# SPDX-License-Identifier: Apache-2.0
"""Registers at work: things are added, changed, removed, restored and undone over HTTP; pages, histories, limits."""

from typing import Any

import pytest

from fourleaf.engines.world import store
from fourleaf.engines.world.facts import Added, Changed, Closed, Removed, Restored
from fourleaf.engines.world.state import THINGS
from fourleaf.kernel.labels import visible
from tests.engines.at_work import AtWork


def _named(text: str) -> dict[str, str]:
    return {"zh": text, "en": text.title()}


LIFT: dict[str, Any] = {
    "name": {"zh": "电梯", "en": "Lifts"},
    "group": "utilities",
    "field": [
        {"key": "name", "name": _named("name"), "type": "text", "label": True, "required": True},
        {"key": "serial", "name": _named("serial"), "type": "text", "unique": True},
        {"key": "load", "name": _named("load"), "type": "decimal", "unit": "kg", "min": "0.5"},
        {"key": "hall", "name": _named("hall"), "type": "reference", "of": "hall"},
        {"key": "works", "name": _named("works"), "type": "boolean"},
        {"key": "since", "name": _named("since"), "type": "date"},
        {"key": "tags", "name": _named("tags"), "type": "texts"},
        {"key": "place", "name": _named("place"), "type": "place"},
    ],
}
AT = "/world/registers/lift/things"


@pytest.fixture
async def house(at_work: AtWork) -> AtWork:
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    await at_work.declare("level", "L1", ordinal=0)
    await at_work.declare("register", "lift", **LIFT)
    return at_work


def add(house: AtWork, id_: str, **values: Any) -> dict[str, Any]:
    said: dict[str, Any] = house.post(
        AT, request_id=f"add-{id_}", id=id_, values={"name": f"Lift {id_}", **values}
    ).json()
    return said


def codes(said: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["field"], one["code"]) for one in said["given"]["errors"]]


async def test_a_thing_lives_in_the_log_and_in_its_register(house: AtWork) -> None:
    add(
        house, "L1", serial="S-1", load="１，０００.50", hall="8.1", works="是", tags=["a", "b"], place="L1 121.3 31.19"
    )
    house.post(f"{AT}/L1", request_id="c1", values={"load": 900, "works": None})
    house.post(f"{AT}/L1/remove", request_id="r1")
    gone = house.get(f"{AT}/L1").status_code
    house.post(f"{AT}/L1/restore", request_id="r2")

    back = house.get(f"{AT}/L1").json()

    assert (gone, back["version"]) == (404, 4)
    assert back["values"] == {
        "name": "Lift L1",
        "serial": "S-1",
        "load": "900",
        "hall": "8.1",
        "tags": ["a", "b"],
        "place": {"level": "L1", "lon": "121.3", "lat": "31.19"},
    }
    first, *rest = await house.facts("thing:lift.L1")
    assert isinstance(first, Added)
    assert rest == [
        Changed(register="lift", item="L1", changed={"load": "900", "works": None}, unique=["serial"]),
        Removed(register="lift", item="L1"),
        Restored(register="lift", item="L1"),
    ]


async def test_the_history_says_who_when_before_and_after(house: AtWork) -> None:
    add(house, "L1", load=10)
    house.post(f"{AT}/L1", request_id="c1", values={"load": 12, "tags": "new"})

    told = house.get(f"{AT}/L1/history").json()

    assert [(one["kind"], one["by"], one["before"], one["after"]) for one in told] == [
        ("world.Added", "local", {}, {"name": "Lift L1", "load": "10"}),
        ("world.Changed", "local", {"load": "10"}, {"load": "12", "tags": ["new"]}),
    ]


async def test_what_happened_last_is_taken_back_once_and_only_as_it_was_seen(house: AtWork) -> None:
    add(house, "L1", load=10)
    house.post(f"{AT}/L1", request_id="c1", values={"load": 12})

    late = house.post(f"{AT}/L1/undo", request_id="u0", version=1).json()
    house.post(f"{AT}/L1/undo", request_id="u1", version=2)
    again = house.post(f"{AT}/L1/undo", request_id="u1", version=2)
    undone = house.get(f"{AT}/L1").json()["values"]["load"]
    house.post(f"{AT}/L1/remove", request_id="r1")
    house.post(f"{AT}/L1/undo", request_id="u2", version=4)

    assert late["code"] == "world.changed-meanwhile"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert undone == "10"
    assert house.get(f"{AT}/L1").json()["version"] == 5


async def test_bad_values_are_told_field_by_field_and_nothing_is_written(house: AtWork) -> None:
    said = house.post(
        AT,
        request_id="x",
        id="L9",
        values={"load": "0.4", "hall": "9.9", "works": "maybe", "since": "soon", "colr": "red"},
    ).json()

    assert said["code"] == "world.bad-fields"
    assert sorted(codes(said)) == [
        ("colr", "cell.unknown-field"),
        ("hall", "cell.unknown-reference"),
        ("load", "cell.too-small"),
        ("name", "cell.required"),
        ("since", "cell.not-date"),
        ("works", "cell.not-boolean"),
    ]
    assert all(one["what"]["zh"] and one["mend"]["en"] for one in said["given"]["errors"])
    assert await house.facts("thing:lift.L9") == []


async def test_a_mistake_names_what_may_stand_there_in_the_language_it_is_told_in(house: AtWork) -> None:
    choices = [
        {"key": "e", "name": {"zh": "扶梯", "en": "Escalator"}},
        {"key": "l", "name": {"zh": "直梯", "en": "Lift"}},
    ]
    more = [
        {"key": "sort", "name": {"zh": "种类", "en": "Sort"}, "type": "choice", "choices": choices},
        {"key": "next", "name": {"zh": "旁边", "en": "Next"}, "type": "reference", "of": "lift"},
    ]
    await house.declare("register", "stair", **(LIFT | {"field": [*LIFT["field"], *more]}))

    values = {"name": "a", "sort": "boat", "hall": "9.9", "next": "L9"}
    said = house.post("/world/registers/stair/things", request_id="x", id="S1", values=values).json()
    told = {one["field"]: one["what"] for one in said["given"]["errors"]}

    assert told["sort"] == {
        "zh": "“种类”不能是“boat”，只能是：扶梯、直梯。",
        "en": "'Sort' cannot be 'boat', only: Escalator, Lift.",
    }
    assert told["hall"] == {
        "zh": "“hall”指向的展馆“9.9”不存在。",
        "en": "'Hall' names the hall '9.9', which does not exist.",
    }
    assert told["next"] == {
        "zh": "“旁边”指向的电梯“L9”不存在。",
        "en": "'Next' names the Lifts 'L9', which does not exist.",
    }


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("", {"id": "L1", "values": {"name": "b"}}, "world.already-there"),
        ("", {"id": ".L1", "values": {"name": "b"}}, "world.bad-id"),
        ("/L1", {"values": {"name": "Lift L1"}}, "world.nothing-changed"),
        ("/L1", {"values": {"name": "b"}, "version": 7}, "world.changed-meanwhile"),
        ("/L2", {"values": {"name": "b"}}, "world.no-such-item"),
        ("/L2/remove", {}, "world.no-such-item"),
        ("/L2/undo", {"version": 1}, "world.no-such-item"),
        ("/L1/restore", {}, "world.not-removed"),
    ],
)
async def test_what_cannot_be_is_refused(house: AtWork, path: str, body: dict[str, Any], code: str) -> None:
    add(house, "L1")

    said = house.post(AT + path, request_id="x", **body).json()

    assert said["code"] == code


async def test_a_venue_fact_of_the_same_name_has_nothing_to_undo(house: AtWork) -> None:
    add(house, "L1")
    async with house.site.connection() as connection:
        standing = (await store.standings(connection, ["lift.L1"]))["lift.L1"]
    closed = Closed(thing="lift.L1", reason_zh="检修", reason_en="repair")
    await house.site.record("test", THINGS, "lift.L1", standing, closed)

    said = house.post(f"{AT}/L1/undo", request_id="x", version=1).json()

    assert said["code"] == "world.nothing-to-undo"
    assert house.get(f"{AT}/L1").json()["version"] == 1


async def test_no_two_things_share_what_only_one_may_say(house: AtWork) -> None:
    add(house, "L1", serial="S-1")

    taken = add(house, "L2", serial="S-1")
    house.post(f"{AT}/L1/remove", request_id="r1")
    free = add(house, "L3", serial="S-1")
    back = house.post(f"{AT}/L1/restore", request_id="r2").json()

    assert codes(taken) == [("serial", "cell.not-unique")]
    assert free["thing"] == "lift.L3"
    assert back["code"] == "world.not-unique"


async def test_a_page_is_filtered_sorted_and_searched(house: AtWork) -> None:
    for number in range(1, 13):
        add(
            house,
            f"L{number:02}",
            load=number,
            works=number % 2 == 0,
            since=f"2018-03-{number:02}",
            tags=f"tag{number % 3}",
        )

    def ids(query: str) -> list[str]:
        return [one["id"] for one in house.get(f"{AT}?{query}").json()["things"]]

    assert ids("sort=-load&size=2") == ["L12", "L11"]
    assert ids("sort=load&size=2&page=2") == ["L03", "L04"]
    assert ids("works=true&load.min=9") == ["L10", "L12"]
    assert ids("since.max=2018-03-02") == ["L01", "L02"]
    assert ids("tags=TAG1&sort=id&size=2") == ["L01", "L04"]
    assert ids("q=lift+l07") == ["L07"]
    assert ids("q=%25") == []
    assert house.get(f"{AT}?works=no").json()["total"] == 6


@pytest.mark.parametrize("query", ["load.min=much", "works=perhaps", "sort=colr", "since=soon"])
async def test_a_filter_that_cannot_be_is_refused(house: AtWork, query: str) -> None:
    answer = house.get(f"{AT}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "world.bad-filter")


async def test_who_may_not_see_a_register_is_told_that_there_is_none(house: AtWork) -> None:
    await house.declare("register", "camera", **(LIFT | {"see": ["group:security"], "write": ["group:security"]}))
    await house.declare("register", "hydrant", **(LIFT | {"write": ["group:security"]}))

    listed = {one["key"]: one["may_write"] for one in house.get("/world/registers").json()}

    assert not visible(("group:security",), ("public", "office"))
    assert listed == {"lift": True, "hydrant": False}
    assert house.get("/world/registers/camera/things").status_code == 404
    assert (
        house.post("/world/registers/camera/things", request_id="x", id="C1", values={"name": "c"}).status_code == 404
    )
    assert (
        house.post("/world/registers/hydrant/things", request_id="x", id="H1", values={"name": "h"}).status_code == 403
    )

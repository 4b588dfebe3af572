# SPDX-License-Identifier: Apache-2.0
"""Layers: where things stand, level by level, for a map; the first of them by name; and which are not calm."""

from typing import Any

import msgspec
import pytest

from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.picture import AGAIN_S
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import pictures, venues
from tests.engines.at_work import AtWork

AT = "/world/registers/point"
POINT: dict[str, Any] = {
    "name": {"zh": "消防点位", "en": "Fire points"},
    "layer": {"from_zoom": "19"},
    "see": ["office", "group:security"],
    "field": [
        {"key": "name", "name": {"zh": "名称", "en": "Name"}, "type": "text", "label": True},
        {
            "key": "state",
            "name": {"zh": "状态", "en": "State"},
            "type": "choice",
            "choices": [
                {"key": "ready", "name": {"zh": "可用", "en": "Ready"}},
                {"key": "out", "name": {"zh": "停用", "en": "Out of use"}, "status": "watch"},
            ],
        },
        {"key": "place", "name": {"zh": "位置", "en": "Place"}, "type": "place"},
    ],
}
HALL = {"type": "Polygon", "coordinates": [[[121.0, 31.0], [121.2, 31.0], [121.2, 31.2], [121.0, 31.2], [121.0, 31.0]]]}


@pytest.fixture
async def house(at_work: AtWork) -> AtWork:
    hall = {"type": "Feature", "id": "8.1", "geometry": HALL, "properties": {"level": "L1"}}
    venue = {"levels": [], "features": {"hall": {"type": "FeatureCollection", "features": [hall]}}}
    async with at_work.site.connection() as connection:
        await venues.keep(connection, f"layers-{at_work.run}", msgspec.json.encode(venue))
    await at_work.declare("venue", "venue", hash=f"layers-{at_work.run}")
    await at_work.declare("hall", "8.1", level="L1", zone="food", thresholds=[8_000, 10_000])
    for level, ordinal in (("L1", 0), ("L2", 1)):
        await at_work.declare("level", level, ordinal=ordinal)
    await at_work.declare("register", "point", **POINT)
    for id_, state, place in (
        ("P1", "ready", "L1 121.3 31.19"),
        ("P2", "out", "L1 121.4 31.2"),
        ("P3", "out", "L2 121.5 31.2"),
        ("P4", "ready", "121.6 31.3"),
        ("P5", "ready", "8.1"),
        ("P6", "ready", ""),
    ):
        at_work.post(
            f"{AT}/things", request_id=id_, id=id_, values={"name": f"No. {id_}", "state": state, "place": place}
        )
    return at_work


def feature(id_: str, lon: float, lat: float, **more: str) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": point, "properties": {"id": id_, **more}}


def by_id(told: dict[str, Any]) -> dict[str, Any]:
    return {one["properties"]["id"]: one for one in told["features"]}


async def test_a_map_gets_where_the_things_of_a_level_stand_and_which_are_not_calm_and_nothing_else(
    house: AtWork,
) -> None:
    told = house.get(f"{AT}/places.geojson?level=L1").json()

    found = by_id(told)
    at_a_hall = found.pop("P5")
    assert found == {
        "P1": feature("P1", 121.3, 31.19),
        "P2": feature("P2", 121.4, 31.2, state="out"),
        "P4": feature("P4", 121.6, 31.3),
    }
    assert at_a_hall["geometry"]["coordinates"] == pytest.approx([121.1, 31.1])


async def test_another_level_shows_its_own_things_and_what_is_outside(house: AtWork) -> None:
    upper = by_id(house.get(f"{AT}/places.geojson?level=L2").json())
    all_of_them = by_id(house.get(f"{AT}/places.geojson").json())

    assert set(upper) == {"P3", "P4"}
    assert set(all_of_them) == {"P1", "P2", "P3", "P4", "P5"}


async def test_a_map_is_told_only_that_nothing_has_changed_until_something_has(house: AtWork) -> None:
    first = house.get(f"{AT}/places.geojson?level=L1")
    tag = {"If-None-Match": first.headers["etag"]}

    same = house.get(f"{AT}/places.geojson?level=L1", headers=tag)
    other_level = house.get(f"{AT}/places.geojson?level=L2", headers=tag)
    house.post(f"{AT}/things/P1", request_id="moved", values={"place": "L1 121.35 31.19"})
    changed = house.get(f"{AT}/places.geojson?level=L1", headers=tag)

    assert (first.headers["content-encoding"], first.headers["content-type"]) == ("gzip", "application/geo+json")
    assert (same.status_code, same.content) == (304, b"")
    assert other_level.status_code == 200
    assert by_id(changed.json())["P1"] == feature("P1", 121.35, 31.19)


async def test_a_list_names_the_first_things_of_a_level_those_that_are_not_calm_before_all_others(
    house: AtWork,
) -> None:
    told = house.get(f"{AT}/places.json?level=L1&lang=en&most=3").json()

    assert (told["total"], told["version"]) == (4, 6)
    assert told["at"].startswith("2024-11-05T")
    assert told["things"] == [
        {"id": "P2", "name": "No. P2", "state": "out"},
        {"id": "P1", "name": "No. P1", "state": None},
        {"id": "P4", "name": "No. P4", "state": None},
    ]


async def test_the_picture_holds_only_what_is_not_calm_by_id(house: AtWork) -> None:
    before = await house.picture("state")
    house.post(f"{AT}/things/P1", request_id="o", values={"state": "out"})
    house.post(f"{AT}/things/P2", request_id="r", values={"state": "ready"})
    house.post(f"{AT}/things/P3/remove", request_id="x")

    after = await house.picture("state")

    out = {"state": "out"}
    assert (before, after) == ({"point.P2": out, "point.P3": out}, {"point.P1": out})


async def test_what_a_declaration_calls_calm_anew_goes_with_the_next_look_at_all(house: AtWork) -> None:
    before = await house.picture("state")
    fields = [field | {"choices": [one | {"status": "calm"} for one in field["choices"]]} if "choices" in field else field
              for field in POINT["field"]]  # fmt: skip
    calm = Declared(kind="register", key="point", value=POINT | {"field": fields})
    await house.site.record("pack", DECLARATIONS, "register/point", Declaration(version=1), calm)

    after = [await house.picture("state", later_s=seconds) for seconds in (AGAIN_S / 2, AGAIN_S)]

    assert set(before) == {"point.P2", "point.P3"}
    assert after == [before, {}]


async def test_what_is_not_calm_is_told_to_those_who_may_see_its_register(house: AtWork) -> None:
    await house.picture("state")

    async with house.site.connection() as connection:
        seen = {labels: (await pictures.now(connection, [labels]))[1] for labels in ("group:security", "public")}

    assert {label: [one.thing for one in some if one.layer == "state"] for label, some in seen.items()} == {
        "group:security": ["point.P2", "point.P3"],
        "public": [],
    }


async def test_a_register_without_places_or_states_has_an_empty_map_and_no_states(house: AtWork) -> None:
    await house.declare("register", "loan", **(POINT | {"layer": None, "field": POINT["field"][:1]}))
    house.post("/world/registers/loan/things", request_id="l", id="U1", values={"name": "Umbrella"})

    places = house.get("/world/registers/loan/places.geojson?level=L1").json()
    names = house.get("/world/registers/loan/places.json?level=L1").json()

    assert places == {"type": "FeatureCollection", "features": []}
    assert (names["total"], names["things"]) == (0, [])
    assert [one for one in await house.picture("state") if one.startswith("loan.")] == []


def test_the_state_of_a_register_is_the_first_choice_of_which_an_answer_is_not_calm() -> None:
    kind = {
        "key": "kind",
        "name": {"zh": "类", "en": "Kind"},
        "type": "choice",
        "choices": [{"key": "a", "name": {"zh": "甲", "en": "A"}}],
    }
    declared = msgspec.convert(POINT | {"field": [kind, *POINT["field"]]}, Register, strict=False)

    assert declared.state is declared.by_key["state"]
    assert list(declared.odd) == ["out"]

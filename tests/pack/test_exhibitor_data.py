# SPDX-License-Identifier: Apache-2.0
"""Exhibitors, their zones, countries and lists: what is counted agrees with what is published, or stands beside it."""

import json
import tomllib
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from fourleaf.pack import Edition
from tests.docs.source import ROOT

VENUE = ROOT / "editions/ciie-7/venue"
HISTORY = ROOT / "editions/ciie-7/history"
FIGURES = [one for file in HISTORY.glob("*.toml") for one in tomllib.loads(file.read_text("utf-8"))["figure"]]
Things = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def registers(edition: Edition) -> dict[str, Things]:
    return {one.of: dict(one.things) for one in edition.contents}


@pytest.fixture(scope="module")
def exhibitors(registers: dict[str, Things]) -> Things:
    return registers["exhibitor"]


def features(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VENUE / f"{kind}.geojson").read_text("utf-8"))["features"]
    return found


def carrying(exhibitors: Things, tag: str) -> list[dict[str, Any]]:
    return [one for one in exhibitors.values() if tag in one.get("tags", ())]


def published(key: str, edition: str) -> tuple[int, str]:
    """What history says; that the register says the same is tested with it."""
    (found,) = [one for one in FIGURES if (one["key"], one["edition"]) == (key, edition)]
    return int(found["value"]), found["bound"]


def test_exhibitors_come_from_as_many_countries_as_are_published(registers: dict[str, Things]) -> None:
    countries = {one["country"] for one in registers["exhibitor"].values()}

    assert countries == set(registers["country"])
    assert published("exhibitors.countries", "ciie-7") == (len(countries), "exact")
    assert published("exhibitors.countries", "ciie-4") == (127, "exact")


def test_every_country_has_a_development_class_with_its_year_and_source(registers: dict[str, Things]) -> None:
    countries = registers["country"].values()

    assert {one["development"] for one in countries} == {"developed", "developing", "least_developed"}
    assert {one["class_year"] for one in countries} == {2024}
    assert {(one["development"], one["class_source"]) for one in countries} == {
        ("developed", "unctad"),
        ("developing", "unctad"),
        ("least_developed", "un-ldc"),
    }


# The United Nations' list of least developed countries as it stood at the fair: 45, Bhutan no more, Sao Tome and Principe still.
LEAST_DEVELOPED = (
    "AO BJ BF BI CF TD KM CD DJ ER ET GM GN GW LS LR MG MW ML MR MZ NE RW ST SN SL SO SS SD TG UG TZ ZM"  # Africa
    " AF BD KH LA MM NP TL YE HT KI SB TV"  # Asia, the Caribbean, the Pacific
)
# UNCTAD's developed economies of 2024: Northern America and Europe (Cyprus with it), Israel, Japan, Korea, Australia, New Zealand.
DEVELOPED = (
    "AD AL AT BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS"
    " RU SE SI SK SM UA VA BM CA GL PM US AU IL JP KR NZ"
)


@pytest.mark.parametrize(("development", "listed"), [("least_developed", LEAST_DEVELOPED), ("developed", DEVELOPED)])
def test_every_country_stands_in_the_class_of_the_lists(
    registers: dict[str, Things], development: str, listed: str
) -> None:
    countries = registers["country"]

    assert {code for code, one in countries.items() if one["development"] == development} == {*listed.split()} & set(
        countries
    )
    assert len(LEAST_DEVELOPED.split()) == 45


def test_areas_of_halls_add_up_to_the_published_area() -> None:
    total = sum(hall["properties"]["area_m2"] for hall in features("hall"))

    assert total == pytest.approx(published("exhibition.area", "ciie-7")[0], rel=1e-4)
    assert published("exhibition.area", "ciie-4") == (366_000, "exact")


def test_who_was_there_every_time_is_as_many_as_published_institutions_included(
    exhibitors: Things,
) -> None:
    always = [one for one in exhibitors.values() if one["streak"] == 7]

    assert always == carrying(exhibitors, "full-attendance")
    assert published("exhibitors.full_attendance", "ciie-7") == (len(always), "exact")
    assert {one["kind"] for one in always} == {"company", "institution"}


def test_a_streak_and_a_first_edition_agree(exhibitors: Things) -> None:
    assert all(one["streak"] == 8 - one["first_edition"] for one in exhibitors.values())
    assert carrying(exhibitors, "first-time") == [one for one in exhibitors.values() if one["first_edition"] == 7]


def test_leaders_keep_to_the_published_bounds_of_new_and_of_old_friends(
    exhibitors: Things,
) -> None:
    firsts = Counter(one["first_edition"] for one in carrying(exhibitors, "global-500-or-leader"))

    assert published("exhibitors.fortune_500", "ciie-4") == (firsts.total(), "exact")
    assert published("exhibitors.fortune_500_first", "ciie-4") == (40, "nearly")
    assert published("exhibitors.fortune_500_every", "ciie-4") == (120, "over")
    assert 35 <= firsts[4] < 40
    assert firsts[1] > 120
    assert max(firsts) == 4


@pytest.mark.parametrize(
    ("tag", "zone", "key", "count"),
    [
        ("top-10-car-groups", "automobile", "exhibitors.top_car_groups", 10),
        ("top-10-cosmetics", "consumer_goods", "exhibitors.top_cosmetics", 10),
        ("top-3-fashion", "consumer_goods", "exhibitors.top_fashion", 3),
    ],
)
def test_a_top_list_names_its_source_and_is_as_long_as_is_claimed(
    registers: dict[str, Things], tag: str, zone: str, key: str, count: int
) -> None:
    found, said = carrying(registers["exhibitor"], tag), registers["exhibitor-list"][tag]

    assert {one["zone"] for one in found} == {zone} == {said["zone"]}
    assert len(found) == count == said["published"] == said["tagged"]
    assert published(key, "ciie-4") == (count, "exact")
    assert said["group_premiere"] == (zone == "consumer_goods")


def test_every_tag_is_a_list_of_the_register_with_as_many_exhibitors_as_it_says(
    registers: dict[str, Things], exhibitors: Things
) -> None:
    carried = Counter(tag for one in exhibitors.values() for tag in one.get("tags", ()))

    assert carried == {key: one["tagged"] for key, one in registers["exhibitor-list"].items()}


def test_zones_count_what_the_register_holds(registers: dict[str, Things], exhibitors: Things) -> None:
    for key, zone in registers["zone"].items():
        field = "zone" if zone["kind"] == "zone" else "sub_zone"
        inside = [one for one in exhibitors.values() if one.get(field) == key]

        assert zone["exhibitors"] == len(inside) > 0
        assert zone["countries"] == len({one["country"] for one in inside})
        assert zone["first_time"] == sum(one["first_edition"] == 7 for one in inside)
        assert Decimal(zone["booth_area_m2"]) == sum(Decimal(one["area_m2"]) for one in inside)


def test_zones_are_as_many_as_published_and_food_stands_with_its_numbers(registers: dict[str, Things]) -> None:
    zones = [key for key, one in registers["zone"].items() if one["kind"] == "zone"]

    assert published("exhibition.zones", "ciie-4") == (len(zones), "exact")
    assert published("zone.food_farm.countries", "ciie-4") == (102, "exact")
    assert published("zone.food_farm.exhibitors", "ciie-4") == (1200, "over")


def test_sub_zones_of_technical_equipment_are_larger_than_published(registers: dict[str, Things]) -> None:
    area = [
        Decimal(one["booth_area_m2"])
        for one in registers["zone"].values()
        if one.get("parent") == "technical_equipment"
    ]

    assert len(area) == 3
    assert published("zone.technical_equipment.subzones_area", "ciie-4") == (30_000, "over")
    assert sum(area) > 30_000


@pytest.mark.parametrize("area", ["booth_area_m2", "hall_area_m2"])
def test_consumer_goods_is_the_largest_zone(registers: dict[str, Things], area: str) -> None:
    ranked = sorted((Decimal(one.get(area, 0)), key) for key, one in registers["zone"].items() if one["kind"] == "zone")

    assert ranked[-1][1] == "consumer_goods"
    assert published("zone.consumer_goods.area", "ciie-4") == (90_000, "over")


def test_sports_and_cultural_tourism_are_sub_zones_and_what_was_new_says_since_when(
    registers: dict[str, Things],
) -> None:
    zones = registers["zone"]

    assert zones["sports"]["parent"] == "consumer_goods"
    assert (zones["cultural-tourism"]["kind"], zones["cultural-tourism"]["since"]) == ("sub_zone", 4)


def test_special_builds_and_shell_schemes_stand_on_the_register_as_on_the_ground(exhibitors: Things) -> None:
    booths = {one["id"]: one["properties"] for one in features("booth")}

    assert {one["build"] for one in booths.values()} == {"raw_space", "shell_scheme"}
    for one in exhibitors.values():
        booth = booths[one["booth"]]
        assert (one["build"], Decimal(one["area_m2"]), one["cell"]) == (
            booth["build"], booth["area_m2"], booth["grid"],
        )  # fmt: skip

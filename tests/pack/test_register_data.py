# SPDX-License-Identifier: Apache-2.0
"""The registers that ship with the 7th edition: their amounts are those of the sources, their names are made up."""

import tomllib
from typing import Any

import pytest

from fourleaf.pack import Edition
from tests.docs.source import ROOT

AMOUNTS: dict[str, Any] = tomllib.loads((ROOT / "editions/making/amounts.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def things(edition: Edition) -> dict[str, dict[str, dict[str, Any]]]:
    return {one.of: one.things for one in edition.contents}


def count(things: dict[str, dict[str, Any]], **said: Any) -> int:
    return sum(all(one.get(key) == value for key, value in said.items()) for one in things.values())


def test_every_register_has_things_and_says_where_they_come_from(
    edition: Edition, things: dict[str, dict[str, Any]]
) -> None:
    declared = {one.key: one.value for one in edition.values if one.kind == "register"}

    assert set(declared) == set(things)
    assert len(declared) == 31
    assert all(one["source"] and one["note"]["en"] and not one.get("personal") for one in declared.values())


@pytest.mark.parametrize(
    ("register", "said", "amount"),
    [
        ("exhibitor", {}, 3496),
        ("exhibitor", {"first_edition": 1, "streak": 7}, 186),
        ("lift", {"kind": "escalator"}, 208),
        ("lift", {"kind": "lift"}, 216),
        ("cell-5g", {}, 748),
        ("meal", {}, 78),
        ("medical-point", {"kind": "station"}, 5),
        ("medical-point", {"kind": "observation"}, 24),
        ("medical-point", {"kind": "hospital"}, 34),
        ("hotel", {}, 878),
        ("screen", {"kind": "newspaper"}, 27),
        ("counter-drone", {"kind": "fixed"}, 2),
        ("counter-drone", {"kind": "vehicle"}, 1),
        ("control-team", {"kind": "team"}, 20),
        ("test-point", {"edition": 4}, 37),
        ("grid-cell", {}, 96),
        ("smart-application", {}, 6),
    ],
)
def test_published_amounts_stand_in_the_registers(
    things: dict[str, dict[str, dict[str, Any]]], register: str, said: dict[str, Any], amount: int
) -> None:
    assert count(things[register], **said) == amount


def test_printed_matter_adds_up_to_what_was_handed_out(things: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert sum(one["handed_out"] for one in things["printed"].values()) == AMOUNTS["things"]["printed"]["value"]


def test_every_amount_says_where_it_comes_from() -> None:
    for one in (amount for part in AMOUNTS.values() for amount in part.values()):
        assert one["tag"] == "assumed" or one["tag"].startswith(("source:", "carried-over:"))


def test_payment_terminals_cover_all_seven_scenes_and_the_digital_currency_everywhere(
    things: dict[str, dict[str, dict[str, Any]]],
) -> None:
    terminals = things["terminal"]

    assert len({one["scene"] for one in terminals.values()}) == 7
    assert count(terminals, ecny=True) == len(terminals)


@pytest.mark.parametrize("method", ["foreign_card", "mobile", "ecny", "cash"])
def test_every_scene_has_terminals_of_every_way_to_pay(
    things: dict[str, dict[str, dict[str, Any]]], method: str
) -> None:
    assert len({one["scene"] for one in things["terminal"].values() if one[method]}) == 7


def test_epidemic_signs_add_up_to_the_published_number_and_say_their_text_place_and_version(
    things: dict[str, dict[str, dict[str, Any]]],
) -> None:
    signs = [one for one in things["sign"].values() if one["kind"] == "health"]

    assert sum(one["copies"] for one in signs) == AMOUNTS["services"]["epidemic_sign"]["value"] == 43_000
    assert all(one["text_zh"] and one["text_en"] and one["place"] and one["print_version"] for one in signs)


def test_every_digital_hotel_has_a_level_by_a_standard_and_no_other_has(
    things: dict[str, dict[str, dict[str, Any]]],
) -> None:
    hotels = things["hotel"].values()

    assert sum(one["digital"] for one in hotels) == 600
    assert all(one["digital"] == ("digital_level" in one) == ("digital_norm" in one) for one in hotels)
    assert any(one["self_check_in"] for one in hotels)


def test_a_protected_site_has_a_plan_and_a_duty(things: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert all(one["plan"] and one["duty"] for one in things["protected-site"].values())


def test_a_cell_carries_the_duties_of_four_departments_and_knows_its_gate_hydrant_and_team(
    things: dict[str, dict[str, dict[str, Any]]],
) -> None:
    hydrants = {key: one for key, one in things["fire-point"].items() if one["kind"] == "hydrant"}

    for cell in things["grid-cell"].values():
        assert cell["police"] and cell["urban"] and cell["market"] and cell["fire"] and cell["gate"]
        assert hydrants[cell["hydrant"]]["hall"] == cell["hall"]
    assert len({cell["team"] for cell in things["grid-cell"].values()}) == 3 * 16


def test_an_electric_box_feeds_a_booth_of_its_hall(things: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert all(one["booth"].startswith(f"{one['hall']}-") for one in things["electric-box"].values())


@pytest.mark.parametrize(
    ("source", "quantities"),
    [
        (("device_type", "electric-box"), {"leak_ma", "celsius", "load_pct"}),
        (("feed", "weather"), {"wind_m_s", "celsius", "rain_mm"}),
    ],
)
def test_boxes_and_the_weather_have_levels_to_watch_and_to_act_on(
    edition: Edition, source: tuple[str, str], quantities: set[str]
) -> None:
    kind, key = source

    levels = [one.value for one in edition.values if one.kind == "threshold" and one.value.get(kind) == key]

    assert {one["quantity"] for one in levels} == quantities
    assert all([step["state"] for step in one["step"]] == ["watch", "alert"] for one in levels)
    assert all(step["advice"]["zh"] and step["advice"]["en"] for one in levels for step in one["step"])


def test_smart_applications_name_only_what_is_there(edition: Edition, things: dict[str, dict[str, Any]]) -> None:
    there = {
        kind: {one.key for one in edition.values if one.kind == kind} for kind in ("register", "device_type", "feed")
    }

    for one in things["smart-application"].values():
        assert set(one.get("registers", ())) <= there["register"]
        assert set(one.get("devices", ())) <= there["device_type"]
        assert set(one.get("feeds", ())) <= there["feed"]


def test_the_watch_list_has_three_kinds_codes_for_guests_and_is_not_for_the_whole_office(
    edition: Edition, things: dict[str, dict[str, dict[str, Any]]]
) -> None:
    (declared,) = [one.value for one in edition.values if (one.kind, one.key) == ("register", "watch")]

    assert {one["kind"] for one in things["watch"].values()} == {"field", "activity", "guest"}
    assert all("SYN-" in one["name_zh"] for one in things["watch"].values() if one["kind"] == "guest")
    assert {"office", "public"} & {*declared["see"], *declared["write"]} == set()


def test_statements_without_a_number_keep_the_words_of_their_article(
    things: dict[str, dict[str, dict[str, Any]]],
) -> None:
    assert set(things["content"]) == {
        "delegation-activities", "sub-forums", "low-carbon-landscape", "smart-expo", "publicity", "whole-city-welcome",
    }  # fmt: skip
    assert all(one["quote"] and one["source"] for one in things["content"].values())


def test_service_points_stand_in_every_hall_with_uses_and_questions(
    things: dict[str, dict[str, dict[str, Any]]],
) -> None:
    points = things["kiosk"].values()

    assert len({one["hall"] for one in points}) == 16
    assert all(one["uses"] and one["top_questions"] and one["place"] for one in points)


def test_cameras_hold_ids_and_places_only(things: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert {key for one in things["camera"].values() for key in one} == {"code", "hall", "state", "place"}

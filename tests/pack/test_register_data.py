# SPDX-License-Identifier: Apache-2.0
"""The registers that ship with the 7th edition: their amounts are those of the sources, their names are made up."""

import tomllib
from typing import Any

import pytest

from fourleaf.pack import Edition
from tests.docs.source import ROOT

AMOUNTS: dict[str, Any] = tomllib.loads((ROOT / "editions/making/amounts.toml").read_text("utf-8"))["things"]


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
    assert len(declared) == 20
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
    ],
)
def test_published_amounts_stand_in_the_registers(
    things: dict[str, dict[str, dict[str, Any]]], register: str, said: dict[str, Any], amount: int
) -> None:
    assert count(things[register], **said) == amount


def test_printed_matter_adds_up_to_what_was_handed_out(things: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert sum(one["handed_out"] for one in things["printed"].values()) == AMOUNTS["printed"]["value"]


def test_every_amount_says_where_it_comes_from() -> None:
    for one in AMOUNTS.values():
        assert one["tag"] == "assumed" or one["tag"].startswith(("source:", "carried-over:"))


def test_payment_terminals_cover_all_seven_scenes_and_the_digital_currency_everywhere(
    things: dict[str, dict[str, dict[str, Any]]],
) -> None:
    terminals = things["terminal"]

    assert len({one["scene"] for one in terminals.values()}) == 7
    assert count(terminals, ecny=True) == len(terminals)


def test_cameras_hold_ids_and_places_only(things: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert {key for one in things["camera"].values() for key in one} == {"code", "hall", "state", "place"}

# SPDX-License-Identifier: Apache-2.0
"""The register of published figures: all of history, as it was said, and what contradicts itself side by side."""

import re
import tomllib
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from fourleaf.pack import Edition
from tests.docs.source import ROOT

HISTORY = ROOT / "editions/ciie-7/history"


@pytest.fixture(scope="module")
def published(edition: Edition) -> dict[str, dict[str, Any]]:
    (found,) = [one.things for one in edition.contents if one.of == "published"]
    return dict(found)


def figures() -> dict[str, dict[str, Any]]:
    """What history says, by the ids that the register gives: the row and which figure of it this is."""
    numbers, found = Counter[str](), dict[str, dict[str, Any]]()
    for file in sorted(HISTORY.glob("*.toml")):
        for one in tomllib.loads(file.read_text("utf-8"))["figure"]:
            numbers[one["row"]] += 1
            found[f"{one['row']}-{numbers[one['row']]}"] = one
    return found


def test_every_figure_of_history_stands_in_the_register_as_it_was_said(published: dict[str, dict[str, Any]]) -> None:
    said = {id_: _said(one, one.get("change_zh", "")) for id_, one in published.items()}

    assert said == {id_: _said(one, one.get("change", "")) for id_, one in figures().items()}


def _said(one: dict[str, Any], change: str) -> tuple[Any, ...]:
    return (Decimal(str(one["value"])), *(one.get(key, "") for key in ("bound", "edition", "source", "quote")), change)


def test_units_and_scopes_are_told_in_both_languages(published: dict[str, dict[str, Any]]) -> None:
    latin = re.compile(r"[A-Za-z]{3}")

    for one in published.values():
        assert one["unit_zh"] and one["unit_en"] and one["scope_zh"] and one["scope_en"]
        assert not latin.search(one["unit_zh"] + one["scope_zh"])
        assert (one["unit_en"] + one["scope_en"]).isascii() or one["unit_en"] == "m²"


@pytest.mark.parametrize(
    ("id_", "others"),
    [
        ("J02-1", {"J03-1"}),  # the station, and all police
        ("J04-1", {"J04-2"}),  # the same
        ("B03-1", {"B03-2"}),  # less than at the 4th, of which a record was said
        ("B02-1", {"B02-2"}),
        ("K13-1", {"K13-3"}),  # 95 twice, of other types and times
        ("J15-1", {"J17-1"}),  # four at closing, three in the plan
    ],
)
def test_what_was_published_twice_names_the_other(
    published: dict[str, dict[str, Any]], id_: str, others: set[str]
) -> None:
    found = set(published[id_].get("beside", ()))

    assert found == others
    assert all(id_ in published[other]["beside"] for other in found)


@pytest.mark.parametrize(
    "keys",
    [
        ("exhibitors.countries", "forum.economies"),
        ("volunteers.served", "traffic.drop_off_vehicles"),
        ("premieres.total", "premieres.release_area_items", "zone.medical_healthcare.premieres"),
        ("next_edition.area_signed", "next_edition.area_booked"),
        ("governance.groups", "governance.aspects"),
        ("traffic.drop_off_vehicles", "traffic.drop_off_vehicles_inside"),
        ("measures.customs", "measures.police", "measures.police_development"),
    ],
)
def test_numbers_that_only_look_alike_stay_apart(
    published: dict[str, dict[str, Any]], keys: tuple[str, ...]
) -> None:  # fmt: skip
    ids = [{id_ for id_, one in figures().items() if one["key"] == key} for key in keys]

    for mine in ids:
        for other in ids:
            beside = {named for id_ in mine for named in published[id_].get("beside", ())}
            assert mine and (mine is other or not beside & other)


def test_no_bound_is_lost(published: dict[str, dict[str, Any]]) -> None:
    terminals = published["J11-1"]

    assert {one["bound"] for one in published.values()} == {"exact", "over", "nearly", "about"}
    assert (terminals["bound"], terminals["change_zh"]) == ("over", "较去年年末增长了1.1倍")

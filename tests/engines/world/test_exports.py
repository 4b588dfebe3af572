# SPDX-License-Identifier: Apache-2.0
"""Exports: what a register says, as a table no spreadsheet computes and as places on a map."""

import csv
from datetime import date
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.world.rules.tables import plain, safe
from fourleaf.engines.world.web import exports
from fourleaf.standards.spreadsheets import open_workbook
from tests.engines.at_work import AtWork
from tests.engines.meanwhile import answered_meanwhile
from tests.engines.world.test_registers import AT, LIFT

EXPORT = "/world/registers/lift/export"


@pytest.fixture
async def house(at_work: AtWork) -> AtWork:
    await at_work.declare("level", "L1", ordinal=0)
    await at_work.declare("register", "lift", **LIFT)
    for id_, values in (
        ("L1", {"name": '=HYPERLINK("http://bad")', "load": "2.5", "tags": "a;b", "place": "L1 121.3 31.19"}),
        ("L2", {"name": "'quoted", "works": True, "since": "2018-03-01"}),
    ):
        at_work.post(AT, request_id=id_, id=id_, values=values)
    return at_work


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


async def test_a_table_is_what_was_asked_for_and_holds_no_formula(house: AtWork) -> None:
    whole = house.get(f"{EXPORT}.csv")

    assert whole.text.startswith("\ufeffid,name,")
    found = read(house.get(f"{EXPORT}.csv?bom=false").text)
    assert [one["name"] for one in found] == ['\'=HYPERLINK("http://bad")', "''quoted"]
    assert [plain(one["name"]) for one in found] == ['=HYPERLINK("http://bad")', "'quoted"]
    assert (found[0]["tags"], found[0]["place"], found[1]["works"]) == ("a;b", "L1 121.3 31.19", "true")
    assert [one["id"] for one in read(house.get(f"{EXPORT}.csv?bom=false&works=true").text)] == ["L2"]


@given(st.text())
def test_a_text_that_was_made_safe_reads_back_as_it_was(text: str) -> None:
    assert plain(safe(text)) == text
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r"))


async def test_places_are_points_with_what_the_things_say(house: AtWork) -> None:
    told: dict[str, Any] = house.get(f"{EXPORT}.geojson").json()

    first, second = told["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [121.3, 31.19]}
    assert (first["properties"]["level"], second["geometry"]) == ("L1", None)


async def test_a_workbook_is_what_was_asked_for_with_typed_cells(house: AtWork) -> None:
    data = house.get(f"{EXPORT}.xlsx?lang=en&sort=-id").content

    head, *lines = open_workbook(data).lines
    assert list(head.cells)[:4] == ["Id", "Name", "Serial", "Load (kg)"]
    assert [line.cells[0] for line in lines] == ["L2", "L1"]
    assert lines[0].cells[5:7] == ["Yes", date(2018, 3, 1)]
    assert lines[1].cells[1:4] == ['=HYPERLINK("http://bad")', None, 2.5]


async def test_nothing_is_exported_that_one_may_not_see(house: AtWork) -> None:
    await house.declare("register", "camera", **(LIFT | {"see": ["group:security"]}))

    for name in ("export.csv", "export.xlsx", "export.geojson", "places.geojson", "places.json", "template.csv"):
        assert house.get(f"/world/registers/camera/{name}").status_code == 404


@pytest.mark.parametrize(("long", "kind"), [("rows", "csv"), ("typed", "xlsx"), ("geojson", "geojson")])
async def test_while_a_large_export_is_made_others_are_answered(
    house: AtWork, monkeypatch: pytest.MonkeyPatch, long: str, kind: str
) -> None:
    answers = answered_meanwhile(house, monkeypatch, (exports, long), lambda: house.get(f"{EXPORT}.{kind}"))

    assert answers == (200, 200)

# SPDX-License-Identifier: Apache-2.0
"""A register on paper, and how its things are spread over the halls."""

import csv
import re
from io import StringIO

import msgspec
import pytest

from fourleaf.engines.world.rules.balance import Spot, balance
from fourleaf.faces.desk import reports
from fourleaf.postgres import venues
from tests.engines.at_work import AtWork
from tests.engines.meanwhile import answered_meanwhile
from tests.engines.world.test_registers import AT, LIFT

# About 95 by 111 meters.
SQUARE = [[121.300, 31.190], [121.301, 31.190], [121.301, 31.191], [121.300, 31.191], [121.300, 31.190]]
HALL = {
    "id": "8.1",
    "type": "Feature",
    "properties": {"name": {"zh": "8.1馆", "en": "Hall 8.1"}, "level": "L1"},
    "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
}
HALL_JSON = msgspec.json.encode(HALL)


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await at_work.declare("level", "L1", ordinal=0)
    await at_work.declare("register", "lift", **LIFT)
    return at_work


async def hall_of(desk: AtWork) -> None:
    """A venue of one hall."""
    body = (
        b'{"levels":[{"id":"L1","ordinal":0,"name":{"zh":"L1","en":"Ground"}}],"features":{"hall":{"features":[%b]}}}'
    )
    async with desk.site.connection() as connection:
        await venues.keep(connection, f"of {desk.run}", body % HALL_JSON)
    await desk.declare("venue", "venue", hash=f"of {desk.run}")


def at(id_: str, lon: float, lat: float, level: str = "L1") -> Spot:
    return Spot(id=id_, name=f"Lift {id_}", level=level, point=(lon, lat))


def test_a_hall_is_measured_from_its_farthest_corner_to_the_nearest_thing_of_its_level() -> None:
    inside, outside, above = at("A", 121.300, 31.190), at("B", 121.302, 31.191), at("C", 121.3005, 31.1905, "L2")

    (share,) = balance([HALL], [inside, outside, above])
    (lonely,) = balance([HALL], [above])

    # The north-west corner has 111 m to A; every other one has less to A or B.
    assert share.nearest == "Lift A"
    assert share.far_m == pytest.approx(111.3, abs=0.2)
    assert share.walk_s == pytest.approx(111.3 / 1.34, abs=0.2)
    assert (lonely.inside, lonely.far_m, lonely.walk_s, lonely.nearest) == (0, None, None, "")


def test_a_thing_within_a_hall_counts_for_it() -> None:
    (share,) = balance([HALL], [at("A", 121.3005, 31.1905), at("B", 121.302, 31.1905)])

    assert share.inside == 1


async def test_the_balance_shows_each_hall_with_its_least_walk_and_as_a_table(desk: AtWork) -> None:
    await hall_of(desk)
    desk.post(AT, request_id="a", id="A", values={"name": "=one", "place": "L1 121.3005 31.1905"})

    page = desk.get("/desk/balance?register=lift&lang=en").text
    (line,) = csv.DictReader(StringIO(desk.get("/desk/balance.csv?register=lift&lang=en").text.lstrip("\ufeff")))

    assert re.findall(r'<td class="num"[^>]*>([^<]+)</td>', page) == ["1", "73", "≥ 0.9"]
    assert (line["hall"], line["inside"], line["far_m"], line["nearest"]) == ("8.1", "1", "73", "'=one")
    assert desk.get("/desk/balance?register=camera").status_code == 404
    assert all(f'href="/r/{desk.run}/desk/balance' in desk.get(path).text for path in ("/desk", "/desk/registers/lift"))


async def test_while_a_balance_is_reckoned_others_are_answered(desk: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    await hall_of(desk)

    answers = answered_meanwhile(
        desk, monkeypatch, (reports, "balance"), lambda: desk.get("/desk/balance?register=lift")
    )

    assert answers == (200, 200)


async def test_a_register_on_paper_holds_every_line_that_was_asked_for(desk: AtWork) -> None:
    for number in range(60):
        desk.post(
            AT, request_id=f"a{number}", id=f"L{number:02}", values={"name": f"Lift {number}", "load": number + 1}
        )

    page = desk.get("/desk/registers/lift/print?lang=en&load.min=5&sort=-load&columns=load").text

    assert re.findall(r'<th scope="row">(L\d\d)</th>', page)[:2] == ["L59", "L58"]
    assert page.count('<th scope="row">') == 56
    assert "<form" not in page and "filtered" in page and "REHEARSAL" in page

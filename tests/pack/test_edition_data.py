# SPDX-License-Identifier: Apache-2.0
"""The data of the 7th edition: its counts, its shapes, its tags, and that they can be made again."""

import csv
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from editions.making.make import make
from fourleaf.app.rooms import rooms
from fourleaf.pack.check import check

EDITION = Path(__file__).parents[2] / "editions" / "ciie-7"
TAG = re.compile(r"source:\S+|carried-over:\S+|assumed")
HALLS = {*(f"{n}.{level}" for n in (1, 2, 4, 5, 6, 7, 8) for level in (1, 2)), "3", "NH"}
Point = tuple[float, float]


def features(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((EDITION / "venue" / f"{kind}.geojson").read_text("utf-8"))["features"]
    return found


def all_features() -> list[dict[str, Any]]:
    return [one for file in sorted((EDITION / "venue").glob("*.geojson")) for one in features(file.stem)]


def exhibitors() -> list[dict[str, str]]:
    with (EDITION / "exhibitors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def outer(feature: dict[str, Any]) -> list[Point]:
    return [(x, y) for x, y in feature["geometry"]["coordinates"][0]]


def inside(point: Point, ring: list[Point]) -> bool:
    x, y = point
    crossings = [ax + (y - ay) * (bx - ax) / (by - ay) for (ax, ay), (bx, by) in pairwise(ring) if (ay > y) != (by > y)]
    return sum(x < at for at in crossings) % 2 == 1


def area(ring: list[Point]) -> float:
    """In square degrees, positive when counterclockwise; measured from the first point."""
    (x0, y0), *_ = ring
    return sum((ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in pairwise(ring)) / 2


def of_hall(kind: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {hall: [] for hall in HALLS}
    for one in features(kind):
        found[one["properties"]["hall"]].append(one)
    return found


def test_pack_has_no_mistake() -> None:
    checked = check(EDITION, rooms().declares)

    assert checked.problems == ()
    assert checked.edition is not None


@pytest.mark.parametrize(
    ("kind", "count"),
    [("hall", 16), ("gate", 7), ("entrance", 20), ("lane", 107), ("booth", 3496), ("meal_point", 78), ("medical", 5)],
)
def test_venue_holds_the_published_number(kind: str, count: int) -> None:
    assert len(features(kind)) == count


def test_halls_are_those_of_the_venue() -> None:
    assert {hall["id"] for hall in features("hall")} == HALLS
    assert all(len(doors) >= 4 for doors in of_hall("door").values())
    assert all(len(cells) == 6 for cells in of_hall("grid").values())


def test_meal_points_are_56_fixed_and_22_temporary() -> None:
    assert Counter(one["properties"]["type"] for one in features("meal_point")) == {"fixed": 56, "temporary": 22}


def test_exhibitors_come_from_129_countries_and_six_zones() -> None:
    rows = exhibitors()

    assert len({row["id"] for row in rows}) == len({row["booth"] for row in rows}) == len(rows) == 3496
    assert len({row["country"] for row in rows}) == 129
    assert len({row["zone"] for row in rows}) == 6
    assert sum(row["first_edition"] == "1" for row in rows) == 186
    assert {row["source"] for row in rows} == {"synthetic"}


def test_booths_and_exhibitors_name_each_other() -> None:
    of_exhibitor = {one["properties"]["exhibitor"]: one["id"] for one in features("booth")}

    assert of_exhibitor == {row["id"]: row["booth"] for row in exhibitors()}


def test_groups_are_21_with_31_working_groups() -> None:
    groups = [tomllib.loads(file.read_text("utf-8")) for file in EDITION.glob("groups/*/group.toml")]

    assert len({group["id"] for group in groups}) == 21
    assert len({sub["id"] for group in groups for sub in group.get("subgroup", [])}) == 31


def test_ids_stand_once() -> None:
    twice = [id_ for id_, count in Counter(one["id"] for one in all_features()).items() if count > 1]

    assert twice == []


def test_rings_are_closed_and_counterclockwise() -> None:
    rings = [outer(one) for one in all_features() if one["geometry"]["type"] == "Polygon"]

    assert all(ring[0] == ring[-1] and area(ring) > 0 for ring in rings)


def test_every_booth_lies_in_its_hall_and_in_its_cell_alone() -> None:
    halls = {one["id"]: outer(one) for one in features("hall")}
    cells = of_hall("grid")
    for booth in features("booth"):
        said, ring = booth["properties"], outer(booth)
        center = (sum(x for x, _ in ring[:-1]) / 4, sum(y for _, y in ring[:-1]) / 4)

        assert inside(center, halls[said["hall"]])
        assert all(inside(corner, halls[said["hall"]]) for corner in ring)
        assert [cell["id"] for cell in cells[said["hall"]] if inside(center, outer(cell))] == [said["grid"]]


def test_cells_make_up_their_hall_and_share_their_borders() -> None:
    cells = of_hall("grid")
    for hall in features("hall"):
        rings = [outer(cell) for cell in cells[hall["id"]]]
        sides = Counter(side for ring in rings for side in pairwise(ring))
        border = {side for side in sides if side[::-1] not in sides}

        assert sum(map(area, rings)) == pytest.approx(area(outer(hall)), rel=1e-9)
        assert border == set(pairwise(outer(hall)))


def test_booths_of_a_hall_do_not_overlap() -> None:
    for booths in of_hall("booth").values():
        rings = [outer(booth)[:4] for booth in booths]
        boxes = [
            (min(x for x, _ in r), max(x for x, _ in r), min(y for _, y in r), max(y for _, y in r)) for r in rings
        ]
        order = sorted(range(len(rings)), key=lambda at: boxes[at][0])
        for place, at in enumerate(order):
            for other in order[place + 1 :]:
                if boxes[other][0] > boxes[at][1]:
                    break
                assert _apart(rings[at], rings[other]), (booths[at]["id"], booths[other]["id"])


def _apart(one: list[Point], other: list[Point]) -> bool:
    """Whether a side of either parts two convex rings; touching is apart, to a hundredth of a meter."""
    return any(
        min(_left(p, a, b) for p in ring) >= -1e-11 and max(_left(p, a, b) for p in against) <= 1e-11
        for ring, against in ((one, other), (other, one))
        for a, b in pairwise([*ring, ring[0]])
    )


def _left(p: Point, a: Point, b: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def test_every_size_says_where_it_comes_from() -> None:
    parameters = tomllib.loads((EDITION / "venue" / "parameters.toml").read_text("utf-8"))
    sizes = list(_sizes(parameters))

    assert len(sizes) > 40
    assert all(set(size) == {"value", "tag"} and TAG.fullmatch(size["tag"]) for size in sizes)


def _sizes(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for value in table.values():
        assert isinstance(value, dict)
        if "value" in value:
            yield value
        else:
            yield from _sizes(value)


def test_making_again_gives_the_same_bytes(tmp_path: Path) -> None:
    make(EDITION, tmp_path)

    made = [file.relative_to(tmp_path) for file in sorted(tmp_path.rglob("*")) if file.is_file()]

    assert len(made) > 35
    assert [str(file) for file in made if (tmp_path / file).read_bytes() != (EDITION / file).read_bytes()] == []


def figures() -> list[dict[str, Any]]:
    files = sorted(EDITION.glob("history/*.toml"))
    return [one for file in files for one in tomllib.loads(file.read_text("utf-8"))["figure"]]


def test_published_figures_of_different_scope_stand_side_by_side() -> None:
    def published(key: str) -> set[int]:
        return {one["value"] for one in figures() if one["key"] == key}

    assert published("visas.multi_entry") == {74, 104}
    assert published("visas.stay_permits") == {211, 322}


def test_every_published_figure_says_its_bound_scope_source_and_row() -> None:
    for one in figures():
        assert one["bound"] in {"exact", "over", "nearly", "about", "preliminary"}
        assert one["source"] in {"000", "001", "002", "003", "004"}
        assert one["name"].keys() == {"zh", "en"} and one["scope"]
        assert re.fullmatch(r"[A-P][0-9]{2}", one["row"])
        assert isinstance(one["value"], int) or re.fullmatch(r"-?[0-9]+\.[0-9]+", one["value"])


def test_a_published_figure_stands_once() -> None:
    said = Counter((one["key"], one["scope"], one["source"]) for one in figures())

    assert [key for key, count in said.items() if count > 1] == []

# SPDX-License-Identifier: Apache-2.0
"""Ground: things lie in their halls and near the venue, and are as large as they say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fourleaf.pack import check
from tests.pack.small_pack import Pack, feature, square

FAR = {"type": "Point", "coordinates": [21.3, 31.0]}
# Sizes and thresholds that cannot be; those of the small pack are right.
SIZES = {"area_m2_tag": "assumed", "thresholds_tag": "assumed"}


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "fair-1")


def told(pack: Pack) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.code) for one in check(pack.root, {}).problems]


Plant = Callable[[Pack], object]
PLANTED: list[tuple[str, Plant, tuple[str, int, str]]] = [
    (
        "a booth in another country",
        lambda p: p.feature("booth", 0, geometry=square(21.3)),
        ("venue/booth.geojson", 2, "geojson.far-away"),
    ),
    (
        "a hall in another country",
        lambda p: p.feature("hall", 0, geometry=square(21.3)),
        ("venue/hall.geojson", 2, "geojson.far-away"),
    ),
    (
        "a door in another hall",
        lambda p: p.feature("door", 1, geometry={"type": "Point", "coordinates": [121.003, 31.0]}),
        ("venue/door.geojson", 3, "geojson.outside-hall"),
    ),
    (
        "a hall beside all that is in it",
        lambda p: p.feature("hall", 0, geometry=square(121.003)),
        ("venue/hall.geojson", 2, "geojson.hall-elsewhere"),
    ),
    (
        "a booth of 36 square kilometers",
        lambda p: p.feature("booth", 0, area_m2=36_000_000, **SIZES | {"thresholds_tag": None}),
        ("venue/booth.geojson", 2, "geojson.area"),
    ),
    (
        "a booth of a hand's width",
        lambda p: p.feature("booth", 0, area_m2=0.01, **SIZES | {"thresholds_tag": None}),
        ("venue/booth.geojson", 2, "geojson.area"),
    ),
    (
        "thresholds that nobody reaches",
        lambda p: p.feature("hall", 0, thresholds=[300_000, 400_000]),
        ("venue/hall.geojson", 2, "edition.thresholds-and-area"),
    ),
    (
        "thresholds that two persons reach",
        lambda p: p.feature("hall", 0, thresholds=[1, 2]),
        ("venue/hall.geojson", 2, "edition.thresholds-and-area"),
    ),
    (
        "a threshold of nobody",
        lambda p: p.feature("hall", 0, thresholds=[0, 100]),
        ("venue/hall.geojson", 2, "edition.thresholds"),
    ),
]


@pytest.mark.parametrize(("plant", "place"), [pytest.param(*rest, id=name) for name, *rest in PLANTED])
def test_what_lies_or_measures_wrongly_brings_one_line(pack: Pack, plant: Plant, place: tuple[str, int, str]) -> None:
    plant(pack)

    assert told(pack) == [place]


def test_how_far_a_thing_lies_is_told_in_both_languages(pack: Pack) -> None:
    pack.feature("gate", 0, geometry=FAR)

    (found,) = check(pack.root, {}).problems

    assert found.en == "The gate 'N' lies 9,513 km from the middle of the venue, at most 10 km are likely."
    assert found.zh.startswith("门区“N”离场馆中心 9,513 公里")


def test_a_thing_may_stand_in_the_wall_of_its_hall_and_a_lot_some_way_off(pack: Pack) -> None:
    pack.feature("door", 0, geometry={"type": "Point", "coordinates": [121.00115, 31.0]})
    pack.feature("gate", 0, geometry={"type": "Point", "coordinates": [121.05, 31.05]})

    assert told(pack) == []


def test_without_a_single_shape_nothing_is_measured(pack: Pack) -> None:
    for kind in ("level", "hall", "grid", "booth", "gate", "entrance", "lane", "door"):
        line = feature("x", {"type": "Point", "coordinates": []})
        pack.write(f"venue/{kind}.geojson", str(line))

    assert {code for _, _, code in told(pack)} == {"json.syntax"}

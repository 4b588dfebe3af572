# SPDX-License-Identifier: Apache-2.0
"""Following mistakes: one mistake brings one line, however many things name what it hides; and hides no other mistake."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fourleaf.app.rooms import rooms
from fourleaf.pack import Problem, check
from tests.conftest import CIIE
from tests.pack.small_pack import Pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CIIE, tmp_path / "ciie-7")
    return tmp_path / "ciie-7"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "fair-1")


def told(folder: Path) -> tuple[Problem, ...]:
    return check(folder, rooms().declares, rooms().permissions).problems


def places(problems: tuple[Problem, ...]) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.code) for one in problems]


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), "utf-8")


Spoil = Callable[[Path], object]
SPOILT: list[tuple[str, Spoil, list[tuple[str, int, str]]]] = [
    (
        "a quote that is not closed",
        lambda folder: change(folder / "exhibitors.csv", "合成展商0009,", '"合成展商0009,'),
        [("exhibitors.csv", 10, "csv.syntax")],
    ),
    (
        "a row cut short",
        lambda folder: change(folder / "exhibitors.csv", "X0009,合成展商0009,", "X0009,"),
        [("exhibitors.csv", 10, "csv.row-length")],
    ),
    (
        "a map cut off",
        lambda folder: (folder / "venue/grid.geojson").write_bytes((folder / "venue/grid.geojson").read_bytes()[:-99]),
        [("venue/grid.geojson", 97, "json.syntax")],
    ),
    (
        "a map that is not there",
        lambda folder: (folder / "venue/grid.geojson").unlink(),
        [("venue/grid.geojson", 1, "pack.missing-file")],
    ),
    (
        "a hall's id twice, in the place of another",
        lambda folder: change(folder / "venue/hall.geojson", '"id":"2.2"', '"id":"2.1"'),
        [("venue/hall.geojson", 5, "pack.duplicate-id")],
    ),
    (
        "a booth with the id of a hall",
        lambda folder: change(folder / "venue/booth.geojson", '"id":"1.1-A01"', '"id":"2.2"'),
        [("venue/hall.geojson", 5, "pack.duplicate-id")],
    ),
    (
        "a declaration that cannot be read",
        lambda folder: (folder / "registers/country.toml").write_text("name =", "utf-8"),
        [("registers/country.toml", 1, "toml.syntax")],
    ),
    (
        "a feed that cannot be read",
        lambda folder: (folder / "groups/traffic/feeds/parking.toml").write_text("name =", "utf-8"),
        [("groups/traffic/feeds/parking.toml", 1, "toml.syntax")],
    ),
    (
        "a group that cannot be read",
        lambda folder: (folder / "groups/security/group.toml").write_text("name =", "utf-8"),
        [("groups/security/group.toml", 1, "toml.syntax")],
    ),
]


@pytest.mark.parametrize(("spoil", "wanted"), [pytest.param(*rest, id=name) for name, *rest in SPOILT])
def test_one_mistake_brings_one_line(folder: Path, spoil: Spoil, wanted: list[tuple[str, int, str]]) -> None:
    spoil(folder)

    assert places(told(folder)) == wanted


def test_a_mistake_behind_a_broken_row_is_told(pack: Pack) -> None:
    lines = ['X0003,"丙公司,Company C,CN,synthetic', "X0004,丁公司,Company D,CN,", "X0005,,Company E,CN,synthetic"]
    pack.write("exhibitors.csv", (pack.root / "exhibitors.csv").read_text("utf-8") + "\n".join(lines) + "\n")

    assert places(check(pack.root, {}).problems) == [
        ("exhibitors.csv", 4, "csv.syntax"),
        ("exhibitors.csv", 5, "exhibitor.unsourced"),
        ("exhibitors.csv", 6, "pack.untranslated"),
    ]


def test_another_mistake_of_a_file_hides_nothing_that_names_what_is_not_there(pack: Pack) -> None:
    pack.feature("hall", 0, area_m2_tag=None)
    pack.feature("booth", 0, hall="9.9")

    assert places(check(pack.root, {}).problems) == [
        ("venue/hall.geojson", 2, "pack.no-tag"),
        ("venue/booth.geojson", 2, "pack.unknown-reference"),
    ]


def test_a_number_beyond_all_bounds_is_told_at_its_line_and_the_rest_of_the_file_is_checked(pack: Pack) -> None:
    figure = '[[figure]]\nkey = "a"\nvalue = 1e400\nunit = "lions"\nsource = "001"\n'
    pack.write("history/fair-00.toml", figure + figure.replace("1e400", str(2**60)).replace('"a"', '"b"'))

    assert places(check(pack.root, {}).problems) == [
        ("history/fair-00.toml", 3, "pack.unfit-value"),
        ("history/fair-00.toml", 4, "history.unknown-unit"),
        ("history/fair-00.toml", 8, "pack.unfit-value"),
    ]


def test_a_table_that_says_nowhere_what_is_real_brings_one_line(pack: Pack) -> None:
    pack.write("exhibitors.csv", "id,name_zh,name_en\nX0001,甲公司,Company A\nX0002,乙公司,Company B\n")

    assert places(check(pack.root, {}).problems) == [("exhibitors.csv", 2, "exhibitor.unsourced")]

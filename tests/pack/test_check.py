# SPDX-License-Identifier: Apache-2.0
"""Check: a right pack becomes an edition; every planted mistake is told with its place."""

import os
import re
import shutil
import time
from collections.abc import Callable
from datetime import date
from datetime import time as hour
from pathlib import Path
from string import Formatter
from typing import Any

import msgspec
import pytest

from fourleaf.app.rooms import rooms
from fourleaf.pack import Problem, check
from fourleaf.pack.problems import CODES
from tests.conftest import CIIE
from tests.pack.small_pack import HISTORY, Pack, point, square


class Ladder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an engine might take."""

    minutes: int


DECLARES: dict[str, type] = {"case": Ladder}


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "fair-1")


def places(problems: tuple[Problem, ...]) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.code) for one in problems]


def ring(*corners: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(corners)]}


def test_a_right_pack_becomes_an_edition(pack: Pack) -> None:
    checked = check(pack.root, DECLARES)

    assert checked.problems == ()
    assert checked.edition is not None
    assert (checked.edition.id, checked.edition.zone) == ("fair-1", "Asia/Shanghai")
    assert [(day.date, day.opens_at, day.closes_at) for day in checked.edition.days] == [
        (date(2024, 11, 5), hour(8, 30), hour(16, 30)),
        (date(2024, 11, 6), hour(8, 30), hour(16, 30)),
    ]


def test_values_hold_what_the_engines_follow_and_no_floats(pack: Pack) -> None:
    edition = check(pack.root, DECLARES).edition
    assert edition is not None
    values = {(one.kind, one.key): one.value for one in edition.values}

    assert values["lane", "N1-1"] | {"name": 0} == {"gate": "N", "entrance": "N1", "lane_class": "staffed", "name": 0}
    assert values["hall", "8.1"]["thresholds"] == [80, 100]
    assert values["hall", "8.1"]["area_m2"] == "30000.5"
    assert values["door", "8.1-D1"]["hall"] == "8.1"
    assert values["venue", "venue"] == {"hash": edition.venue.hash}
    assert values["day", "2024-11-06"]["opens_at"] == "08:30"
    assert values["exhibitor", "X0002"] == {
        "name": {"zh": "乙公司", "en": "Company B, Ltd"},
        "country": "DE",
        "source": "synthetic",
    }
    assert values["history", "fair-0"]["figure"][0]["value"] == "1.5"
    assert values["subgroup", "site/gates"]["group"] == "site"
    assert not re.search(r"[:\[,]-?\d+\.\d", msgspec.json.encode(list(values.values())).decode())


def test_the_venue_keeps_its_hash_whatever_the_order_of_lines(pack: Pack) -> None:
    before = check(pack.root, {}).edition
    file = pack.root / "venue/gate.geojson"
    head, first, second, tail = file.read_text("utf-8").rstrip().split("\n")
    pack.write("venue/gate.geojson", "\n".join([head, second + ",", first.rstrip(","), tail]) + "\n")

    after = check(pack.root, {}).edition

    assert before and after
    assert before.venue.to_json() == after.venue.to_json()
    body = msgspec.json.decode(after.venue.to_json())
    assert [level["id"] for level in body["levels"]] == ["L1", "L2"]
    assert after.venue.feature("8.1")["level"] == "L1"


Plant = Callable[[Pack], object]
CROSSED = ring([0, 0], [1, 1], [1, 0], [0, 1], [0, 0])
CLOCKWISE = ring([0, 0], [0, 1], [1, 1], [1, 0], [0, 0])
UNCLOSED = ring([0, 0], [1, 0], [1, 1], [0, 1])
SHORT = ring([0, 0], [1, 0], [0, 0])
ASTRAY = ring([0, 0], [181, 0], [1, 1], [0, 0])

# A role and an account with every mistake of people, one a line.
ROLES = """\
[[role]]
id = "chief"
name = { zh = "组长", en = "Chief" }
may = []
labels = [
  "Office",
  "group:{group}",
  "group:nobody",
]
"""
DEMO = """\
[[account]]
login = "Demo"
synthetic = false
posts = [
  "chief@site",
  "boss",
]
"""


# What is planted, and where it must be told. No two of `TOGETHER` touch the same line.
def _people(pack: Pack) -> None:
    pack.write("people/roles.toml", ROLES)
    pack.write("people/demo.toml", DEMO)


TOGETHER: list[tuple[Plant, tuple[str, int, str]]] = [
    (lambda p: p.swap("edition.toml", "Asia/Shanghai", "Asia/Shanghi"), ("edition.toml", 3, "edition.unknown-zone")),
    (lambda p: p.swap("edition.toml", "2024-11-05", "2024-11-35"), ("edition.toml", 6, "pack.wrong-type")),
    (lambda p: p.swap("edition.toml", '"First day"', '""'), ("edition.toml", 7, "pack.untranslated")),
    (lambda p: p.swap("edition.toml", '"16:30"', '"06:30"'), ("edition.toml", 11, "edition.hours")),
    (lambda p: p.swap("edition.toml", "closes_at", "close_at", 2), ("edition.toml", 19, "pack.unknown-key")),
    (
        lambda p: p.swap("groups/site/group.toml", "name = {", "duty = {"),
        ("groups/site/group.toml", 1, "pack.missing-key"),
    ),
    (lambda p: p.swap("exhibitors.csv", ",DE", ""), ("exhibitors.csv", 3, "csv.row-length")),
    (lambda p: p.swap("words/en.toml", 'title = "Wall"', ""), ("words/zh.toml", 3, "pack.untranslated")),
    (lambda p: p.swap("history/fair-0.toml", "1.5", '"1.5 million"'), ("history/fair-0.toml", 3, "pack.wrong-type")),
    (lambda p: p.feature("hall", 0, area_m2_tag=None), ("venue/hall.geojson", 2, "pack.no-tag")),
    (lambda p: p.feature("hall", 1, thresholds=[100, 80]), ("venue/hall.geojson", 3, "edition.thresholds")),
    (lambda p: p.feature("grid", 0, geometry=CROSSED), ("venue/grid.geojson", 2, "geojson.crossing-ring")),
    (lambda p: p.feature("grid", 1, hall="8.l"), ("venue/grid.geojson", 3, "pack.unknown-reference")),
    (lambda p: p.feature("booth", 0, exhibitor="X9999"), ("venue/booth.geojson", 2, "pack.unknown-reference")),
    (lambda p: p.feature("booth", 1, geometry=CLOCKWISE), ("venue/booth.geojson", 3, "geojson.winding")),
    (lambda p: p.feature("gate", 0, geometry=square()), ("venue/gate.geojson", 2, "geojson.geometry")),
    (lambda p: p.feature("lane", 0, gate="S"), ("venue/lane.geojson", 2, "pack.mismatch")),
    (lambda p: p.feature("lane", 1, id="N1-1"), ("venue/lane.geojson", 3, "pack.duplicate-id")),
    (lambda p: p.feature("door", 0, hall="9.9"), ("venue/door.geojson", 2, "pack.unknown-reference")),
    (lambda p: p.feature("level", 1, geometry=UNCLOSED), ("venue/level.geojson", 3, "geojson.unclosed-ring")),
    (
        lambda p: p.write("groups/site/cases/x.toml", "minutes = 'a'"),
        ("groups/site/cases/x.toml", 1, "pack.declaration"),
    ),
    (lambda p: p.write("groups/site/kases/x.toml", "a = 1"), ("groups/site/kases/x.toml", 1, "pack.not-declarable")),
    (lambda p: p.write("words/fr.toml", "a = 'b'"), ("words/fr.toml", 1, "pack.unknown-file")),
    (lambda p: p.write("venue/hal.geojson", "{}"), ("venue/hal.geojson", 1, "pack.unknown-file")),
    (
        lambda p: p.write("venue/parameters.toml", "[a]\nb = { value = 1, tag = 'guess' }"),
        ("venue/parameters.toml", 2, "pack.bad-tag"),
    ),
    (lambda p: p.write("picture.png", b"\x89"), ("picture.png", 1, "pack.unknown-file")),
    (lambda p: p.write("history/empty.toml", ""), ("history/empty.toml", 1, "pack.empty-file")),
    (lambda p: p.write("history/bytes.toml", b"a = 1\nb = '\xff'"), ("history/bytes.toml", 2, "pack.not-utf8")),
    (lambda p: p.write("history/twice.toml", "a = 1\n\na = 2\n"), ("history/twice.toml", 3, "toml.syntax")),
    (lambda p: p.write("history/deep.toml", "a = " + "[" * 9000), ("history/deep.toml", 1, "pack.too-deep")),
    (
        lambda p: p.write("history/keys.toml", "a = 1\n" + ".".join("a" * 90_000) + " = 1"),
        ("history/keys.toml", 2, "pack.too-deep"),
    ),
    (lambda p: (p.root / "history/out.toml").symlink_to("/etc/hostname"), ("history/out.toml", 1, "pack.link-outside")),
    (lambda p: (p.root / "history/loop.toml").symlink_to("loop.toml"), ("history/loop.toml", 1, "pack.unreadable")),
    (lambda p: os.mkfifo(p.root / "history/pipe.toml"), ("history/pipe.toml", 1, "pack.not-a-file")),
    (lambda p: p.write("people/roles.toml", ROLES), ("people/roles.toml", 6, "people.bad-label")),
    (lambda p: p.write("people/roles.toml", ROLES), ("people/roles.toml", 7, "people.no-group")),
    (lambda p: p.write("people/roles.toml", ROLES), ("people/roles.toml", 8, "pack.unknown-reference")),
    (lambda p: p.write("people/demo.toml", DEMO), ("people/demo.toml", 2, "people.bad-login")),
    (lambda p: p.write("people/demo.toml", DEMO), ("people/demo.toml", 3, "people.not-synthetic")),
    (
        _people,
        ("people/demo.toml", 5, "people.post-and-group"),
    ),
    (lambda p: p.write("people/demo.toml", DEMO), ("people/demo.toml", 6, "pack.unknown-reference")),
]
ALONE: list[tuple[Plant, tuple[str, int, str]]] = [
    (
        lambda p: p.swap("edition.toml", 'zone = "Asia/Shanghai"', 'zone = "Asia/Shanghai"\ncalling_code = "+86"'),
        ("edition.toml", 4, "edition.bad-calling-code"),
    ),
    (lambda p: (p.root / "edition.toml").unlink(), ("edition.toml", 1, "pack.no-edition")),
    (lambda p: (p.root / "venue/lane.geojson").unlink(), ("venue/lane.geojson", 1, "pack.missing-file")),
    (lambda p: p.swap("edition.toml", "2024-11-06", "2024-11-05"), ("edition.toml", 14, "edition.duplicate-day")),
    (lambda p: p.swap("edition.toml", 'opens_at = "08:30"\n', ""), ("edition.toml", 6, "edition.half-hours")),
    (
        lambda p: p.write("edition.toml", "id = 'a b'\nname = {zh='a',en='b'}\nzone = 'UTC'"),
        ("edition.toml", 1, "edition.no-days"),
    ),
    (lambda p: p.swap("edition.toml", "fair-1", "fair 1"), ("edition.toml", 1, "pack.bad-id")),
    (lambda p: p.write("edition.toml", "id = \n"), ("edition.toml", 1, "toml.syntax")),
    (
        lambda p: p.swap(
            "edition.toml", "zone", "phase = [{id='a',name={zh='甲',en='A'},from='2024-01-02',to='2024-01-01'}]\nzone"
        ),
        ("edition.toml", 3, "edition.phase-order"),
    ),
    (lambda p: p.swap("exhibitors.csv", "name_en", "nam_en"), ("exhibitors.csv", 1, "csv.columns")),
    (lambda p: p.swap("exhibitors.csv", 'Ltd"', "Ltd"), ("exhibitors.csv", 3, "csv.syntax")),
    (lambda p: p.swap("exhibitors.csv", "X0002", "X0001"), ("exhibitors.csv", 3, "pack.duplicate-id")),
    (lambda p: p.feature("hall", 0, geometry=SHORT), ("venue/hall.geojson", 2, "geojson.too-few-points")),
    (lambda p: p.feature("hall", 1, geometry=ASTRAY), ("venue/hall.geojson", 3, "geojson.position")),
    (lambda p: p.feature("hall", 1, thresholds="80 to 100"), ("venue/hall.geojson", 3, "pack.wrong-type")),
    (lambda p: p.feature("hall", 1, area_ft2=300), ("venue/hall.geojson", 3, "pack.unknown-key")),
    (lambda p: p.feature("hall", 1, leaf="a\0b"), ("venue/hall.geojson", 3, "pack.unfit-value")),
    (lambda p: p.swap("venue/hall.geojson", '"NE"', '"\\ud800"', 2), ("venue/hall.geojson", 3, "pack.unfit-value")),
    (lambda p: p.swap("venue/gate.geojson", "121.0", "NaN", 2), ("venue/gate.geojson", 3, "pack.unfit-value")),
    (lambda p: p.swap("venue/gate.geojson", "121.0", "1e999"), ("venue/gate.geojson", 2, "pack.unfit-value")),
    (lambda p: p.swap("venue/gate.geojson", "121.0", "9" * 9000), ("venue/gate.geojson", 2, "pack.unfit-value")),
    (lambda p: p.swap("venue/gate.geojson", "121.0", "true"), ("venue/gate.geojson", 2, "geojson.position")),
    (
        lambda p: p.swap("venue/gate.geojson", '"level"', '"level": 1, "level"'),
        ("venue/gate.geojson", 2, "json.duplicate-key"),
    ),
    (lambda p: p.swap_line("venue/gate.geojson", 2, "[" * 99_999), ("venue/gate.geojson", 2, "pack.too-deep")),
    (lambda p: p.swap_line("venue/gate.geojson", 2, "7,"), ("venue/gate.geojson", 2, "geojson.not-a-feature")),
    (lambda p: p.swap("venue/gate.geojson", "}},\n", "}}\n"), ("venue/gate.geojson", 2, "json.syntax")),
    (lambda p: p.write("venue/gate.geojson", '{"type":\n\n ?}'), ("venue/gate.geojson", 3, "json.syntax")),
    (lambda p: p.write("venue/gate.geojson", "{\n}"), ("venue/gate.geojson", 1, "geojson.not-a-collection")),
    (
        lambda p: p.write("venue/gate.geojson", '{"type": "FeatureCollection", "features": []}'),
        ("venue/gate.geojson", 1, "geojson.no-features"),
    ),
    (
        lambda p: p.swap("edition.toml", "zone =", 'previous = ["fair-0", "fair-1"]\nzone ='),
        ("edition.toml", 3, "edition.own-previous"),
    ),
    (lambda p: p.write("history/twice.toml", HISTORY), ("history/twice.toml", 2, "history.figure-twice")),
    (lambda p: p.feature("booth", 0, build="raw-space"), ("venue/booth.geojson", 2, "pack.not-one-of")),
    (lambda p: p.feature("booth", 0, id="1.1"), ("venue/hall.geojson", 2, "pack.duplicate-id")),
    (
        lambda p: p.swap("history/fair-0.toml", "person-time", "persontime"),
        ("history/fair-0.toml", 4, "history.unknown-unit"),
    ),
    (lambda p: p.swap("history/fair-0.toml", "1.5", "-21"), ("history/fair-0.toml", 3, "history.below-zero")),
    (lambda p: p.swap("history/fair-0.toml", "1.5", "1e400"), ("history/fair-0.toml", 3, "pack.unfit-value")),
    (lambda p: p.swap("exhibitors.csv", "synthetic", ""), ("exhibitors.csv", 3, "exhibitor.unsourced")),
    (lambda p: p.feature("hall", 1, thresholds=[0, 1]), ("venue/hall.geojson", 3, "edition.thresholds")),
    (lambda p: p.feature("hall", 1, thresholds=[1, 2]), ("venue/hall.geojson", 3, "edition.thresholds-and-area")),
    (lambda p: p.feature("hall", 1, area_m2=36_000_000), ("venue/hall.geojson", 3, "geojson.area")),
    (lambda p: p.feature("hall", 1, geometry=square(121.002)), ("venue/hall.geojson", 3, "geojson.hall-elsewhere")),
    (lambda p: p.feature("booth", 1, geometry=square(121.002)), ("venue/booth.geojson", 3, "geojson.outside-hall")),
    (lambda p: p.feature("booth", 1, geometry=square(21.3)), ("venue/booth.geojson", 3, "geojson.far-away")),
    (lambda p: os.truncate(p.root / "exhibitors.csv", 1 << 30), ("exhibitors.csv", 1, "pack.too-large")),
]


@pytest.mark.parametrize(
    ("plant", "place"), [*TOGETHER, *ALONE], ids=lambda one: one[2] if isinstance(one, tuple) else ""
)
def test_a_planted_mistake_is_told_with_its_place(pack: Pack, plant: Plant, place: tuple[str, int, str]) -> None:
    plant(pack)

    checked = check(pack.root, DECLARES)

    assert place in places(checked.problems)
    assert checked.edition is None


def test_all_mistakes_are_told_at_once(pack: Pack) -> None:
    for plant, _ in TOGETHER:
        plant(pack)

    found = places(check(pack.root, DECLARES).problems)

    assert [place for _, place in TOGETHER if place not in found] == []


def test_a_duplicate_names_both_places(pack: Pack) -> None:
    pack.feature("lane", 1, id="N1-1")

    told = check(pack.root, DECLARES).problems

    assert [one.en for one in told] == ["The id 'N1-1' stands twice, first at venue/lane.geojson:2."]


def test_a_slip_of_the_pen_gets_a_guess(pack: Pack) -> None:
    pack.swap("edition.toml", "zone =", "zoen =")

    told = {one.code: one for one in check(pack.root, DECLARES).problems}

    assert told["pack.unknown-key"].mend_en.startswith("Did you mean 'zone'?")
    assert told["pack.unknown-key"].mend_zh.startswith("是否想写“zone”？")


def test_a_role_may_be_allowed_only_what_the_code_names(pack: Pack) -> None:
    pack.write("people/roles.toml", ROLES.replace("may = []", 'may = ["world.chnage"]'))

    told = {one.code: one for one in check(pack.root, {}, {"world.change"}).problems}

    assert told["pack.not-one-of"].line == 4
    assert told["pack.not-one-of"].mend_en.startswith("Did you mean 'world.change'?")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    assert places(check(tmp_path / "none", {}).problems) == [("none", 1, "pack.no-folder")]


def test_a_folder_that_is_no_pack_is_told_as_such_and_nothing_of_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print()")

    told = check(tmp_path, DECLARES).problems

    assert places(told) == [("edition.toml", 1, "pack.no-edition")]
    assert told[0].en.endswith(": this is no edition pack.")


def test_very_many_mistakes_end_with_a_count(pack: Pack) -> None:
    pack.write("exhibitors.csv", "id,name_zh,name_en\n" + "x\n" * 100_000)

    told = check(pack.root, DECLARES).problems

    assert "99500" in next(one.en for one in told if one.code == "pack.more")


@pytest.mark.parametrize(
    ("broken", "code"),
    [(b"{", "json.syntax"), (b'{"type": "FeatureCollection", "features": []}', "geojson.no-features")],
)
def test_a_broken_file_is_told_and_not_all_that_names_what_stood_in_it(
    tmp_path: Path, broken: bytes, code: str
) -> None:
    folder = tmp_path / "ciie-7"
    shutil.copytree(CIIE, folder)
    (folder / "venue/hall.geojson").write_bytes(broken)

    found = check(folder, rooms().declares, rooms().permissions).problems

    assert {(one.file, one.code) for one in found} == {("venue/hall.geojson", code)}


def test_shapes_made_to_keep_the_check_busy_do_not(pack: Pack) -> None:
    zigzag: list[list[float]] = [[k % 2 * 10.0, k / 1e4] for k in range(200_000)]
    pack.feature("hall", 0, geometry=ring(*zigzag, [-1, 20.5], [-1, 0], zigzag[0]))
    start = time.process_time()

    told = places(check(pack.root, DECLARES).problems)

    assert ("venue/hall.geojson", 2, "geojson.too-complicated") in told
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "text", [b"\x00", b"[", b"{", b'"', b"'''", b"a.b = {c = [", b"\xef\xbb\xbf", b"]}", b"\r\r", b"[[day]]\n[day]"]
)
@pytest.mark.parametrize("file", ["edition.toml", "exhibitors.csv", "venue/hall.geojson", "groups/site/group.toml"])
def test_rubbish_is_told_and_never_raises(pack: Pack, file: str, text: bytes) -> None:
    pack.write(file, text)

    assert any(one.file == file for one in check(pack.root, DECLARES).problems)


@pytest.mark.parametrize("code", CODES)
def test_every_code_speaks_both_languages(code: str) -> None:
    words = CODES[code]

    assert all((words.zh, words.en, words.mend_zh, words.mend_en))
    assert words.zh != words.en
    assert words.mend_zh != words.mend_en
    only_zh, only_en = {"language_zh", "wanted_zh", "why_zh"}, {"language_en", "wanted_en", "why_en"}
    assert blanks(words.zh) - only_zh == blanks(words.en) - only_en


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_code_but_rare_ones_is_planted_here() -> None:
    planted = {place[2] for _, place in [*TOGETHER, *ALONE]}

    assert set(CODES) - planted == {"pack.no-folder", "pack.more", "pack.too-many-files", "geojson.too-complicated"}


def test_a_point_is_a_point(pack: Pack) -> None:
    pack.feature("gate", 0, geometry=point() | {"coordinates": [[121.0, 31.0]]})

    assert places(check(pack.root, DECLARES).problems) == [("venue/gate.geojson", 2, "geojson.position")]

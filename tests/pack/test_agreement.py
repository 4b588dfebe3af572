# SPDX-License-Identifier: Apache-2.0
"""Agreement: whatever a pack names is in the pack, and its parts do not contradict each other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fourleaf.engines.world.declares import DECLARES
from fourleaf.pack import Problem, check
from tests.pack.small_pack import HISTORY, Pack

EXHIBITORS = """\
id,name_zh,name_en,country,zone,booth,first_edition,source,area_m2
X0001,甲公司,Company A,CN,food,1.1-A01,1,source:001,36
X0002,乙公司,Company B,DE,food,8.1-A01,2,synthetic,36.5
"""
REGISTER = """\
name = { zh = "国家", en = "Countries" }
see = ["office"]
write = ["office"]
[[field]]
key = "name_zh"
name = { zh = "名称", en = "Name" }
type = "text"
label = true
"""
FIGURE = 'source = "001"\n'
FIRST, SECOND = ("exhibitors.csv", 2), ("exhibitors.csv", 3)


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    made = Pack(tmp_path / "fair-1")
    made.write("exhibitors.csv", EXHIBITORS)
    made.swap("edition.toml", "zone =", 'ordinal = 2\nprevious = ["fair-0", "fair-00"]\nzone =')
    made.write("registers/country.toml", REGISTER)
    made.write("registers/country.csv", "id,name_zh\nCN,中国\nDE,德国\n")
    return made


def found(pack: Pack) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.code) for one in told(pack)]


def told(pack: Pack) -> tuple[Problem, ...]:
    return check(pack.root, DECLARES).problems


def test_a_pack_that_agrees_is_right(pack: Pack) -> None:
    pack.swap("history/fair-0.toml", FIGURE, f'{FIGURE}edition = "fair-0..1"\nbound = "nearly"\n')

    assert told(pack) == ()


Plant = Callable[[Pack], object]
PLANTED: list[tuple[str, Plant, tuple[str, int], str]] = [
    ("booth", lambda p: p.swap("exhibitors.csv", "1.1-A01", "9.9-Z01"), FIRST, "pack.unknown-reference"),
    ("booth of another", lambda p: p.swap("exhibitors.csv", "8.1-A01", "1.1-A01"), SECOND, "pack.mismatch"),
    ("country", lambda p: p.swap("exhibitors.csv", ",DE,", ",XX,"), SECOND, "pack.unknown-reference"),
    ("zone", lambda p: p.swap("exhibitors.csv", "food", "nozone"), FIRST, "pack.unknown-reference"),
    ("edition to come", lambda p: p.swap("exhibitors.csv", "A01,2", "A01,99"), SECOND, "pack.wrong-type"),
    ("edition zero", lambda p: p.swap("exhibitors.csv", "A01,2", "A01,0"), SECOND, "pack.wrong-type"),
    ("edition in words", lambda p: p.swap("exhibitors.csv", "A01,2", "A01,2nd"), SECOND, "pack.wrong-type"),
    ("area", lambda p: p.swap("exhibitors.csv", "36.5", "-36.5"), SECOND, "pack.wrong-type"),
    ("source of an exhibitor", lambda p: p.swap("exhibitors.csv", "e:001", "e:9"), FIRST, "pack.unknown-reference"),
    (
        "bound",
        lambda p: p.swap("history/fair-0.toml", FIGURE, f'{FIGURE}bound = "roughly"'),
        ("history/fair-0.toml", 6),
        "pack.not-one-of",
    ),
    (
        "source of a figure",
        lambda p: p.swap("history/fair-0.toml", "001", "999"),
        ("history/fair-0.toml", 5),
        "pack.unknown-reference",
    ),
    (
        "edition of a figure",
        lambda p: p.swap("history/fair-0.toml", FIGURE, f'{FIGURE}edition = "fair-77"'),
        ("history/fair-0.toml", 6),
        "pack.unknown-reference",
    ),
    (
        "span of editions",
        lambda p: p.swap("history/fair-0.toml", FIGURE, f'{FIGURE}edition = "fair-0..2"'),
        ("history/fair-0.toml", 6),
        "pack.unknown-reference",
    ),
    (
        "a figure twice",
        lambda p: p.write("history/fair-0.toml", f"{HISTORY}\n{HISTORY}"),
        ("history/fair-0.toml", 8),
        "history.figure-twice",
    ),
    (
        "source of a size",
        lambda p: p.feature("hall", 0, area_m2_tag="source:nosuch"),
        ("venue/hall.geojson", 2),
        "pack.unknown-reference",
    ),
    (
        "source of a parameter",
        lambda p: p.write("venue/parameters.toml", "[a]\nb = { value = 1, tag = 'carried-over:nosuch' }"),
        ("venue/parameters.toml", 2),
        "pack.unknown-reference",
    ),
    (
        "source of a day",
        lambda p: p.swap("edition.toml", 'kind = "show"', 'kind = "show"\nsource = "source:001..002"'),
        ("edition.toml", 11),
        "pack.unknown-reference",
    ),
    (
        "level of a booth",
        lambda p: p.feature("booth", 0, level="L2"),
        ("venue/booth.geojson", 2),
        "pack.mismatch",
    ),
    (
        "level of a hall",
        lambda p: p.feature("hall", 0, level="L9"),
        ("venue/hall.geojson", 2),
        "pack.unknown-reference",
    ),
    (
        "gate of a lane",
        lambda p: p.feature("lane", 0, gate="Q"),
        ("venue/lane.geojson", 2),
        "pack.unknown-reference",
    ),
    (
        "this very edition before it",
        lambda p: p.swap("edition.toml", '"fair-0",', '"fair-1",'),
        ("edition.toml", 4),
        "edition.own-previous",
    ),
    (
        "an earlier edition twice",
        lambda p: p.swap("edition.toml", '"fair-00"', '"fair-0"'),
        ("edition.toml", 4),
        "pack.duplicate-id",
    ),
    (
        "a source twice",
        lambda p: p.swap(
            "edition.toml", "[[source]]", '[[source]]\nid = "001"\nname = { zh = "甲", en = "A" }\n[[source]]'
        ),
        ("edition.toml", 27),
        "pack.duplicate-id",
    ),
]


@pytest.mark.parametrize(("plant", "at", "code"), [pytest.param(*rest, id=name) for name, *rest in PLANTED])
def test_one_mistake_brings_one_line(pack: Pack, plant: Plant, at: tuple[str, int], code: str) -> None:
    plant(pack)

    assert found(pack) == [(*at, code)]


@pytest.mark.parametrize("odd", [[], {}, 7, ["L1"], {"a": []}])
@pytest.mark.parametrize("kind", ["level", "hall", "booth", "lane"])
def test_a_property_of_any_type_never_raises(pack: Pack, kind: str, odd: object) -> None:
    keys = ("level", "hall", "grid", "gate", "entrance", "exhibitor", "zone")
    pack.feature(kind, 0, **dict.fromkeys(keys, odd))
    pack.swap_line(f"venue/{kind}.geojson", 3, '{"type": "Feature", "id": {}, "properties": [[]], "geometry": null}')

    assert told(pack)


def test_without_registers_zones_are_those_of_the_halls_and_countries_two_letters(pack: Pack) -> None:
    (pack.root / "registers/country.csv").unlink()
    (pack.root / "registers/country.toml").unlink()
    pack.swap("exhibitors.csv", ",CN,food", ",China,foot")

    assert [(one.line, one.code) for one in told(pack)] == [(2, "pack.wrong-type"), (2, "pack.unknown-reference")]
    assert told(pack)[1].mend_en.startswith("Did you mean 'food'?")


def test_an_edition_file_that_cannot_be_read_brings_no_line_about_what_it_would_list(pack: Pack) -> None:
    pack.write("edition.toml", "id = \n")

    assert found(pack) == [("edition.toml", 1, "toml.syntax")]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("text", "code"), [(b"a = '\xff'", "pack.not-utf8"), (b"a =", "toml.syntax"), (b"", "pack.empty-file")]
)
def test_words_that_cannot_be_read_bring_one_line(pack: Pack, language: str, text: bytes, code: str) -> None:
    pack.write(f"words/{language}.toml", text)

    assert found(pack) == [(f"words/{language}.toml", 1, code)]


def test_words_of_one_language_only_bring_one_line(pack: Pack) -> None:
    (pack.root / "words/en.toml").unlink()

    assert found(pack) == [("words/en.toml", 1, "pack.missing-file")]

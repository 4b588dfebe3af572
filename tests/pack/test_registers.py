# SPDX-License-Identifier: Apache-2.0
"""Registers in a pack: one TOML file each, first things in a CSV beside it; every mistake is told with its line."""

import json
import tomllib
from pathlib import Path
from string import Formatter
from typing import Any

import jsonschema
import pytest

from fourleaf.app.schemas import schema
from fourleaf.engines.world.declares import DECLARES
from fourleaf.pack import Problem, check
from fourleaf.pack.kinds import DECLARED
from fourleaf.pack.names import KINDS
from fourleaf.pack.register_sentences import CODES
from tests.docs.source import ROOT
from tests.pack.small_pack import Pack

LIFT = """\
name = { zh = "电梯", en = "Lifts" }
see = ["office", "group:site"]
[layer]
from_zoom = 16.5
[[field]]
key = "name_zh"
name = { zh = "名称", en = "Name" }
type = "text"
label = true
required = true
[[field]]
key = "serial"
name = { zh = "出厂编号", en = "Serial" }
type = "text"
unique = true
[[field]]
key = "load"
name = { zh = "载重", en = "Load" }
type = "decimal"
unit = "kg"
min = 0.5
max = 5000
[[field]]
key = "kind"
name = { zh = "类别", en = "Kind" }
type = "choice"
choices = [{ key = "lift", name = { zh = "直梯", en = "Lift" } }, { key = "esc", name = { zh = "扶梯", en = "Escalator" } }]
[[field]]
key = "hall"
name = { zh = "展馆", en = "Hall" }
type = "reference"
of = "hall"
[[field]]
key = "place"
name = { zh = "位置", en = "Place" }
type = "place"
[[field]]
key = "people"
name = { zh = "限乘", en = "Persons" }
type = "integer"
[[field]]
key = "works"
name = { zh = "可用", en = "Works" }
type = "boolean"
[[field]]
key = "since"
name = { zh = "启用", en = "Since" }
type = "date"
[[field]]
key = "seen"
name = { zh = "检查", en = "Seen" }
type = "moment"
[[field]]
key = "tags"
name = { zh = "标签", en = "Tags" }
type = "texts"
most = 2
"""
FILE = "groups/site/registers/lift.toml"
TABLE = "groups/site/registers/lift.csv"
THINGS = """\
id,name_zh,serial,load,kind,hall,place,people,works,since,seen,tags
L1,一号梯,S-1,"１，０００.50",直梯,1.1,L1 121.2998 31.1926,13,是,2018年3月1日,2024-11-04 09:30,a;b
L2,二号梯,,2,Escalator,,8.1,,no,,,
"""


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    made = Pack(tmp_path)
    made.write(FILE, LIFT)
    made.write(TABLE, THINGS)
    return made


def told(pack: Pack) -> list[Problem]:
    return list(check(pack.root, DECLARES).problems)


def test_a_register_and_its_first_things_are_read_as_they_are_declared(pack: Pack) -> None:
    edition = check(pack.root, DECLARES).edition

    assert edition is not None
    (contents,) = edition.contents
    assert contents.of == "lift"
    assert contents.things == {
        "L1": {
            "name_zh": "一号梯",
            "serial": "S-1",
            "load": "1000.5",
            "kind": "lift",
            "hall": "1.1",
            "place": {"level": "L1", "lon": "121.2998", "lat": "31.1926"},
            "people": 13,
            "works": True,
            "since": "2018-03-01",
            "seen": "2024-11-04T01:30:00Z",
            "tags": ["a", "b"],
        },
        "L2": {"name_zh": "二号梯", "load": "2", "kind": "esc", "place": {"at": "8.1"}, "works": False},
    }
    declared = {one.key: one.value for one in edition.values if one.kind == "register"}
    assert declared["lift"]["group"] == "site"


SIGN = """\
name = { zh = "标识", en = "Signs" }
[[field]]
key = "name"
name = { zh = "名称", en = "Name" }
type = "text"
label = true
[[field]]
key = "about"
name = { zh = "说明", en = "About" }
"""


def test_a_register_of_no_group_stands_beside_the_groups(pack: Pack) -> None:
    pack.write("registers/sign.toml", LIFT)

    edition = check(pack.root, DECLARES).edition

    assert edition is not None
    assert {one.key: one.value["group"] for one in edition.values if one.kind == "register"} == {
        "lift": "site",
        "sign": "",
    }


DECLARATION: list[tuple[str, str, str, int]] = [
    ('see = ["office", "group:site"]', "personal = true", "register.personal", 2),
    ('see = ["office", "group:site"]', "see = []", "register.nobody", 2),
    ('see = ["office", "group:site"]', 'see = ["everybody"]', "register.bad-label", 2),
    ("label = true", "", "register.no-label", 5),
    ('key = "name_zh"', 'key = "Name"', "register.bad-field-key", 6),
    ('key = "name_zh"', 'key = "page"', "register.bad-field-key", 6),
    ('key = "serial"', 'key = "name_zh"', "register.field-twice", 12),
    ('type = "place"', 'type = "text"', "register.no-place", 3),
    ('key = "esc"', 'key = "lift"', "register.choice-twice", 27),
    ('type = "boolean"', 'type = "choice"', "register.choices", 41),
    ('of = "hall"', "", "register.of", 28),
    ('of = "hall"', 'of = "hal"', "register.unknown-of", 32),
    ("min = 0.5", "min = 9000", "register.limits-turned", 22),
    ('type = "integer"', 'type = "integer"\nmost = 3', "register.limits", 41),
    ('type = "integer"', 'type = "integer"\nlabel = true', "register.label-not-text", 41),
    ('type = "boolean"', 'type = "boolean"\nunique = true', "register.cannot-be-unique", 45),
    ('type = "boolean"', 'type = "boolean"\nunit = "kg"', "register.of-numbers", 45),
    ('type = "boolean"', 'type = "boolean"\nplain = true', "register.of-numbers", 45),
    ('type = "integer"', 'type = "integer"\nplain = { built = ["year"] }', "register.of-numbers", 41),
    ('type = "moment"', 'type = "monent"', "pack.declaration", 52),
    ('name = { zh = "限乘", en = "Persons" }', 'name = { zh = "限乘" }', "pack.declaration", 39),
]


@pytest.mark.parametrize(("old", "new", "code", "line"), DECLARATION)
def test_a_wrong_declaration_is_told_with_its_line(pack: Pack, old: str, new: str, code: str, line: int) -> None:
    (pack.root / TABLE).unlink()
    pack.swap(FILE, old, new)

    assert [(one.file, one.line, one.code) for one in told(pack)] == [(FILE, line, code)]


def act(**said: str) -> str:
    """An act at the end of a declaration, with some of its lines otherwise."""
    lines = {"key": '"lend"', "name": '{ zh = "借出", en = "Lend" }', "add": '["people"]'} | said
    return "[[act]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items() if value)


ACTS: list[tuple[str, str]] = [
    (act(add='["load"]'), "register.act-field"),
    (act(within='"persons"'), "register.act-field"),
    (act(take='["people"]'), "register.act-turned"),
    (act(within='"people"'), "register.act-turned"),
    (act(add=""), "register.act-nothing"),
    (act(add="", take='["people"]', within='"people"'), "register.act-within"),
    (act(key='"Lend"'), "register.bad-act-key"),
    (act() + act(), "register.act-twice"),
    ("".join(act(key=f'"lend{number}"') for number in range(7)), "register.acts"),
    (act(ad='["people"]'), "pack.declaration"),
]


@pytest.mark.parametrize(("lines", "code"), ACTS)
def test_a_wrong_act_is_told(pack: Pack, lines: str, code: str) -> None:
    pack.write(FILE, LIFT + lines)

    assert code in [one.code for one in told(pack)]


def test_a_new_act_is_some_lines_of_a_file(pack: Pack) -> None:
    pack.write(FILE, LIFT + act())

    assert told(pack) == []


CELLS: list[tuple[str, str, str]] = [
    ("一号梯", "", "cell.required"),
    ("二号梯,,", "二号梯,S-1,", "cell.not-unique"),
    ('"１，０００.50"', "a ton", "cell.not-decimal"),
    ('"１，０００.50"', "0.4", "cell.too-small"),
    ('"１，０００.50"', "5000.1", "cell.too-large"),
    ("直梯", "boat", "cell.not-choice"),
    ("直梯,1.1", "直梯,9.9", "cell.unknown-reference"),
    ("直梯,1.1", "直梯,馆", "cell.bad-id"),
    ("L1 121.2998", "L7 121.2998", "cell.unknown-reference"),
    ("L1 121.2998 31.1926", "L1 31.1926 121.2998", "cell.not-place"),
    (",13,", ",13.5,", "cell.not-integer"),
    ("是", "maybe", "cell.not-boolean"),
    ("2018年3月1日", "2018-02-30", "cell.not-date"),
    ("2024-11-04 09:30", "half past nine", "cell.not-moment"),
    ("a;b", "a;b;c", "cell.too-many"),
    ("一号梯", "梯" * 1001, "cell.too-long"),
    ("一号梯", "一\x07号", "cell.bad-sign"),
]


def test_what_may_stand_in_a_cell_is_told_in_the_language_of_the_sentence(pack: Pack) -> None:
    pack.swap(TABLE, "直梯,1.1", "boat,9.9")

    choice, hall = told(pack)

    assert choice.zh.isascii() is False and "直梯" in choice.zh and "直梯" not in choice.en
    assert "展馆" in hall.zh and "the hall '9.9'" in hall.en


def test_every_kind_that_things_may_name_has_words() -> None:
    assert {*DECLARED, "", "group", "feed", "device_type", "register"} - set(KINDS) == set()


@pytest.mark.parametrize(
    ("of", "line", "wrong"),
    [
        ("group", "site", []),
        ("group", "nobody", ["cell.unknown-reference"]),
        ("hall", "1.1;9.9", ["cell.unknown-reference"]),
        ("hall", "1.1;馆", ["cell.bad-id"]),
        ("grup", "site", ["register.unknown-of", "cell.unknown-reference"]),
    ],
)
def test_several_texts_may_name_things_of_the_pack(pack: Pack, of: str, line: str, wrong: list[str]) -> None:
    pack.write("registers/sign.toml", f'{SIGN}type = "texts"\nof = "{of}"\n')
    pack.write("registers/sign.csv", f"id,name,about\nS1,One,{line}\n")

    assert [one.code for one in told(pack)] == wrong


@pytest.mark.parametrize(("old", "new", "code"), CELLS)
def test_a_wrong_cell_is_told_with_its_line(pack: Pack, old: str, new: str, code: str) -> None:
    pack.swap(TABLE, old, new)

    line = 3 if old.startswith("二") else 2
    assert [(one.file, one.line, one.code) for one in told(pack)] == [(TABLE, line, code)]


def test_a_table_without_its_declaration_and_a_bad_name_are_told(pack: Pack) -> None:
    pack.write("groups/site/registers/stair.csv", "id\nS1\n")
    pack.write("groups/site/registers/Lift_2.toml", LIFT)
    pack.write("groups/site/registers/empty.toml", 'name = { zh = "空", en = "Empty" }\nfield = []\n')

    assert {(one.file, one.code) for one in told(pack)} == {
        ("groups/site/registers/stair.csv", "register.no-declaration"),
        ("groups/site/registers/Lift_2.toml", "register.bad-name"),
        ("groups/site/registers/empty.toml", "register.fields"),
    }


def test_unknown_columns_and_ids_that_stand_twice_are_told(pack: Pack) -> None:
    pack.write(TABLE, "id,name_zh\nL1,a\nL1,b\n,c\n梯,d\n")
    twice = [(one.line, one.code) for one in told(pack)]
    pack.write(TABLE, "id,name_zh,serail\nL1,a,b\n")

    assert twice == [(3, "pack.duplicate-id"), (4, "pack.missing-key"), (5, "pack.bad-id")]
    assert [(one.line, one.code) for one in told(pack)] == [(1, "csv.columns")]


def test_every_mistake_of_a_register_is_planted_here_and_told_in_both_languages() -> None:
    planted = {code for _, _, code, _ in DECLARATION} | {code for _, _, code in CELLS}
    planted |= {code for _, code in ACTS}
    elsewhere = {"register.no-declaration", "register.bad-name", "register.fields", "cell.unknown-field"}
    # Only a sheet that somebody sends to the desk can have these: see the tests of imports.
    of_sheets = {"cell.sheet-error", "cell.merged", "cell.formula", "cell.value-twice", "cell.id-twice"}

    # And only a file that is added on the desk, or a list of accounts, these.
    of_files = {"cell.not-file", "cell.no-such-file"}
    of_accounts = {"cell.bad-login", "cell.login-taken", "cell.wrong-group", "cell.not-yours"}

    assert set(CODES) - planted == elsewhere | of_sheets | of_files | of_accounts
    for words in CODES.values():
        assert all((words.zh, words.en, words.mend_zh, words.mend_en))
        assert _blanks(words.zh) == _blanks(words.en)


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_the_schema_for_editors_is_what_the_code_says_and_takes_what_the_check_takes() -> None:
    text = (ROOT / "docs/schema/register.json").read_text("utf-8")
    said: dict[str, Any] = tomllib.loads(LIFT)

    assert text == schema("register")
    jsonschema.validate(said, json.loads(text))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said | {"fild": []}, json.loads(text))

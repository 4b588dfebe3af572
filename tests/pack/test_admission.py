# SPDX-License-Identifier: Apache-2.0
"""The rules of gates in a pack: what may be said, and every mistake told where it stands."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from fourleaf.app.rooms import rooms
from fourleaf.app.schemas import schema
from fourleaf.pack import check
from fourleaf.pack.admission_sentences import CODES
from tests.docs.source import ROOT
from tests.pack.small_pack import Pack

FILE = "groups/site/admission_rules/venue.toml"
RULES = """\
name = { zh = "入场规则", en = "Rules of gates" }
reentry_gap_s = 120
list_age_limit_s = 3600
clock_tolerance_s = 10
external_status = "on"
external_outage = "refuse"
"""
LANE = """\
[[lane]]
zone = "venue"
carriers = ["badge"]
"""
MISTAKES = [
    ("reentry_gap_s = 120", "reentry_gap_s = -1", "admission.seconds", 2),
    ("list_age_limit_s = 3600", "list_age_limit_s = 0", "admission.seconds", 3),
    ("clock_tolerance_s = 10", "clock_tolerance_s = 86401", "admission.seconds", 4),
    ('external_outage = "refuse"', 'external_outage = "admit"', "pack.declaration", 6),
    ('external_outage = "refuse"\n', LANE, "pack.unknown-reference", 7),
    ('external_outage = "refuse"\n', LANE.replace('"badge"', ""), "admission.no-carriers", 8),
    ('external_outage = "refuse"\n', LANE + 'gate_class = "staff"\n', "admission.no-categories", 6),
]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    made = Pack(tmp_path)
    made.write(FILE, RULES)
    return made


def told(pack: Pack) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.code) for one in check(pack.root, rooms().declares).problems]


def test_a_pack_says_how_its_gates_decide(pack: Pack) -> None:
    edition = check(pack.root, rooms().declares).edition

    assert edition is not None
    assert [one.value["reentry_gap_s"] for one in edition.values if one.kind == "admission_rule"] == [120]


@pytest.mark.parametrize(("old", "new", "code", "line"), MISTAKES)
def test_a_mistake_is_told_where_it_stands(pack: Pack, old: str, new: str, code: str, line: int) -> None:
    pack.swap(FILE, old, new)

    assert (FILE, line, code) in told(pack)


def test_a_second_file_of_rules_is_one_too_many(pack: Pack) -> None:
    pack.write("groups/site/admission_rules/gates.toml", RULES)

    assert told(pack) == [("groups/site/admission_rules/gates.toml", 1, "admission.one-file")]


def test_every_mistake_is_planted_here_and_told_in_both_languages() -> None:
    planted = {code for _, _, code, _ in MISTAKES} | {"admission.one-file"}

    assert set(CODES) <= planted
    assert all(all((words.zh, words.en, words.mend_zh, words.mend_en)) for words in CODES.values())


def test_the_schema_for_editors_is_what_the_code_says_and_takes_what_the_check_takes() -> None:
    text = (ROOT / "docs/schema/admission_rule.json").read_text("utf-8")

    assert text == schema("admission_rule")
    jsonschema.validate(tomllib.loads(RULES + LANE), json.loads(text))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(RULES) | {"nmae": ""}, json.loads(text))

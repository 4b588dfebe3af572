# SPDX-License-Identifier: Apache-2.0
"""Credentials in a pack: zones, categories and organizations, one TOML file each; every mistake is told with its line."""

import json
from pathlib import Path
from string import Formatter

import jsonschema
import pytest

from fourleaf.app.schemas import schema
from fourleaf.engines.credentials.declares import DECLARES
from fourleaf.pack import Problem, check
from fourleaf.pack.credential_sentences import CODES
from tests.docs.source import ROOT
from tests.pack.small_pack import Pack

ZONE = """\
name = { zh = "场馆", en = "Venue" }
number = 0
[[gate]]
at = "N"
"""
TYPE = """\
name = { zh = "观众", en = "Visitor" }
number = 3
zones = ["venue"]
dates = [2024-11-05]
opens = "08:30"
closes = "17:30"
carriers = ["badge", "phone"]
quota = 10
most = 1
[office]
opens = "09:00"
closes = "18:00"
weekdays = [1, 2]
[[document]]
key = "photo"
name = { zh = "照片", en = "Photograph" }
[[document]]
key = "document"
name = { zh = "证件", en = "Document" }
[[stage]]
key = "completeness"
name = { zh = "齐全", en = "Complete" }
kind = "completeness"
minutes = 540
[[stage]]
key = "decision"
name = { zh = "决定", en = "Decision" }
kind = "decision"
minutes = 540
clock = "calendar"
"""
ORGANIZATIONS = """\
name = { zh = "交易团", en = "Delegations" }
types = ["visitor"]
[[organization]]
id = "td-1"
name = { zh = "一团", en = "One" }
quota = { visitor = 5 }
[[organization]]
id = "td-2"
name = { zh = "二团", en = "Two" }
"""
FILES = {
    "zone": ("groups/site/access_zones/venue.toml", ZONE),
    "type": ("groups/site/credential_types/visitor.toml", TYPE),
    "organizations": ("groups/site/organizations/delegations.toml", ORGANIZATIONS),
}


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    made = Pack(tmp_path)
    made.write("groups/site/group.toml", 'name = { zh = "现场", en = "Site" }\n')
    for file, text in FILES.values():
        made.write(file, text)
    return made


def problems(pack: Pack) -> tuple[Problem, ...]:
    return check(pack.root, DECLARES).problems


def test_a_right_declaration_is_loaded_as_it_stands(pack: Pack) -> None:
    assert problems(pack) == ()
    edition = check(pack.root, DECLARES).edition

    assert edition is not None
    value = next(one.value for one in edition.values if one.kind == "credential_type")
    assert (value["dates"], value["opens"], value["group"]) == (["2024-11-05"], "08:30", "site")


MISTAKES: list[tuple[str, str, str, str, int]] = [
    ("zone", "number = 0", "number = 32", "credential.number", 2),
    ("zone", 'at = "N"', 'at = "Z"', "feed.unknown-place", 4),
    ("zone", '[[gate]]\nat = "N"\n', "", "credential.no-gate", 1),
    ("zone", 'at = "N"', 'at = "N"\n[[gate]]\nat = "N"', "credential.twice", 6),
    ("zone", 'at = "N"', 'at = "N"\nclass = "secret"', "pack.declaration", 5),
    ("type", "number = 3", "number = 0", "credential.number", 2),
    ("type", 'zones = ["venue"]', 'zones = ["venue", "venue"]', "credential.none-or-twice", 3),
    ("type", 'zones = ["venue"]', 'zones = ["halls"]', "pack.unknown-reference", 3),
    ("type", "dates = [2024-11-05]", "phases = []", "credential.no-days", 4),
    ("type", "dates = [2024-11-05]", 'phases = ["night"]', "pack.unknown-reference", 4),
    ("type", "dates = [2024-11-05]", "dates = [2024-12-05]", "credential.not-in-edition", 4),
    ("type", 'closes = "17:30"', 'closes = "08:30"', "credential.hours-turned", 6),
    ("type", 'closes = "17:30"', 'closes = "5 pm"', "pack.declaration", 6),
    ("type", 'carriers = ["badge", "phone"]', 'carriers = ["plate"]', "credential.plate", 7),
    ("type", "most = 1", 'most = 1\nvalidity = "same-day"', "credential.same-day", 7),
    ("type", "most = 1", 'most = 1\nreuse = ["fair-9"]', "pack.unknown-reference", 10),
    ("type", 'carriers = ["badge", "phone"]', 'carriers = ["phone"]\nreuse = ["fair-1"]', "credential.reuse", 8),
    ("type", "most = 1", "most = 0", "credential.number", 9),
    ("type", "most = 1", "most = 1\nfee_free = false", "credential.fee", 10),
    ("type", 'closes = "18:00"', 'closes = "08:00"', "credential.hours-turned", 12),
    ("type", "weekdays = [1, 2]", "weekdays = [8]", "credential.weekdays", 13),
    ("type", 'key = "photo"', 'key = "A photo"', "credential.bad-key", 15),
    ("type", 'key = "document"\n', 'key = "photo"\n', "credential.twice", 18),
    ("type", 'kind = "completeness"', 'kind = "decision"', "credential.stage-order", 28),
    ("type", 'kind = "decision"', 'kind = "organization"', "credential.no-decision", 20),
    ("type", 'key = "decision"', 'key = "completeness"', "credential.twice", 26),
    ("type", "minutes = 540\nclock", "minutes = 0\nclock", "credential.number", 29),
    ("organizations", 'id = "td-2"', 'id = "td-1"', "credential.twice", 8),
    ("organizations", 'id = "td-2"', 'id = "td 2"', "credential.bad-id", 8),
    ("organizations", "visitor = 5", "visitor = -5", "credential.number", 6),
    ("organizations", "visitor = 5", "buyer = 5", "pack.unknown-reference", 6),
    ("organizations", 'types = ["visitor"]', "types = []", "credential.no-organization", 2),
]


@pytest.mark.parametrize(("which", "right", "wrong", "code", "line"), MISTAKES)
def test_every_mistake_is_told_with_its_line(
    pack: Pack, which: str, right: str, wrong: str, code: str, line: int
) -> None:
    file, text = FILES[which]
    assert right in text
    pack.write(file, text.replace(right, wrong, 1))

    found = problems(pack)

    assert [(one.code, one.file, one.line) for one in found] == [(code, file, line)]
    assert found[0].mend_zh and found[0].mend_en


def test_a_number_is_that_of_one_zone_and_an_organization_stands_in_one_list(pack: Pack) -> None:
    pack.write("groups/site/access_zones/yard.toml", ZONE)
    pack.write("groups/site/credential_types/yisitor.toml", TYPE)
    pack.write("groups/site/organizations/more.toml", ORGANIZATIONS)

    found = {(one.file.rpartition("/")[2], one.code) for one in problems(pack)}

    assert found == {
        ("yard.toml", "credential.number-twice"),
        ("yisitor.toml", "credential.number-twice"),
        ("more.toml", "credential.twice"),
    }


def test_every_sentence_has_the_same_blanks_in_both_languages() -> None:
    for code, words in CODES.items():
        zh, en = (
            {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
            for texts in ((words.zh, words.mend_zh), (words.en, words.mend_en))
        )
        assert zh == en, code


@pytest.mark.parametrize("kind", sorted(DECLARES))
def test_the_schema_for_editors_is_the_newest(kind: str) -> None:
    text = (ROOT / f"docs/schema/{kind}.json").read_text("utf-8")

    assert text == schema(kind)
    jsonschema.Draft7Validator.check_schema(json.loads(text))

# SPDX-License-Identifier: Apache-2.0
"""Feeds in a pack: one TOML file each; every mistake is told with its line and how to mend it."""

import json
import tomllib
from pathlib import Path
from string import Formatter
from typing import Any

import jsonschema
import pytest

from fourleaf.app.schemas import schema
from fourleaf.engines.sensing.declares import DECLARES
from fourleaf.pack import Problem, check
from fourleaf.pack.feed_sentences import CODES
from tests.docs.source import ROOT
from tests.pack.small_pack import Pack

FEED = """\
name = { zh = "地铁客流", en = "Metro counts" }
owner = { zh = "地铁集团", en = "Metro" }
way = "push"
interval_s = 300
late_after_s = 900
[schema]
at = "at"
thing = "line"
[grant]
purpose = { zh = "保障", en = "Service" }
from = 2024-10-01
until = 2024-11-10
after = "hide"
[[quantity]]
key = "n_in"
name = { zh = "进站", en = "In" }
unit = "人次"
column = "in"
min = 0
max = 20000.5
jump = 5000
[[thing]]
key = "line-2"
name = { zh = "2号线", en = "Line 2" }
at = "8.1"
[[thing]]
key = "line-17"
name = { zh = "17号线", en = "Line 17" }
"""
FILE = "groups/site/feeds/metro.toml"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    made = Pack(tmp_path)
    made.write("groups/site/group.toml", 'name = { zh = "现场", en = "Site" }\n')
    made.write(FILE, FEED)
    return made


def problems(pack: Pack) -> tuple[Problem, ...]:
    return check(pack.root, DECLARES).problems


def test_a_right_feed_is_loaded_as_it_stands(pack: Pack) -> None:
    edition = check(pack.root, DECLARES).edition

    assert edition is not None
    value = next(one.value for one in edition.values if one.kind == "feed")
    assert value["grant"]["until"] == "2024-11-10"
    assert value["quantity"][0]["max"] == "20000.5"
    assert value["group"] == "site"


MISTAKES: list[tuple[str, str, str, int]] = [
    ("interval_s = 300", "interval_s = 0", "feed.interval", 4),
    ("late_after_s = 900", "late_after_s = 300", "feed.late-before-due", 5),
    ("until = 2024-11-10", "until = 2024-09-30", "feed.grant-turned", 12),
    ('thing = "line"', 'thing = "line"\nbehind_s = -1', "feed.negative", 9),
    ('way = "push"', 'way = "pull"', "feed.url", 1),
    ('way = "push"', 'way = "push"\nurl = "https://x.example/a"', "feed.url", 4),
    ('way = "push"', 'way = "pull"\nurl = "http://x.example/a"', "feed.bad-url", 4),
    ('way = "push"', 'way = "pull"\nurl = "https://u:p@x.example/a"', "feed.bad-url", 4),
    ('way = "push"', 'way = "pull"\nurl = "file:///etc/passwd"', "feed.bad-url", 4),
    ('way = "push"', 'way = "pull"\nurl = "https://[::1"', "feed.bad-url", 4),
    ('way = "push"', 'way = "one-way"', "feed.key", 1),
    ('way = "push"', 'way = "one-way"\npublic_key = "AAAA"', "feed.bad-key", 4),
    ('way = "push"', 'way = "one-way"\npublic_key = "no base64!"', "feed.bad-key", 4),
    ('[schema]\nat = "at"', '[schema]\nrows = "a.b"\nat = "at"', "feed.rows", 7),
    ('thing = "line"\n', "", "feed.which-thing", 6),
    ('key = "line-17"', 'key = "line 17"', "feed.bad-thing", 27),
    ('key = "line-17"', 'key = "line-2"', "feed.thing-twice", 27),
    ('key = "n_in"', 'key = "N-in"', "feed.bad-quantity", 15),
    ('unit = "人次"', 'unit = ""', "feed.no-unit", 17),
    ("max = 20000.5", "max = -1", "feed.limits-turned", 20),
    ("jump = 5000", "jump = 0", "feed.jump", 21),
    ("jump = 5000", "stuck_after_s = -5", "feed.stuck", 21),
    ('column = "in"', 'column = "at"', "feed.column-twice", 6),
    ('at = "8.1"', 'at = "8.9"', "feed.unknown-place", 25),
    ('way = "push"', 'way = "push"\nsee = []', "register.nobody", 4),
    ('way = "push"', 'way = "push"\nsend = ["everybody"]', "register.bad-label", 4),
    ('way = "push"', 'way = "by pigeon"', "pack.declaration", 3),
    ('after = "hide"', 'after = "sell"', "pack.declaration", 13),
    ("interval_s = 300", 'interval_s = "often"', "pack.declaration", 4),
]


@pytest.mark.parametrize(("right", "wrong", "code", "line"), MISTAKES)
def test_every_mistake_is_told_with_its_line(pack: Pack, right: str, wrong: str, code: str, line: int) -> None:
    assert right in FEED
    pack.write(FILE, FEED.replace(right, wrong, 1))

    found = problems(pack)

    assert [(one.code, one.file, one.line) for one in found] == [(code, FILE, line)]
    assert found[0].mend_zh and found[0].mend_en


def test_a_thing_or_a_quantity_twice_or_none_is_told(pack: Pack) -> None:
    quantity = FEED[FEED.index("[[quantity]]") : FEED.index("[[thing]]")]
    pack.write(FILE, FEED.replace(quantity, quantity + quantity.replace('"in"', '"out"')))
    pack.write("groups/site/feeds/none.toml", FEED[: FEED.index("[[quantity]]")])
    pack.write(
        "groups/site/feeds/sums.toml", FEED.replace("[grant]", '[aggregates]\nsmallest = 1\ncolumn = "n"\n[grant]')
    )
    pack.write(
        "groups/site/feeds/hand.toml", FEED.replace('"push"', '"hand"').replace("[schema]", '[schema]\nformat = "json"')
    )

    found = {(one.file.rpartition("/")[2], one.code) for one in problems(pack)}

    assert found == {
        ("metro.toml", "feed.quantity-twice"),
        ("metro.toml", "feed.column-twice"),
        ("none.toml", "feed.quantities"),
        ("none.toml", "feed.things"),
        ("sums.toml", "feed.smallest"),
        ("hand.toml", "feed.hand-format"),
    } - {("metro.toml", "feed.column-twice")}


@pytest.mark.parametrize("name", ["Metro", "metro.1", "metro_2", "m" * 41])
def test_a_feed_whose_name_could_lead_elsewhere_is_refused(pack: Pack, name: str) -> None:
    pack.write(f"groups/site/feeds/{name}.toml", FEED)

    assert [one.code for one in problems(pack)] == ["feed.bad-name"]


def test_every_sentence_of_a_mistake_has_a_test() -> None:
    tried = {code for _, _, code, _ in MISTAKES}

    rest = {
        "feed.quantity-twice",
        "feed.quantities",
        "feed.things",
        "feed.smallest",
        "feed.hand-format",
        "feed.bad-name",
    }
    assert set(CODES) == {code for code in tried if code.startswith("feed.")} | rest


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_sentence_has_the_same_blanks_in_both_languages(code: str) -> None:
    said = CODES[code]

    blanks = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (said.zh, said.en)]

    assert blanks[0] == blanks[1]


def test_the_schema_for_editors_is_the_one_in_the_docs_and_takes_every_feed_we_ship() -> None:
    text = (ROOT / "docs/schema/feed.json").read_text("utf-8")
    files = sorted((ROOT / "editions").glob("*/groups/*/feeds/*.toml"))

    assert text == schema("feed")
    assert files
    for file in files:
        data: Any = json.loads(json.dumps(tomllib.loads(file.read_text("utf-8")), default=str))
        jsonschema.validate(data, json.loads(text))

# SPDX-License-Identifier: Apache-2.0
"""Types of devices and levels in a pack: one TOML file each; every mistake is told with its line and how to mend it."""

import json
import tomllib
from pathlib import Path
from string import Formatter

import jsonschema
import pytest

from fourleaf.app.devices import devices_of
from fourleaf.app.rooms import rooms
from fourleaf.app.schemas import schema
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.pack import Problem, check
from fourleaf.pack.device_sentences import CODES
from tests.docs.source import ROOT
from tests.pack.small_pack import Pack
from tests.pack.test_registers import LIFT, THINGS

TYPE = """\
name = { zh = "电梯控制器", en = "Lift controllers" }
of = "lift"
see = ["office", "group:site"]
interval_s = 60
silent_after_s = 300
keep_days = 30
[[quantity]]
key = "celsius"
name = { zh = "温度", en = "Temperature" }
unit = "°C"
min = -40
max = 99.5
[[quantity]]
key = "rides"
name = { zh = "次数", en = "Rides" }
kind = "counter"
min = 0
max = 100000
"""
LEVEL = """\
name = { zh = "过热", en = "Hot" }
device_type = "lift-box"
quantity = "celsius"
debounce_s = 10
stale_after_s = 300
[[step]]
state = "watch"
at = 60
until = 55
name = { zh = "偏热", en = "Warm" }
advice = { zh = "查看", en = "Look" }
[[step]]
state = "alert"
at = 80
until = 70
name = { zh = "过热", en = "Hot" }
advice = { zh = "停用", en = "Stop it" }
"""
TYPE_FILE = "groups/site/device_types/lift-box.toml"
LEVEL_FILE = "groups/site/thresholds/hot.toml"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    made = Pack(tmp_path)
    made.write("groups/site/registers/lift.toml", LIFT)
    made.write("groups/site/registers/lift.csv", THINGS)
    made.write(TYPE_FILE, TYPE)
    made.write(LEVEL_FILE, LEVEL)
    return made


def told(pack: Pack) -> list[Problem]:
    return list(check(pack.root, rooms().declares).problems)


def test_the_things_of_a_type_are_its_devices_as_they_are_called_where_they_stand(pack: Pack) -> None:
    edition = check(pack.root, rooms().declares).edition

    assert edition is not None
    said = {"device_type": "lift-box", "name_zh": "一号梯", "name_en": "一号梯"}
    assert devices_of(edition)[0] == DeviceListed(
        device="lift:L1", thing="L1", place={"level": "L1", "lon": "121.2998", "lat": "31.1926"}, **said
    )
    assert [one.device for one in devices_of(edition)] == ["lift:L1", "lift:L2"]


COUNTS = (
    'of = "door"\ncounts = true\ninterval_s = 60\nsilent_after_s = 300\nname = { zh = "门", en = "Door" }\n'
    '[[quantity]]\nkey = "in"\nname = { zh = "进", en = "In" }\nmin = 0\nmax = 1000000\n'
)
MISTAKES: list[tuple[str, str, str, str, int]] = [
    (TYPE_FILE, TYPE[TYPE.index("[[") :], "", "device.quantities", 1),
    (TYPE_FILE, 'key = "celsius"', 'key = "Celsius"', "device.bad-quantity", 8),
    (TYPE_FILE, 'key = "rides"', 'key = "celsius"', "device.quantity-twice", 14),
    (TYPE_FILE, "max = 99.5", "max = -41", "device.range", 12),
    (TYPE_FILE, "interval_s = 60", "interval_s = 0", "device.interval", 4),
    (TYPE_FILE, "silent_after_s = 300", "silent_after_s = 60", "device.silent-before-due", 5),
    (TYPE_FILE, "keep_days = 30", "keep_days = 0", "device.keep", 6),
    (TYPE_FILE, "keep_days = 30", "counts = true", "device.counts", 6),
    (TYPE_FILE, TYPE, COUNTS, "device.counts", 2),
    (TYPE_FILE, 'of = "lift"', 'of = "lifts"', "device.unknown-of", 2),
    (TYPE_FILE, 'see = ["office", "group:site"]', "see = []", "register.nobody", 3),
    (TYPE_FILE, 'see = ["office", "group:site"]', 'see = ["everybody"]', "register.bad-label", 3),
    (TYPE_FILE, 'unit = "°C"', 'unti = "°C"', "pack.declaration", 7),
    (LEVEL_FILE, 'device_type = "lift-box"', "", "level.whose", 1),
    (LEVEL_FILE, 'device_type = "lift-box"', 'device_type = "lift-box"\nfeed = "x"', "level.whose", 2),
    (LEVEL_FILE, 'state = "watch"', 'state = "alert"', "level.steps", 6),
    (LEVEL_FILE, "until = 55", "until = 61", "level.until", 9),
    (LEVEL_FILE, "at = 80", "at = 60", "level.order", 14),
    (LEVEL_FILE, "debounce_s = 10", "debounce_s = 300", "level.times", 5),
    (LEVEL_FILE, 'device_type = "lift-box"', 'device_type = "lift-bax"', "level.unknown-source", 2),
    (LEVEL_FILE, 'quantity = "celsius"', 'quantity = "celsus"', "level.unknown-quantity", 3),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "line"), MISTAKES)
def test_a_mistake_is_told_where_it_stands(pack: Pack, file: str, old: str, new: str, code: str, line: int) -> None:
    pack.swap(file, old, new)

    found = [(one.file, one.line, one.code) for one in told(pack)]

    assert (file, line, code) in found


def test_a_word_that_is_nearly_right_is_guessed(pack: Pack) -> None:
    pack.swap(TYPE_FILE, 'of = "lift"', 'of = "lifts"')

    (one,) = [one for one in told(pack) if one.code == "device.unknown-of"]

    assert "'lift'" in one.mend_en and "“lift”" in one.mend_zh


def test_a_thing_has_devices_of_one_type_only(pack: Pack) -> None:
    pack.write("groups/site/device_types/lift-meter.toml", TYPE)

    assert [(one.file, one.line, one.code) for one in told(pack)] == [
        ("groups/site/device_types/lift-meter.toml", 2, "device.of-taken")
    ]


def test_every_mistake_is_planted_here_and_told_in_both_languages() -> None:
    planted = {code for _, _, _, code, _ in MISTAKES}

    assert set(CODES) - planted == {"device.of-taken"}
    for words in CODES.values():
        assert all((words.zh, words.en, words.mend_zh, words.mend_en))
        assert _blanks(words.zh) == _blanks(words.en)


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize(("kind", "said"), [("device_type", TYPE), ("threshold", LEVEL)])
def test_the_schema_for_editors_is_what_the_code_says_and_takes_what_the_check_takes(kind: str, said: str) -> None:
    text = (ROOT / f"docs/schema/{kind}.json").read_text("utf-8")

    assert text == schema(kind)
    jsonschema.validate(tomllib.loads(said), json.loads(text))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(said) | {"nmae": ""}, json.loads(text))

# SPDX-License-Identifier: Apache-2.0
"""Chinese and English say the same things, with the same blanks to fill."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.source import Source

FOLDERS = Source().messages()
HAN = re.compile(r"[\u4e00-\u9fff]")


def sentences(path: Path) -> dict[str, str]:
    return _flat(tomllib.loads(path.read_text("utf-8")))


def _flat(table: Mapping[str, object], above: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": str(value)}
    return flat


def blanks(sentence: str) -> set[str]:
    return set(re.findall(r"{(\w+)", sentence))


@pytest.mark.parametrize("folder", FOLDERS)
def test_both_languages_have_the_same_keys_and_blanks(folder: str) -> None:
    zh, en = (sentences(FOLDERS[folder] / f"{lang}.toml") for lang in ("zh", "en"))

    assert {key: blanks(text) for key, text in zh.items()} == {key: blanks(text) for key, text in en.items()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_sentence_is_empty(folder: str) -> None:
    both = [sentences(FOLDERS[folder] / f"{lang}.toml") for lang in ("zh", "en")]

    assert [key for found in both for key, text in found.items() if not text.strip()] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_refusals_and_facts_have_a_sentence_and_no_sentence_is_left_over(source: Source, lang: str) -> None:
    said = [key for folder in FOLDERS.values() for key in sentences(folder / f"{lang}.toml")]

    refusals = {key.removeprefix("refusal.") for key in said if key.startswith("refusal.")}
    facts = {key.removeprefix("fact.") for key in said if key.startswith("fact.")}

    assert refusals == source.refusal_codes()
    assert facts == {kind for kind in source.fact_kinds() if not kind.startswith("pack.")}


def test_every_engine_speaks_both_languages_and_explains_itself(source: Source) -> None:
    engines = [path.parent for path in (source.root / "src/fourleaf/engines").glob("*/facts.py")]
    wanted = ("README.md", "messages/zh.toml", "messages/en.toml")

    assert [str(engine / name) for engine in engines for name in wanted if not (engine / name).is_file()] == []

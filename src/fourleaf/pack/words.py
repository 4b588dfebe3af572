# SPDX-License-Identifier: Apache-2.0
"""Words: both languages say the same keys; and sizes the venue is drawn from carry their tags."""

from collections.abc import Mapping
from typing import Any

from fourleaf.pack.fields import check_tag, is_text
from fourleaf.pack.positions import Path
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Table, Toml

LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
PARAMETERS = "venue/parameters.toml"


def check_words(tomls: Mapping[str, Toml], problems: Problems) -> None:
    """words/zh.toml and words/en.toml hold texts, under the same keys."""
    both = {language: tomls.get(f"words/{language}.toml") for language in LANGUAGES}
    for file in tomls:
        if file.startswith("words/") and file not in ("words/zh.toml", "words/en.toml"):
            problems.add("pack.unknown-file", Place(file), like=(file, ("words/zh.toml", "words/en.toml")), name=file)
    leaves = {language: _leaves(toml.data) if toml else {} for language, toml in both.items()}
    for language, other in (("zh", "en"), ("en", "zh")):
        toml = both[other]
        for path, value in leaves[other].items():
            assert toml is not None
            zh, en = LANGUAGES[language]
            name = ".".join(map(str, path))
            if path not in leaves[language]:
                blanks: Any = {"language": language, "language_zh": zh, "language_en": en}
                problems.add("pack.untranslated", toml.at(*path), key=name, **blanks)
            if not is_text(value):
                wanted: Any = {"wanted_zh": "文字", "wanted_en": "text"}
                problems.add("pack.wrong-type", toml.at(*path), key=name, value=value, **wanted)


def check_parameters(tomls: Mapping[str, Toml], problems: Problems) -> None:
    """Every size is { value, tag }."""
    toml = tomls.get(PARAMETERS)
    for path, value in _leaves(toml.data).items() if toml else ():
        assert toml is not None
        if path[-1] == "tag":
            check_tag(problems, toml.at(*path), ".".join(map(str, path)), value)
        elif (*path[:-1], "tag") not in toml.spots:
            problems.add("pack.no-tag", toml.at(*path), key=".".join(map(str, path)))


def _leaves(data: Table) -> dict[Path, Any]:
    """Every value that is no table, by path; files are never deep."""
    found = dict[Path, Any]()
    for key, value in data.items():
        if isinstance(value, dict):
            found |= {(key, *path): leaf for path, leaf in _leaves(value).items()}
        else:
            found[(key,)] = value
    return found

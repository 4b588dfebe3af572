# SPDX-License-Identifier: Apache-2.0
"""Words: both languages say the same keys; and sizes the venue is drawn from carry their tags."""

from collections.abc import Mapping, Set
from typing import Any

from fourleaf.pack.fields import check_tag, is_text
from fourleaf.pack.positions import Path
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Table, Toml

LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
FILES = {language: f"words/{language}.toml" for language in LANGUAGES}
PARAMETERS = "venue/parameters.toml"


def check_words(tomls: Mapping[str, Toml], names: Set[str], problems: Problems) -> None:
    """words/zh.toml and words/en.toml hold texts, under the same keys. names: all files, also unreadable ones."""
    _check_files(tomls, names, problems)
    said = {language: tomls[file] for language, file in FILES.items() if file in tomls}
    for toml in said.values():
        _check_texts(toml, problems)
    if len(said) == len(FILES):
        for language, toml in said.items():
            for other in said.keys() - {language}:
                _check_translated(toml, said[other], other, problems)


def _check_files(tomls: Mapping[str, Toml], names: Set[str], problems: Problems) -> None:
    for file in tomls:
        if file.startswith("words/") and file not in FILES.values():
            problems.add("pack.unknown-file", Place(file), like=(file, FILES.values()), name=file)
    for file in FILES.values():
        if file not in names and not names.isdisjoint(FILES.values()):
            problems.add("pack.missing-file", Place(file), name=file)


def _check_texts(toml: Toml, problems: Problems) -> None:
    wanted: Any = {"wanted_zh": "文字", "wanted_en": "text"}
    for path, value in _leaves(toml.data).items():
        if not is_text(value):
            problems.add("pack.wrong-type", toml.at(*path), key=_name(path), value=value, **wanted)


def _check_translated(toml: Toml, other: Toml, language: str, problems: Problems) -> None:
    """What stands in one file stands in the other. language: of the other."""
    zh, en = LANGUAGES[language]
    blanks: Any = {"language": language, "language_zh": zh, "language_en": en}
    for path in _leaves(toml.data).keys() - _leaves(other.data).keys():
        problems.add("pack.untranslated", toml.at(*path), key=_name(path), **blanks)


def _name(path: Path) -> str:
    return ".".join(map(str, path))


def check_parameters(tomls: Mapping[str, Toml], problems: Problems) -> None:
    """Every size is { value, tag }."""
    toml = tomls.get(PARAMETERS)
    for path, value in _leaves(toml.data).items() if toml else ():
        assert toml is not None
        if path[-1] == "tag":
            check_tag(problems, toml.at(*path), _name(path), value)
        elif (*path[:-1], "tag") not in toml.spots:
            problems.add("pack.no-tag", toml.at(*path), key=_name(path))


def _leaves(data: Table) -> dict[Path, Any]:
    """Every value that is no table, by path; files are never deep."""
    found = dict[Path, Any]()
    for key, value in data.items():
        if isinstance(value, dict):
            found |= {(key, *path): leaf for path, leaf in _leaves(value).items()}
        else:
            found[(key,)] = value
    return found

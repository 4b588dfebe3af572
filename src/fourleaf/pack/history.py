# SPDX-License-Identifier: Apache-2.0
"""History: published figures of past editions, with their sources."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from fourleaf.pack.edition import Declaration, plain
from fourleaf.pack.fields import check_table
from fourleaf.pack.kinds import FIGURE, HISTORY
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Table, Toml
from fourleaf.pack.sources import Sources, check_source
from fourleaf.pack.units import check_unit, read_units

FOLDER = "history/"
# What makes a figure another one, though its key is the same.
DIFFERENCES = ("key", "scope", "edition", "as_of")

_SPAN = re.compile(r"(.*?)(\d{1,3})\.\.(\d{1,3})")


def read_history(
    tomls: Mapping[str, Toml], editions: Collection[str] | None, sources: Sources, problems: Problems
) -> list[Declaration]:
    """One declaration a file. Report every mistake; the answer counts only when there was none.

    editions: this one and those before it; None leaves what is named unchecked.
    """
    found = list[Declaration]()
    first, units = dict[tuple[str, ...], Place](), read_units(tomls)
    for file, toml in tomls.items():
        if not file.startswith(FOLDER):
            continue
        check_table(problems, toml.at, toml.data, HISTORY)
        _check_named(problems, toml, toml.data, (), editions, sources)
        for data, path in toml.tables("figure", problems):
            check_table(problems, toml.inside(path), data, FIGURE)
            _check_named(problems, toml, data, path, editions, sources)
            check_unit(problems, toml, data, path, units)
            _check_once(problems, toml.at(*path, "key"), data, first)
        key = file.removeprefix(FOLDER).removesuffix(".toml")
        found.append(Declaration(kind="history", key=key, value=plain(toml.data)))
    return found


def _check_named(
    problems: Problems,
    toml: Toml,
    data: Table,
    path: tuple[str | int, ...],
    editions: Collection[str] | None,
    sources: Sources,
) -> None:
    source, edition = data.get("source"), data.get("edition")
    if isinstance(source, str) and ":" not in source:  # a tag is checked with all other tags
        check_source(problems, toml.at(*path, "source"), "source", source, sources)
    if editions is None or not isinstance(edition, str):
        return
    for one in _span(edition):
        if one not in editions:
            blanks: Any = {"key": "edition", "kind": "edition", "value": one}
            problems.add(
                "pack.unknown-reference",
                toml.at(*path, "edition"),
                (one, editions),
                unless=("edition.toml",),
                once=True,
                **blanks,
            )


def _span(said: str) -> list[str]:
    """The editions that a text names: fair-1..3 is three of them."""
    match = _SPAN.fullmatch(said)
    found = [f"{match[1]}{number}" for number in range(int(match[2]), int(match[3]) + 1)] if match else []
    return found or [said]


def _check_once(problems: Problems, at: Place, data: Table, first: dict[tuple[str, ...], Place]) -> None:
    if not isinstance(data.get("key"), str):
        return
    same = tuple(str(data.get(key, "")) for key in DIFFERENCES)
    if same in first:
        problems.add("history.figure-twice", at, key=data["key"], first=first[same])
    first.setdefault(same, at)

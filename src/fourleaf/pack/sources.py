# SPDX-License-Identifier: Apache-2.0
"""Sources: where figures and sizes come from. edition.toml lists them; whatever names one names one of these."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fourleaf.pack.fields import check_table
from fourleaf.pack.kinds import SOURCE
from fourleaf.pack.positions import Path
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Toml

# Ids of sources; None where the list of them could not be read, so that nobody is told twice.
Sources = Collection[str] | None

_TAG = re.compile(r"(?:source|carried-over):(.+)")


def read_sources(toml: Toml | None, problems: Problems) -> Sources:
    """What edition.toml lists. Report every mistake."""
    if toml is None:
        return None
    found = dict[str, Place]()
    for data, path in toml.tables("source", problems):
        check_table(problems, toml.inside(path), data, SOURCE)
        key, at = str(data.get("id")), toml.at(*path, "id")
        if key in found:
            problems.add("pack.duplicate-id", at, id=key, first=found[key])
        found.setdefault(key, at)
    return found


def check_sources(tomls: Mapping[str, Toml], sources: Sources, problems: Problems) -> None:
    """Whatever is tagged with a source, in any table of the pack, is tagged with one that is listed."""
    for toml in tomls.values():
        for path, value in _texts(toml.data):
            check_tagged(problems, toml.at(*path), str(path[-1]), value, sources)


def check_tagged(problems: Problems, at: Place, key: str, value: object, sources: Sources) -> None:
    """Report a key `source`, `tag` or `…_tag` with `source:ID` or `carried-over:ID` of a source that is not listed."""
    if isinstance(value, str) and (key in ("source", "tag") or key.endswith("_tag")):
        match = _TAG.fullmatch(value)
        if match:
            check_source(problems, at, key, match[1], sources)


def check_source(problems: Problems, at: Place, key: str, value: str, sources: Sources) -> None:
    """Report a source that is not listed. value: an id, or the first and the last of a row: 000..004."""
    if sources is None:
        return
    for one in value.split(".."):
        if one not in sources:
            blanks: Any = {"key": key, "kind": "source", "value": one}
            problems.add("pack.unknown-reference", at, (one, sources), unless=("edition.toml",), once=True, **blanks)


def _texts(data: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text of a table with its path; files are never deep."""
    if isinstance(data, str) and path:
        yield path, data
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in parts:
        yield from _texts(part, (*path, key))

# SPDX-License-Identifier: Apache-2.0
"""History: published figures of past editions, with their sources."""

from collections.abc import Mapping

from fourleaf.pack.edition import Declaration, plain
from fourleaf.pack.fields import check_table
from fourleaf.pack.kinds import FIGURE, HISTORY
from fourleaf.pack.problems import Problems
from fourleaf.pack.read import Toml

FOLDER = "history/"


def read_history(tomls: Mapping[str, Toml], problems: Problems) -> list[Declaration]:
    """One declaration a file. Report every mistake; the answer counts only when there was none."""
    found = list[Declaration]()
    for file, toml in tomls.items():
        if not file.startswith(FOLDER):
            continue
        check_table(problems, toml.at, toml.data, HISTORY)
        for data, path in toml.tables("figure", problems):
            check_table(problems, toml.inside(path), data, FIGURE)
        key = file.removeprefix(FOLDER).removesuffix(".toml")
        found.append(Declaration(kind="history", key=key, value=plain(toml.data)))
    return found

# SPDX-License-Identifier: Apache-2.0
"""Fit: which values can be kept as they are by the log, by JSON and by the database. Pure."""

import re
from typing import Any

import msgspec

from fourleaf.pack.positions import Path

DEEPEST = 24
# The largest whole number that every reader of JSON keeps exact.
LARGEST = 2**53

_BAD = re.compile("[\0\ud800-\udfff]")


class Unfit(msgspec.Struct, frozen=True):
    """Why a value cannot be kept."""

    code: str
    value: object


def unfit(value: Any) -> Unfit | None:
    """The first part of a parsed value that cannot be kept, if any. Without recursion."""
    level = [value]
    for _ in range(DEEPEST):
        deeper = list[Any]()
        for one in level:
            if isinstance(one, dict | list):
                deeper += _parts(one)
            elif not _fits(one):
                return Unfit("pack.unfit-value", one)
        if not deeper:
            return None
        level = deeper
    return Unfit("pack.too-deep", "")


def is_deep(value: Any) -> bool:
    """Without recursion, which a value may be too deep for."""
    level = [value]
    for _ in range(DEEPEST):
        level = [part for one in level for part in _parts(one)]
        if not level:
            return False
    return True


def kept(value: Any, bad: list[tuple[Path, object]], path: Path = ()) -> Any:
    """The value with a stand-in for each part that does not fit, so that the rest is checked as well.

    bad: takes where these stand, and what they are. The value is not deep.
    """
    if isinstance(value, dict):
        return {_kept(key, bad, (*path, key)): kept(one, bad, (*path, key)) for key, one in value.items()}
    if isinstance(value, list):
        return [kept(one, bad, (*path, number)) for number, one in enumerate(value)]
    return _kept(value, bad, path)


def _kept(value: Any, bad: list[tuple[Path, object]], path: Path) -> Any:
    if _fits(value):
        return value
    bad.append((path, value))
    return _BAD.sub("", value) or "-" if isinstance(value, str) else 1


def _parts(value: object) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _fits(value: object) -> bool:
    if isinstance(value, str):
        return not _BAD.search(value)
    if isinstance(value, int | float):
        return -LARGEST <= value <= LARGEST  # false for NaN and infinities
    return True

# SPDX-License-Identifier: Apache-2.0
"""Complaint: what a declaration or one of its cells says wrong, before it has a sentence. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from fourleaf.pack.positions import Path


class Complaint(NamedTuple):
    """What is wrong with a declaration, at which key of its file."""

    path: Path
    code: str
    blanks: Mapping[str, Any]
    # A word, and what it may have meant.
    like: tuple[object, Iterable[str]] | None = None


class Others(NamedTuple):
    """All that a pack declares, for what must agree with it. declared: kind -> key -> the declaration as its type."""

    declared: Mapping[str, Mapping[str, Any]]
    venue_kinds: Collection[str]

    def of(self, kind: str) -> Mapping[str, Any]:
        return self.declared.get(kind, {})


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with one cell. field: its column."""

    field: str
    code: str
    blanks: Mapping[str, Any]

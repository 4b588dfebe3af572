# SPDX-License-Identifier: Apache-2.0
"""Account lists: which accounts somebody asked for, by words of their names, roles and groups, page by page. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

SIZE = 50


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One page of accounts. every: how many there are at all; total: how many of them meet the words."""

    rows: Sequence[Mapping[str, Any]]
    words: str
    number: int
    every: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * SIZE

    @property
    def more(self) -> bool:
        return self.first + len(self.rows) < self.total


def chosen(every: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> Listed:
    """What an address asks for. A page that makes no sense is the first.

    Shape: every: name, posts (name, group_name by language or None) and more that is handed on.
    """
    words, page = query.get("q", "").strip()[:200], query.get("page", "")
    found = [row for row in every if all(word in _said(row) for word in words.casefold().split())]
    number = max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    rows = found[(number - 1) * SIZE : number * SIZE]
    return Listed(rows=rows, words=words, number=number, every=len(every), total=len(found))


def _said(row: Mapping[str, Any]) -> str:
    names = [name for post in row["posts"] for name in (post["name"], post["group_name"] or {})]
    return " ".join([row["name"], *(text for name in names for text in name.values())]).casefold()

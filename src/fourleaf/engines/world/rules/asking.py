# SPDX-License-Identifier: Apache-2.0
"""Asking: who may see and write a register, and what a page of it is asked for. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fourleaf.engines.world.declares.register import Field, Register
from fourleaf.engines.world.declares.values import read
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.pack.complaint import Wrong

SIZE, LARGEST = 50, 500
# Pages so far behind are found by a filter, not by turning.
DEEPEST = 1_000_000
PERMISSION = "world.keep"
_NAMED = ("choice", "boolean", "reference")
_RANGED = ("integer", "decimal", "date", "moment")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a register as somebody asks for it.

    equal: field -> any of these; low, high: field -> bound; like: field -> part of its text.
    sort: a field, or "" for the id. limit None: everything.
    """

    register: str
    words: str = ""
    equal: Mapping[str, Sequence[Any]] = {}
    low: Mapping[str, str] = {}
    high: Mapping[str, str] = {}
    like: Mapping[str, str] = {}
    sort: str = ""
    descending: bool = False
    offset: int = 0
    limit: int | None = SIZE

    @property
    def filtered(self) -> bool:
        return bool(self.words or self.equal or self.low or self.high or self.like)


def may_see(principal: Principal, register: Register) -> bool:
    return visible(register.see, principal.labels)


def may_write(principal: Principal, register: Register) -> bool:
    """The one check of everything that writes to a register."""
    return PERMISSION in principal.permissions and visible(register.write, principal.labels)


def asking(query: Mapping[str, Sequence[str]], name: str, register: Register, zone: str) -> Asked | Refusal:
    """What a page of a register is asked for by the words of an address. Words it does not know are left alone."""
    bounds: dict[str, dict[str, str]] = {"low": {}, "high": {}, "like": {}}
    equal: dict[str, list[Any]] = {}
    for field in register.fields:
        for word, kind, given in _of_field(field, query):
            value = given if kind == "like" else read(field, given, zone)
            if isinstance(value, Wrong):
                return Refusal("world.bad-filter", {"field": field.key, "value": given[:80]}, word)
            if kind == "equal":
                equal.setdefault(field.key, []).append(value)
            else:
                bounds[kind][field.key] = str(value)
    sort = _first(query, "sort")
    if sort.removeprefix("-") not in ("", "id", *register.by_key):
        return Refusal("world.bad-filter", {"field": "sort", "value": sort[:80]}, "sort")
    number, size = _count(_first(query, "page"), 1), min(_count(_first(query, "size"), SIZE), LARGEST)
    return Asked(
        register=name,
        words=_first(query, "q")[:200],
        equal=equal,
        sort="" if sort.removeprefix("-") == "id" else sort.removeprefix("-"),
        descending=sort.startswith("-"),
        offset=min((number - 1) * size, DEEPEST),
        limit=size,
        **bounds,
    )


def _of_field(field: Field, query: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """What is asked of one field: the word of the address, how, and the text."""
    same = "equal" if field.type in (*_NAMED, *_RANGED) else "like"
    found = [(field.key, same, one) for one in query.get(field.key, ()) if one.strip()]
    if field.type in _RANGED:
        found += [(f"{field.key}.min", "low", one) for one in query.get(f"{field.key}.min", ()) if one.strip()]
        found += [(f"{field.key}.max", "high", one) for one in query.get(f"{field.key}.max", ()) if one.strip()]
    return found


def _first(query: Mapping[str, Sequence[str]], word: str) -> str:
    found = query.get(word) or [""]
    return found[0].strip()


def _count(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0 else otherwise

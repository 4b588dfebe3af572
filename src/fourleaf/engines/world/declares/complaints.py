# SPDX-License-Identifier: Apache-2.0
"""Complaints: what can be wrong with the declaration of a register that its types do not catch. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fourleaf.engines.world.declares.act_complaints import of_acts
from fourleaf.kernel.labels import LABEL
from fourleaf.pack.complaint import Complaint

if TYPE_CHECKING:
    from fourleaf.engines.world.declares.register import Field, Register

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Words that mean something else in an address or a table.
RESERVED = frozenset(
    {"id", "q", "sort", "page", "size", "columns", "view", "lang", "csrf", "request_id", "version", "nonce", "bom"}
)
MOST_FIELDS = 60

_NUMBERS = ("integer", "decimal")
_COUNTED = ("text", "texts")
_UNIQUE = ("text", "integer", "choice", "date", "reference")


def of_register(register: Register) -> Iterator[Complaint]:
    if register.personal:
        yield Complaint(("personal",), "register.personal", {})
    if not register.fields or len(register.fields) > MOST_FIELDS:
        yield Complaint(("field",), "register.fields", {"found": len(register.fields), "limit": MOST_FIELDS})
    if register.fields and not any(field.label for field in register.fields):
        yield Complaint(("field",), "register.no-label", {})
    if register.layer and not register.place:
        yield Complaint(("layer",), "register.no-place", {})
    yield from _labels(register)
    yield from of_acts(register, KEY)
    first: dict[str, int] = {}
    for number, field in enumerate(register.fields):
        if field.key in first:
            yield Complaint(("field", number, "key"), "register.field-twice", {"key": field.key})
        first.setdefault(field.key, number)
        for key, code in (*_of_field(field), *_of_plain(field, register)):
            yield Complaint(("field", number, key), code, {"key": field.key, "type": field.type})


def _labels(register: Register) -> Iterator[Complaint]:
    for key, labels in (("see", register.see), ("write", register.write)):
        if not labels:
            yield Complaint((key,), "register.nobody", {"key": key})
        for label in labels:
            if not LABEL.fullmatch(label):
                yield Complaint((key,), "register.bad-label", {"label": label})


def _of_field(field: Field) -> Iterator[tuple[str, str]]:
    if not KEY.fullmatch(field.key) or field.key in RESERVED:
        yield "key", "register.bad-field-key"
    if (field.type == "choice") != bool(field.choices):
        yield "choices", "register.choices"
    elif len({choice.key for choice in field.choices}) < len(field.choices):
        yield "choices", "register.choice-twice"
    if not field.of if field.type == "reference" else field.of and field.type != "texts":
        yield "of", "register.of"
    if field.label and field.type != "text":
        yield "label", "register.label-not-text"
    if field.unique and field.type not in _UNIQUE:
        yield "unique", "register.cannot-be-unique"
    yield from _of_limits(field)


def _of_limits(field: Field) -> Iterator[tuple[str, str]]:
    limits = (field.min, field.max)
    if (limits != (None, None) and field.type not in _NUMBERS) or (field.most and field.type not in _COUNTED):
        yield "min" if limits != (None, None) else "most", "register.limits"
    elif (field.min is not None and field.max is not None and field.min > field.max) or (field.most or 1) < 1:
        yield "max" if field.max is not None else "most", "register.limits-turned"
    if field.unit and field.type not in _NUMBERS:
        yield "unit", "register.of-numbers"


def _of_plain(field: Field, register: Register) -> Iterator[tuple[str, str]]:
    named = () if isinstance(field.plain, bool) else field.plain
    if (field.plain and field.type not in _NUMBERS) or not all(key in register.by_key for key in named):
        yield "plain", "register.of-numbers"

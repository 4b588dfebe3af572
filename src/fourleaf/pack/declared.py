# SPDX-License-Identifier: Apache-2.0
"""Declared: what the pack says now, one row a key; and how an engine follows what is declared of one kind."""

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Stream, Total
from fourleaf.pack.facts import Declared, Withdrawn


class Declaration(Row, frozen=True, kw_only=True):
    """One key of the pack. value is None once it was withdrawn."""

    TABLE: ClassVar[str] = "declared"
    KEY: ClassVar[tuple[str, ...]] = ("kind", "key_name")
    kind: str = ""
    key_name: str = ""
    version: int = 0
    value: dict[str, Any] | None = None


def stream_of(kind: str, key: str) -> str:
    return f"pack:{kind}/{key}"


def fold(row: Declaration, fact: Fact) -> Declaration:
    match fact.body:
        case Declared(kind=kind, key=key, value=value):
            return Declaration(kind=kind, key_name=key, version=fact.version, value=value)
        case Withdrawn(kind=kind, key=key):
            return Declaration(kind=kind, key_name=key, version=fact.version, value=None)
    return msgspec.structs.replace(row, version=fact.version)


DECLARATIONS = Stream(
    prefix="pack",
    tables=(Declaration,),
    start=lambda stream: Declaration(),
    step=fold,
    rows=lambda row: (row,) if row.version else (),
)
STREAMS = (DECLARATIONS,)


class Followed(Row, frozen=True, kw_only=True):
    """A row of an engine's own for each declared thing of one kind. present: False once the pack has it no longer.

    Its key is the declaration's; every other field has a default and takes what the pack says under the same name.
    """

    present: bool = True


def follower(kind: str, row: type[Followed]) -> Total:
    """Keeps an engine's table of what the pack declares of one kind, in the transaction of the load."""
    (key,) = row.KEY

    def keys(fact: Fact) -> Iterable[tuple[str]]:
        body = fact.body
        return [(body.key,)] if isinstance(body, Declared | Withdrawn) and body.kind == kind else []

    def step(before: Followed, fact: Fact) -> Followed:
        match fact.body:
            case Declared(key=name, value=value):
                # Strict would refuse a measured number, which the log keeps as a decimal string.
                return msgspec.convert(value | {key: name, "present": True}, row, strict=False)
        return msgspec.structs.replace(before, present=False)

    return Total(
        name=kind,
        of=(Declared, Withdrawn),
        row=row,
        keys=keys,
        start=lambda found: row(**{key: found[0]}),
        step=step,
        when="inline",
    )

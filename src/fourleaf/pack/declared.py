# SPDX-License-Identifier: Apache-2.0
"""Declared: what the pack says now, one row a key; the image of the pack's own facts."""

from typing import Any, ClassVar

import msgspec

from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Stream
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


STREAMS = (
    Stream(
        prefix="pack",
        tables=(Declaration,),
        start=lambda stream: Declaration(),
        step=fold,
        rows=lambda row: (row,) if row.version else (),
    ),
)

# SPDX-License-Identifier: Apache-2.0
"""Fact: one thing that happened, as the log keeps it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, ClassVar

import msgspec

from fourleaf.kernel.position import Position


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened. A subclass names its KIND (`engine.PastTense`) and the SCHEMA it writes.

    Limits: integers and strings, never floats: the row is hashed over its canonical text.
    """

    KIND: ClassVar[str] = ""
    SCHEMA: ClassVar[int] = 1


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A body with who, when and why. `stream@version` is its id, known before it is written.

    occurred_at: when it happened, recorded_at: when this system learned of it; both edition time, UTC.
    """

    run: str
    stream: str
    version: int
    body: Body
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    agency: str = ""
    cause: str | None = None
    labels: tuple[str, ...] = ("office",)
    position: Position | None = None

    @property
    def id(self) -> str:
        return f"{self.stream}@{self.version}"


class InexactNumber(ValueError):
    """A float stands where the log allows only integers and decimal strings."""


def columns(fact: Fact) -> dict[str, Any]:
    """The columns that are hashed: all but the position, the database's clock and the hash itself."""
    return {
        "run": fact.run,
        "stream": fact.stream,
        "version": fact.version,
        "kind": fact.body.KIND,
        "schema": fact.body.SCHEMA,
        "occurred_at": fact.occurred_at.astimezone(UTC),
        "recorded_at": fact.recorded_at.astimezone(UTC),
        "actor": fact.actor,
        "agency": fact.agency,
        "cause": fact.cause,
        "labels": list(fact.labels),
        "body": fact.body,
    }


_SORTED = msgspec.json.Encoder(order="sorted")
# Where a number with a fraction or an exponent could stand; it may also be the inside of a string.
_MAYBE_FLOAT = re.compile(rb"[0-9][.e][-+0-9]")


def canonical(row: Mapping[str, Any]) -> bytes:
    """The sorted-key JSON of the hashed columns: what is hashed, and what is sent to the log.

    Raises: InexactNumber when a float stands anywhere in the body.
    """
    body = _SORTED.encode(row["body"])
    if _MAYBE_FLOAT.search(body) or b"null" in body:  # what is no number is written as null
        _refuse_floats(msgspec.to_builtins(row["body"]))
    return _SORTED.encode({**row, "body": msgspec.Raw(body)})


def canonical_hash(row: Mapping[str, Any]) -> bytes:
    """sha256 over the canonical text.

    Raises: InexactNumber when a float stands anywhere in the body.
    """
    return sha256(canonical(row)).digest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise InexactNumber(f"write {value!r} as an integer or a decimal string")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


Upcast = Callable[[dict[str, Any]], dict[str, Any]]


class UnknownKind(LookupError):
    """The log holds a kind or schema that no engine of this release can read."""


class Kinds:
    """Every fact this release can read: kind -> body type, and the upcasters of older schemas."""

    def __init__(self, bodies: tuple[type[Body], ...], upcasts: Mapping[tuple[str, int], Upcast] | None = None) -> None:
        self._types = {body.KIND: body for body in bodies}
        self._decoders = {body.KIND: msgspec.json.Decoder(body) for body in bodies}
        self._upcasts = dict(upcasts or {})

    @property
    def upcasts(self) -> Mapping[tuple[str, int], Upcast]:
        """(kind, schema) -> what brings its body to the next schema."""
        return self._upcasts

    def __iter__(self) -> Iterator[type[Body]]:
        return iter(self._types.values())

    def decode(self, kind: str, schema: int, body: str | bytes) -> Body:
        """Read a stored body's JSON and bring it to today's schema, one pure step at a time.

        Raises: UnknownKind when a step or the kind itself is missing.
        """
        known = self._types.get(kind)
        if known is None:
            raise UnknownKind(f"{kind} (schema {schema})")
        if schema == known.SCHEMA:
            return self._decoders[kind].decode(body)
        if schema > known.SCHEMA:
            raise UnknownKind(f"{kind}: schema {schema} is newer than this release reads")
        older: dict[str, Any] = msgspec.json.decode(body)
        for step in range(schema, known.SCHEMA):
            upcast = self._upcasts.get((kind, step))
            if upcast is None:
                raise UnknownKind(f"{kind}: no upcaster from schema {step}")
            older = upcast(older)
        return self._decoders[kind].decode(msgspec.json.encode(older))

# SPDX-License-Identifier: Apache-2.0
"""Golden: facts of every shape there ever was, as the log kept them, and what they fold into."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from fourleaf.app.rooms import Rooms
from fourleaf.kernel.fact import Body, Fact, Kinds, canonical_hash
from fourleaf.kernel.fold import Row, fold_total
from fourleaf.kernel.position import Position

FOLDER = Path(__file__).parent
_BOUNDS = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length", "tz")
# Names of shapes, kind -> schema -> shape.
Shapes = dict[str, dict[str, Any]]
# Run -> table -> rows.
Tables = dict[str, dict[str, list[Any]]]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the log with all its columns. synthetic: no line is about real people or a real day."""

    synthetic: bool
    run: str
    epoch: int
    txid: int
    seq: int
    stream: str
    version: int
    kind: str
    schema: int
    occurred_at: datetime
    recorded_at: datetime
    written_at: datetime
    actor: str
    agency: str
    cause: str | None
    labels: list[str]
    body: dict[str, Any]
    hash: str

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.txid, self.seq)

    def hashed(self) -> str:
        """The hash that its columns should have."""
        unhashed = {"synthetic", "epoch", "txid", "seq", "written_at", "hash"}
        return canonical_hash(
            {name: getattr(self, name) for name in self.__struct_fields__ if name not in unhashed}
        ).hex()

    def fact(self, kinds: Kinds) -> Fact:
        """As today's release reads it. Raises: UnknownKind; msgspec.ValidationError."""
        return Fact(
            run=self.run,
            stream=self.stream,
            version=self.version,
            body=kinds.decode(self.kind, self.schema, msgspec.json.encode(self.body)),
            occurred_at=self.occurred_at,
            recorded_at=self.recorded_at,
            actor=self.actor,
            agency=self.agency,
            cause=self.cause,
            labels=tuple(self.labels),
            position=self.position,
        )


def engine(kind: str) -> str:
    return kind.partition(".")[0]


def lines(folder: Path = FOLDER) -> list[Line]:
    """Every stored fact, by run and position."""
    texts = [text for file in (folder / "facts").glob("*.jsonl") for text in file.read_bytes().splitlines()]
    found = [msgspec.json.decode(text, type=Line) for text in texts]
    return sorted(found, key=lambda line: (line.run, line.position))


def shapes(folder: Path = FOLDER) -> Shapes:
    found: Shapes = {}
    for file in (folder / "schemas").glob("*.json"):
        found |= msgspec.json.decode(file.read_bytes())
    return found


def tables(folder: Path = FOLDER) -> Tables:
    found: Tables = msgspec.json.decode((folder / "rows.json").read_bytes())
    return found


def shape(body: type[Body]) -> dict[str, str]:
    """The fields of a body with their types, constraints and defaults, in words that do not change with a library."""
    return _fields(inspect.type_info(body))


def _fields(struct: inspect.Type) -> dict[str, str]:
    assert isinstance(struct, inspect.StructType)
    return {field.encode_name: _type(field.type) + _default(field) for field in struct.fields}


def _default(field: inspect.Field) -> str:
    if field.default_factory is not msgspec.NODEFAULT:
        return f" = {field.default_factory.__name__}()"
    return "" if field.required else f" = {msgspec.json.encode(field.default).decode()}"


def _type(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata(type=inner):
            return _type(inner)
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(map(repr, values))}"
        case inspect.UnionType(types=types):
            return " | ".join(map(_type, types))
        case inspect.CollectionType(item_type=item):
            return f"{_plain(kind)} of {_type(item)}"
        case inspect.DictType(key_type=key, value_type=value):
            return f"{_plain(kind)} of {_type(key)} to {_type(value)}"
        case inspect.StructType():
            return "{" + ", ".join(f"{name}: {said}" for name, said in _fields(kind).items()) + "}"
    return _plain(kind)


def _plain(kind: inspect.Type) -> str:
    bounds = [f"{name}={value!r}" for name in _BOUNDS if (value := getattr(kind, name, None)) is not None]
    name = type(kind).__name__.removesuffix("Type").lower()
    return f"{name} ({', '.join(bounds)})" if bounds else name


def complaints(bodies: Iterable[type[Body]], stored: Shapes, kinds: Kinds) -> Iterator[str]:
    """What is wrong with the shapes of these bodies, and how to mend it."""
    now = {body.KIND: body for body in bodies}
    for kind in sorted(stored.keys() - now.keys()):
        yield f"{kind} is gone. The log may hold it for good: a kind keeps its name, and its body stays readable. {_unless(kind)}"
    for kind, body in sorted(now.items()):
        yield from _complaints(body, stored.get(kind, {}), kinds)


def _unless(kind: str) -> str:
    return f"(Was the engine never released? Then `make golden AGAIN={engine(kind)}`.)"


def _complaints(body: type[Body], stored: Mapping[str, Any], kinds: Kinds) -> Iterator[str]:
    kind, schema = body.KIND, body.SCHEMA
    if str(schema) not in stored:
        yield f"{kind} (schema {schema}) is not written down yet: run `make golden` and commit what it writes."
    elif stored[str(schema)] != shape(body):
        yield (
            f"{kind} has other fields than when schema {schema} was written down. Raise its SCHEMA to {schema + 1}, add"
            f' ("{kind}", {schema}) to UPCASTS in its facts.py, a function from the old body to the new one, then run'
            f" `make golden`. {_unless(kind)}"
        )
    for older in range(1, schema):
        if (kind, older) not in kinds.upcasts:
            yield f'{kind}: nothing brings schema {older} to {older + 1}. Add ("{kind}", {older}) to UPCASTS in its facts.py.'


def tables_of(rooms: Rooms, facts: Iterable[Fact]) -> dict[str, dict[str, list[Row]]]:
    """The rows of every stream and total, by run and table, in the order of their keys."""
    runs: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        runs[fact.run].append(fact)
    found: dict[str, dict[str, list[Row]]] = {}
    for run, some in sorted(runs.items()):
        found[run] = defaultdict(list)
        for row in sorted(_rows(rooms, some), key=lambda row: (row.TABLE, str(row.key()))):
            found[run][row.TABLE].append(row)
    return found


def _rows(rooms: Rooms, facts: list[Fact]) -> Iterator[Row]:
    streams = {stream.prefix: stream for stream in rooms.streams}
    states: dict[str, Any] = {}
    for fact in sorted(facts, key=lambda fact: fact.version):
        stream = streams.get(fact.stream.partition(":")[0])
        if stream:
            states[fact.stream] = stream.step(states.get(fact.stream) or stream.start(fact.stream), fact)
    for name, state in states.items():
        yield from streams[name.partition(":")[0]].rows(state)
    for total in rooms.totals:
        yield from fold_total(total, {}, facts).values()


def plain(rows: Any) -> Any:
    """Rows as JSON gives them back."""
    return msgspec.json.decode(msgspec.json.encode(rows))

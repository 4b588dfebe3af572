# SPDX-License-Identifier: Apache-2.0
"""Write down shapes of facts that are not in the golden log yet: python -m tests.golden [RUN [STREAM …] | --again ENGINE].

Without a run an example of each new shape is made from its types. With a run of the local Fourleaf real facts are taken: whole
streams, those named or the first one that has a new shape. What is written down already is never changed, unless an engine that was
never released is to be written down again.
"""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from importlib import import_module, util
from typing import Any

import msgspec
from msgspec import inspect

from fourleaf.app.database import opened
from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.kernel.fact import Body
from fourleaf.postgres.pool import connect
from tests.golden import golden
from tests.golden.golden import FOLDER, Line, engine

AT = datetime(2024, 11, 5, 1, tzinfo=UTC)
# The run of examples.
EXAMPLES = "golden"
_COLUMNS = (
    "true as synthetic, run, epoch, txid::text::bigint as txid, seq, stream, version, kind, schema, occurred_at, recorded_at,"
    " written_at, actor, agency, cause, labels, body, encode(hash, 'hex') as hash"
)


def main(words: Sequence[str]) -> None:
    if words[:1] == ["--again"]:
        _forget(words[1])
        words = ()
    stored, shapes = golden.lines(), golden.shapes()
    new = [body for body in rooms().kinds if str(body.SCHEMA) not in shapes.get(body.KIND, {})]
    taken = asyncio.run(_taken(words[0], words[1:], new)) if words else list(_examples(new, stored))
    known = {(line.run, line.stream, line.version) for line in stored}
    fresh = [line for line in taken if (line.run, line.stream, line.version) not in known]
    written = {(line.kind, line.schema) for line in (*stored, *fresh)}
    now = [body for body in new if (body.KIND, body.SCHEMA) in written]
    rows = golden.tables_of(rooms(), [line.fact(rooms().kinds) for line in (*stored, *fresh)])
    for name in sorted({engine(line.kind) for line in fresh}):
        _append(name, [line for line in fresh if engine(line.kind) == name])
    for name in sorted({engine(body.KIND) for body in now}):
        _keep_shapes(name, [body for body in now if engine(body.KIND) == name])
    (FOLDER / "rows.json").write_bytes(_pretty(rows))
    for body in new:
        print(f"{body.KIND} (schema {body.SCHEMA})", "is written down" if body in now else "has no fact in that run")


def _forget(name: str) -> None:
    (FOLDER / "facts" / f"{name}.jsonl").unlink(missing_ok=True)
    (FOLDER / "schemas" / f"{name}.json").unlink(missing_ok=True)


def _append(name: str, fresh: Iterable[Line]) -> None:
    with (FOLDER / "facts" / f"{name}.jsonl").open("ab") as file:
        file.writelines(msgspec.json.encode(line) + b"\n" for line in fresh)


def _keep_shapes(name: str, bodies: Iterable[type[Body]]) -> None:
    file = FOLDER / "schemas" / f"{name}.json"
    kept = msgspec.json.decode(file.read_bytes()) if file.exists() else {}
    for body in bodies:
        kept.setdefault(body.KIND, {})[str(body.SCHEMA)] = golden.shape(body)
    file.write_bytes(_pretty(kept))


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1) + b"\n"


async def _taken(run: str, streams: Sequence[str], new: Sequence[type[Body]]) -> list[Line]:
    """Whole streams of a run."""
    with opened(Settings.read()) as ready:
        assert ready.database_url is not None
        async with connect(ready.database_url, run) as connection:
            cursor = await connection.execute(
                "select distinct on (kind) stream from fourleaf.log where run = %s and kind = any(%s) order by kind, epoch, txid, seq",
                [run, [body.KIND for body in new]],
            )
            wanted = list(streams) or [row[0] for row in await cursor.fetchall()]
            cursor = await connection.execute(
                f"select to_json(l)::text from (select {_COLUMNS} from fourleaf.log where run = %s and stream = any(%s)"
                " order by epoch, txid, seq) l",
                [run, wanted],
            )
            return [msgspec.json.decode(row[0], type=Line) for row in await cursor.fetchall()]


def _examples(new: Iterable[type[Body]], stored: Iterable[Line]) -> Iterator[Line]:
    """Two facts of each shape: one with all its fields, one with as few as it may have."""
    no = max((line.seq for line in stored if line.run == EXAMPLES), default=0)
    for body in new:
        for version, full in enumerate((True, False), 1):
            no += 1
            yield _example(body, full, version, no)


def _example(body: type[Body], full: bool, version: int, no: int) -> Line:
    line = Line(
        synthetic=True,
        run=EXAMPLES,
        epoch=1,
        txid=no,
        seq=no,
        stream=f"{_prefix(engine(body.KIND))}:{body.__name__.lower()}-{body.SCHEMA}",
        version=version,
        kind=body.KIND,
        schema=body.SCHEMA,
        occurred_at=AT,
        recorded_at=AT,
        written_at=AT,
        actor="golden",
        agency="",
        cause=None,
        labels=["office"],
        body=msgspec.to_builtins(msgspec.convert(_fields(inspect.type_info(body), full), body)),
        hash="",
    )
    return msgspec.structs.replace(line, hash=line.hashed())


def _prefix(name: str) -> str:
    """The first stream of an engine."""
    found = f"fourleaf.engines.{name}.state"
    has_state = util.find_spec(f"fourleaf.engines.{name}") and util.find_spec(found)
    streams = getattr(import_module(found), "STREAMS", ()) if has_state else ()
    return streams[0].prefix if streams else name


_PLAIN: dict[type[inspect.Type], Any] = {
    inspect.AnyType: "any",
    inspect.StrType: "text",
    inspect.IntType: 1,
    inspect.BoolType: True,
    inspect.NoneType: None,
    inspect.DateTimeType: AT,
    inspect.DateType: date(2024, 11, 5),
}


def _of(kind: inspect.Type, full: bool) -> Any:
    """A value of a type, the fuller or the emptier one."""
    match kind:
        case inspect.Metadata(type=inner):
            return _of(inner, full)
        case inspect.LiteralType(values=values):
            return values[0 if full else -1]
        case inspect.UnionType(types=types):
            empty = not full and any(isinstance(one, inspect.NoneType) for one in types)
            return None if empty else _of(next(one for one in types if not isinstance(one, inspect.NoneType)), full)
        case inspect.CollectionType(item_type=item):
            return [_of(item, full)] if full else []
        case inspect.DictType(key_type=key, value_type=value):
            return {_of(key, full): _of(value, full)} if full else {}
        case inspect.StructType():
            return _fields(kind, full)
    if type(kind) not in _PLAIN:
        raise SystemExit(f"No example of a {type(kind).__name__} can be made: take facts from a run.")
    return _PLAIN[type(kind)]


def _fields(struct: inspect.Type, full: bool) -> dict[str, Any]:
    assert isinstance(struct, inspect.StructType)
    return {field.encode_name: _of(field.type, full) for field in struct.fields if full or field.required}


if __name__ == "__main__":
    main(sys.argv[1:])

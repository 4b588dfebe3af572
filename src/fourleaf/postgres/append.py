# SPDX-License-Identifier: Apache-2.0
"""Append: facts, the request that asked for them and the cache rows they change, in one statement."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import Any

import msgspec
from psycopg import sql
from psycopg.errors import UniqueViolation

from fourleaf.kernel.fact import Fact, canonical, columns
from fourleaf.kernel.fold import Change
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.pool import Connection

TRIES = 20


class StaleStream(Exception):
    """Somebody else wrote this version of the stream first: read again and decide again."""


class RequestConflict(Exception):
    """The same request id came with other input."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, under which id, for what: the same id gives the first answer."""

    actor: str
    id: str
    input_hash: bytes

    @classmethod
    def of(cls, actor: str, request_id: str, given: Any) -> "Request":
        return cls(actor=actor, id=request_id, input_hash=sha256(msgspec.json.encode(given, order="sorted")).digest())


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """What one command writes. answer: JSON-able, given again when the request is repeated."""

    facts: Sequence[Fact] = ()
    changes: Sequence[Change] = ()
    request: Request | None = None
    answer: Any = None


class Answer(msgspec.Struct, frozen=True):
    value: Any
    replayed: bool = False


Decide = Callable[[Connection], Awaitable[Append | Refusal]]


async def append(connection: Connection, *commands: Append) -> None:
    """Write the commands in one statement, all or nothing: one, or a batch.

    Of changes to the same row the last one counts.
    Raises: StaleStream; UniqueViolation of `request_once` when a request was answered before.
    """
    changes = _merge(change for command in commands for change in command.changes)
    requests = [command for command in commands if command.request]
    facts = [fact for command in commands for fact in command.facts]
    statement = _statement(
        bool(requests), bool(facts), tuple((at, bool(rows), bool(gone)) for at, (rows, gone) in changes.items())
    )
    if statement is None:
        return
    values: dict[str, Any] = {}
    if requests:
        values["requests"] = msgspec.json.encode(_request_values(requests)).decode()
    if facts:
        values["facts"] = _facts_text(facts)
    for number, (rows, gone) in enumerate(changes.values()):
        values |= {
            f"put{number}": msgspec.json.encode(rows).decode(),
            f"gone{number}": msgspec.json.encode(gone).decode(),
        }
    try:
        await connection.execute(statement, values)
    except UniqueViolation as error:
        if error.diag.schema_name == "fourleaf" and (error.diag.table_name or "").startswith("log"):
            raise StaleStream(error.diag.message_detail) from error
        raise


async def command(
    connection: Connection,
    request: Request,
    decide: Decide,
    *,
    constraints: Mapping[str, str] | None = None,
    lock: str | None = None,
) -> Answer | Refusal:
    """Read, decide and append until no one else got between. A repeated request gets its first answer.

    lock: a contended stream; deciders queue for it instead of racing (six times the rate of retries).
    constraints: database constraint -> code of the refusal it stands for.
    Raises: RequestConflict; StaleStream when the race was lost TRIES times.
    """
    for _ in range(TRIES):
        try:
            decided = await _once(connection, request, decide, lock)
            if isinstance(decided, Refusal):
                return await first_answer(connection, request) or decided
            return decided
        except StaleStream:
            continue
        except UniqueViolation as error:
            name = error.diag.constraint_name or ""
            if name.startswith("request_once"):
                answer = await first_answer(connection, request)
                if answer:
                    return answer
            if constraints and name in constraints:
                return Refusal(constraints[name])
            raise
    raise StaleStream(f"lost the race {TRIES} times for request {request.id}")


async def _once(connection: Connection, request: Request, decide: Decide, lock: str | None) -> Answer | Refusal:
    if lock is None:
        return await _decide_and_append(connection, request, decide)
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0))", [lock])
        return await _decide_and_append(connection, request, decide)


async def _decide_and_append(connection: Connection, request: Request, decide: Decide) -> Answer | Refusal:
    decided = await decide(connection)
    if isinstance(decided, Refusal):
        return decided
    await append(connection, msgspec.structs.replace(decided, request=request))
    return Answer(decided.answer)


async def first_answer(connection: Connection, request: Request) -> Answer | None:
    """The answer given to this request before, if it was.

    Raises: RequestConflict when the id was used for other input.
    """
    row = await (
        await connection.execute(
            "select input_hash, answer from request where actor = %s and request_id = %s", [request.actor, request.id]
        )
    ).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != request.input_hash:
        raise RequestConflict(request.id)
    return Answer(row[1], replayed=True)


def _merge(
    changes: Iterable[Change],
) -> dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[list[Any], list[Any]]]:
    """One change per key, by table; in key order, so that two writers lock rows in the same order."""
    last: dict[tuple[str, tuple[Any, ...]], Change] = {(change.table, change.key): change for change in changes}
    tables: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[list[Any], list[Any]]] = defaultdict(
        lambda: ([], [])
    )
    fields = {change.table: change.row.__struct_fields__ for change in last.values() if change.row is not None}
    for _, change in sorted(last.items(), key=itemgetter(0)):
        put, gone = tables[(change.table, change.key_names, fields.get(change.table, change.key_names))]
        if change.row is None:
            gone.append(dict(zip(change.key_names, change.key, strict=True)))
        else:
            put.append(change.row)
    return tables


def _request_values(commands: Sequence[Append]) -> list[dict[str, Any]]:
    return [
        {"actor": asked.actor, "request_id": asked.id, "input_hash": asked.input_hash.hex(), "answer": command.answer}
        for command in commands
        if (asked := command.request)
    ]


def _facts_text(facts: Sequence[Fact]) -> str:
    """The facts as one JSON list: the text that is hashed is the text that is sent, with its hash put in."""
    return f"[{','.join(map(_fact_text, facts))}]"


def _fact_text(fact: Fact) -> str:
    text = canonical(columns(fact))
    return f'{text[:-1].decode()},"hash":"{sha256(text).hexdigest()}"}}'


# Everything goes as one JSON text each: with a list of values a column, one connection wrote about half as many.
_REQUESTS = """req as (
  insert into request (actor, request_id, input_hash, answer)
  select actor, request_id, decode(input_hash, 'hex'), coalesce(answer, 'null'::jsonb)
  from jsonb_to_recordset(%(requests)s::text::jsonb) as q(actor text, request_id text, input_hash text, answer jsonb))"""

_FACTS = """put as (
  insert into fourleaf.log (run, epoch, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, cause, labels, body, hash)
  select f.run, cluster.epoch, f.stream, f.version, f.kind, f.schema, f.occurred_at, f.recorded_at, f.actor, f.agency, f.cause,
    f.labels, f.body, decode(f.hash, 'hex')
  from fourleaf.cluster, jsonb_to_recordset(%(facts)s::text::jsonb)
    as f(run text, stream text, version bigint, kind text, schema int, occurred_at timestamptz, recorded_at timestamptz,
      actor text, agency text, cause text, labels text[], body jsonb, hash text))"""


@lru_cache(maxsize=512)
def _statement(
    requests: bool, facts: bool, changes: tuple[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], bool, bool], ...]
) -> bytes | None:
    """The text of the statement, composed once for each set of tables it writes."""
    parts: list[sql.Composable] = []
    if requests:
        parts.append(sql.SQL(_REQUESTS))
    if facts:
        parts.append(sql.SQL(_FACTS))
    for number, ((table, key, names), put, gone) in enumerate(changes):
        if put:
            parts.append(upsert(table, key, names, number))
        if gone:
            parts.append(_delete(table, key, number))
    if not parts:
        return None
    return sql.SQL("with {} select 1").format(sql.SQL(", ").join(parts)).as_bytes()


def upsert(table: str, key: tuple[str, ...], names: tuple[str, ...], number: int) -> sql.Composed:
    rest = [name for name in names if name not in key]
    action = (
        sql.SQL("do update set {}").format(
            sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in rest)
        )
        if rest
        else sql.SQL("do nothing")
    )
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    return sql.SQL(
        "{cte} as (insert into {table} ({names}) select {names} from jsonb_populate_recordset(null::{table}, {rows}::text::jsonb)"
        " on conflict ({key}) {action})"
    ).format(
        cte=sql.Identifier(f"p{number}"),
        table=sql.Identifier(table),
        names=listed,
        rows=sql.Placeholder(f"put{number}"),
        key=sql.SQL(", ").join(map(sql.Identifier, key)),
        action=action,
    )


def _delete(table: str, key: tuple[str, ...], number: int) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, key))
    return sql.SQL(
        "{cte} as (delete from {table} where ({key}) in (select {key} from jsonb_populate_recordset(null::{table}, {rows}::text::jsonb)))"
    ).format(
        cte=sql.Identifier(f"g{number}"), table=sql.Identifier(table), key=listed, rows=sql.Placeholder(f"gone{number}")
    )

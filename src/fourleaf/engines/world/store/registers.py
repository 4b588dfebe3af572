# SPDX-License-Identifier: Apache-2.0
"""Registers: named queries over closures, moves and the things of registers."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncCursor, sql
from psycopg.rows import dict_row

from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.picture import Named
from fourleaf.engines.world.rules import Known
from fourleaf.engines.world.rules.asking import Asked
from fourleaf.engines.world.state import Item, Standing, Thing, plain
from fourleaf.pack.kinds import DECLARED
from fourleaf.postgres.pool import Connection

# What a register's field says, as something to sort and compare by. What was kept before the field became a number is none.
_NUMBERS = ("integer", "decimal")
_PIECE = 500
_NUMBER = r"case when fields ->> {key} ~ '^-?[0-9]+(\.[0-9]+)?$' then (fields ->> {key})::numeric end"


async def standing(connection: Connection, name: str) -> Standing:
    """How one thing stands, in the venue and in its register."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from world_thing where thing = %s", [name])
        thing = await cursor.fetchone()
        await cursor.execute("select * from world_item where thing = %s", [name])
        item = await cursor.fetchone()
    return Standing(
        thing=msgspec.convert(thing, Thing) if thing else Thing(thing=name),
        item=msgspec.convert(item, Item) if item else Item(thing=name),
    )


async def standings(connection: Connection, names: Sequence[str]) -> dict[str, Standing]:
    """The same of many things; without those that nothing was ever said of."""
    things, items = dict[str, Thing](), dict[str, Item]()
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from world_thing where thing = any(%s)", [list(names)])
        things = {row["thing"]: msgspec.convert(row, Thing) for row in await cursor.fetchall()}
        await cursor.execute("select * from world_item where thing = any(%s)", [list(names)])
        items = {row["thing"]: msgspec.convert(row, Item) for row in await cursor.fetchall()}
    return {
        name: Standing(thing=things.get(name) or Thing(thing=name), item=items.get(name) or Item(thing=name))
        for name in {*things, *items}
    }


async def registers(connection: Connection) -> dict[str, Register]:
    """What the pack declares now, by key."""
    cursor = await connection.execute(
        "select key_name, value from declared where kind = 'register' and value is not null order by key_name"
    )
    return {key: msgspec.convert(value, Register, strict=False) for key, value in await cursor.fetchall()}


async def groups(connection: Connection) -> dict[str, dict[str, str]]:
    """What the support groups are called. Shape: group -> language -> name."""
    cursor = await connection.execute(
        "select key_name, value -> 'name' from declared where kind = 'group' and value is not null"
    )
    return dict(await cursor.fetchall())


async def register(connection: Connection, name: str) -> Register | None:
    cursor = await connection.execute(
        "select value from declared where kind = 'register' and key_name = %s and value is not null", [name]
    )
    row = await cursor.fetchone()
    return msgspec.convert(row[0], Register, strict=False) if row else None


async def counts(connection: Connection) -> dict[str, int]:
    """How many things stand in each register."""
    cursor = await connection.execute("select register, count(*) from world_item where present group by register")
    return dict(await cursor.fetchall())


async def items(connection: Connection, register: str) -> dict[str, Item]:
    """Everything ever kept in a register, removed things too, by id."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from world_item where register = %s", [register])
        return {row["item"]: msgspec.convert(row, Item) for row in await cursor.fetchall()}


async def known(
    connection: Connection, register: str, named: Collection[tuple[str, str]], unique: Collection[tuple[str, str]]
) -> Known:
    """What the house knows of the references of things and of the values they want for themselves alone.

    named: (of, id); unique: (field, value).
    """
    found = await existing(connection, named)
    cursor = await connection.execute(
        "select field, value, thing from world_claim where register = %s"
        " and (field, value) in (select * from unnest(%s::text[], %s::text[]))",
        [register, [field for field, _ in unique], [value for _, value in unique]],
    )
    claims = {(row[0], row[1]): row[2] for row in await cursor.fetchall()}
    missing = {one for one in named if one not in found}
    return Known(missing=missing, taken=claims, registers=await _called(connection, {of for of, _ in missing}))


async def _called(connection: Connection, registers: Collection[str]) -> dict[str, Mapping[str, str]]:
    """What some registers are called. Shape: register -> language -> name."""
    if not registers:
        return {}
    cursor = await connection.execute(
        "select key_name, value -> 'name' from declared where kind = 'register' and key_name = any(%s)"
        " and value is not null",
        [list(registers)],
    )
    return dict(await cursor.fetchall())


async def existing(connection: Connection, named: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these exist: things of a register, of a kind of the venue, or ("") any of it; photos and files of no person."""
    ofs, ids = [of for of, _ in named], [id_ for _, id_ in named]
    cursor = await connection.execute(
        "select a.of, a.id from unnest(%s::text[], %s::text[]) as a(of, id) where"
        " exists (select from world_item i where i.register = a.of and i.item = a.id and i.present)"
        " or exists (select from fourleaf.blob b where a.of in ('photo', 'file') and b.run = current_schema()"
        " and 'blob:' || b.blob = a.id and b.person is null and (a.of = 'file' or b.media like 'image/%%'))"
        " or exists (select from declared d where d.key_name = a.id and d.value is not null"
        " and (d.kind = a.of or (a.of = '' and d.kind = any(%s))))",
        [ofs, ids, [*DECLARED, "level"]],
    )
    return {(row[0], row[1]) for row in await cursor.fetchall()}


async def referred(connection: Connection, named: Collection[tuple[str, str]]) -> list[Any]:
    """What is known of things that others name. Shape: of, id, fields in a register; name and labels as declared."""
    cursor = await connection.execute(
        "select a.of, a.id, i.fields, d.value -> 'name', d.value -> 'see' from unnest(%s::text[], %s::text[]) as a(of, id)"
        " left join world_item i on i.thing = a.of || '.' || a.id left join declared d on d.key_name = a.id"
        " and d.value is not null and (d.kind = a.of or (a.of = '' and d.kind = any(%s)))",
        [[of for of, _ in named], [id_ for _, id_ in named], list(DECLARED)],
    )
    return await cursor.fetchall()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """items: of this page; total: of all pages."""

    items: list[Item]
    total: int


async def page(connection: Connection, asked: Asked, declared: Register) -> Page:
    """One page of a register, filtered and sorted.

    Method: of a whole register the index gives the number, and in the order of ids the page too. A filtered page reads the
    things once for both: what is asked for is kept aside with what it is sorted by, counted, and only the page is fetched.
    """
    if not asked.filtered:
        return await _page_of_all(connection, asked, declared)
    where, values = _where(asked, declared)
    query = sql.SQL(
        "with hits as materialized (select thing, item, {key} as key from world_item where {where}),"
        " shown as (select * from hits order by key {turned}, item limit {limit} offset {offset})"
        " select (select count(*) from hits) as total, i.* from (values (0)) as always(one) left join"
        " (shown join world_item i using (thing, item)) on true order by shown.key {turned}, item"
    ).format(key=_key(asked, declared), where=where, **_part(asked))
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, values)
        first = await cursor.fetchmany(1)  # where nothing is found it says so, and of no thing
        found = [] if first[0]["thing"] is None else [msgspec.convert(first[0], Item), *await _items(cursor)]
    return Page(items=found, total=first[0]["total"])


async def _page_of_all(connection: Connection, asked: Asked, declared: Register) -> Page:
    where, values = _where(asked, declared)
    count = sql.SQL("select count(*) from world_item where {}").format(where)
    total = await (await connection.execute(count, values)).fetchone()
    query = sql.SQL(
        "select * from world_item where {where} order by {order} {turned}, item limit {limit} offset {offset}"
    )
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.format(where=where, order=_key(asked, declared), **_part(asked)), values)
        found = await _items(cursor)
    return Page(items=found, total=total[0] if total else 0)


async def _items(cursor: AsyncCursor[dict[str, Any]]) -> list[Item]:
    """The things of an answer. Of a whole register they are made piece by piece, so that others get their turn between."""
    found = list[Item]()
    while rows := await cursor.fetchmany(_PIECE):
        found += [msgspec.convert(row, Item) for row in rows]
        await asyncio.sleep(0)
    return found


def _part(asked: Asked) -> dict[str, sql.Composable]:
    return {
        "turned": sql.SQL(("desc" if asked.descending else "asc") + (" nulls last" if asked.sort else "")),
        "limit": sql.Literal(asked.limit),
        "offset": sql.Literal(asked.offset),
    }


async def search(connection: Connection, registers: Sequence[str], text: str, limit: int) -> list[Item]:
    """Things of these registers that hold every word of the text; those whose id begins with it first."""
    wanted = [_pattern(word) for word in plain(text).split()]
    if not wanted:
        return []
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select * from world_item where present and register = any(%s) and words like all(%s)"
            " order by not starts_with(lower(item), %s), register, item limit %s",
            [list(registers), wanted, plain(text).strip(), limit],
        )
        return [msgspec.convert(row, Item) for row in await cursor.fetchall()]


def _where(asked: Asked, declared: Register) -> tuple[sql.Composed, list[Any]]:
    parts: list[sql.Composable] = [sql.SQL("register = %s and present")]
    values: list[Any] = [asked.register]
    for word in plain(asked.words).split():
        parts.append(sql.SQL("words like %s"))
        values.append(_pattern(word))
    for field, wanted in asked.equal.items():
        parts.append(sql.SQL("({})").format(sql.SQL(" or ").join([sql.SQL("fields @> %s::text::jsonb")] * len(wanted))))
        values += [msgspec.json.encode({field: one}).decode() for one in wanted]
    for bound, sign in ((asked.low, ">="), (asked.high, "<=")):
        for field, limit in bound.items():
            typed = "numeric" if declared.by_key[field].type in _NUMBERS else "text"
            parts.append(sql.SQL(f"{{}} {sign} %s::text::{typed}").format(_as_typed(field, declared)))
            values.append(limit)
    for field, text in asked.like.items():
        parts.append(sql.SQL("lower(fields ->> %s) like %s"))
        values += [field, _pattern(text.lower())]
    return sql.SQL(" and ").join(parts), values


def _key(asked: Asked, declared: Register) -> sql.Composable:
    """What the things are sorted by."""
    if not asked.sort:
        return sql.SQL("item")
    return _as_typed(asked.sort, declared)


def _as_typed(field: str, declared: Register) -> sql.Composable:
    is_number = declared.by_key[field].type in _NUMBERS
    return sql.SQL(_NUMBER if is_number else "fields ->> {key}").format(key=sql.Literal(field))


def _pattern(word: str) -> str:
    """A word anywhere in a text; its own signs of a pattern are ordinary."""
    kept = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{kept}%"


async def changed(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every changed thing and its name in the pack: ids are unique over all kinds of places."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select t.*, d.kind as kind_named, d.value -> 'name' as name from world_thing t left join declared d"
            " on d.key_name = t.thing and d.kind = any(%(kinds)s) and d.value is not null"
            " where %(all)s or t.thing = any(%(things)s)",
            {"all": things is None, "things": list(things or ()), "kinds": list(DECLARED)},
        )
        return {row["thing"]: _named(row) for row in await cursor.fetchall()}


def _named(row: dict[str, Any]) -> Named:
    return Named(kind=row.pop("kind_named"), name=row.pop("name"), thing=msgspec.convert(row, Thing))


async def places(connection: Connection, kinds: Collection[str]) -> list[tuple[str, dict[str, str]]]:
    """Things of the venue of some kinds. Shape: id and its name by language; kind by kind."""
    cursor = await connection.execute(
        "select key_name, value -> 'name' from declared where kind = any(%s) and value is not null order by kind, key_name",
        [list(kinds)],
    )
    return [(key, name or dict.fromkeys(("zh", "en"), key)) for key, name in await cursor.fetchall()]


async def kind_of_place(connection: Connection, thing: str) -> str | None:
    """What kind of thing the pack's venue says this is; None when it has no such thing."""
    cursor = await connection.execute(
        "select kind from declared where key_name = %s and kind = any(%s) and value is not null",
        [thing, list(DECLARED)],
    )
    row = await cursor.fetchone()
    return row[0] if row else None

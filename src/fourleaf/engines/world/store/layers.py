# SPDX-License-Identifier: Apache-2.0
"""Layers: named queries for a map of tens of thousands of things: where they stand, level by level, and which are not calm."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg import sql
from psycopg.types.json import Jsonb

from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.picture import Stated
from fourleaf.engines.world.store.registers import registers
from fourleaf.postgres.pool import Connection

# Who stands on no level is outside, and shown on every level.
_ON_LEVEL = sql.SQL("(%(level)s::text is null or p ->> 'level' is null or p ->> 'level' = %(level)s)")
_FOUND = sql.SQL(
    "select item, fields, fields -> {place} as p, case when fields ->> {state} = any(%(odd)s) then fields ->> {state} end as odd"
    " from world_item where register = %(register)s and present and fields ? {place}"
)

# What stands in a feature of GeoJSON around its point, its id and its state.
_FEATURE = {
    "head": '{"type":"Feature","geometry":{"type":"Point","coordinates":[',
    "id": ']},"properties":{"id":',
    "state": ',"state":',
    "foot": "}}",
}


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """features: of GeoJSON, as text with commas between; at: what stands at things of the venue, as id, state, id of that."""

    features: str
    at: list[tuple[str, str | None, str]]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """total: how many stand on the level. things: the first of them, those that are not calm before all others: id, name,
    state. at: what stands at things of the venue, on whatever level those are: the same, and the id of that."""

    total: int
    things: list[tuple[str, str, str | None]]
    at: list[tuple[str, str, str | None, str]]


async def steps_taken(connection: Connection, register: str) -> int:
    """How often anything of a register was added, changed, removed or restored: the same number, the same things."""
    row = await (
        await connection.execute("select coalesce(sum(version), 0) from world_item where register = %s", [register])
    ).fetchone()
    assert row is not None
    return int(row[0])


async def located(connection: Connection, register: str, declared: Register, level: str | None) -> Located:
    """Where the things of a register stand. PostgreSQL writes the text: no other work is done for a map of thousands."""
    if declared.place is None:
        return Located(features="", at=[])
    query = sql.SQL(
        "with found as not materialized ({found}) select coalesce(string_agg({head} || (p ->> 'lon')::float8 || ',' ||"
        " (p ->> 'lat')::float8 || {id} || to_json(item)::text || coalesce({state} || to_json(odd)::text, '') || {foot}, ',')"
        " filter (where p ? 'lon' and {on_level}), ''),"
        " coalesce(json_agg(json_build_array(item, odd, p ->> 'at')) filter (where p ? 'at'), '[]')::text from found"
    ).format(found=_found(declared), on_level=_ON_LEVEL, **{name: sql.Literal(text) for name, text in _FEATURE.items()})
    row = await (await connection.execute(query, _asked(register, declared, level))).fetchone()
    assert row is not None
    return Located(features=row[0], at=msgspec.json.decode(row[1], type=list[tuple[str, str | None, str]]))


async def named(
    connection: Connection, register: str, declared: Register, lang: str, level: str | None, most: int
) -> Listed:
    """What the things of a register are called, for a list beside the map."""
    if declared.place is None:
        return Listed(total=0, things=[], at=[])
    labels = [sql.SQL("fields ->> {}").format(sql.Literal(field.key)) for field in declared.labels(lang)]
    query = sql.SQL(
        "with found as not materialized ({found}), here as (select item, odd from found where p ? 'lon' and {on_level}),"
        " first as (select item from here order by odd is null, item limit %(most)s)"
        " select (select count(*) from here),"
        " (select coalesce(json_agg(json_build_array(item, {name}, odd) order by odd is null, item), '[]')::text"
        "  from found where item in (select item from first)),"
        " (select coalesce(json_agg(json_build_array(item, {name}, odd, p ->> 'at') order by odd is null, item), '[]')::text"
        "  from found where p ? 'at')"
    ).format(
        found=_found(declared),
        on_level=_ON_LEVEL,
        name=sql.SQL("coalesce({}, item)").format(sql.SQL(", ").join(labels)),
    )
    values = _asked(register, declared, level) | {"most": most}
    row = await (await connection.execute(query, values)).fetchone()
    assert row is not None
    return Listed(total=row[0], things=msgspec.json.decode(row[1]), at=msgspec.json.decode(row[2]))


async def states(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Stated]:
    """Things of registers that say how they stand: those asked for, calm or not; of all only those that are not calm."""
    found = dict[str, Stated]()
    touched = None if things is None else {thing.partition(".")[0] for thing in things}
    declared = {} if touched == set() else await registers(connection)
    for key, one in declared.items():
        if not one.layer or not one.state or (touched is not None and key not in touched):
            continue
        query, values = _standing(key, one, things)
        cursor = await connection.execute(query, values)
        for thing, answer in await cursor.fetchall():
            found[thing] = Stated(see=one.see, answer=one.odd.get(answer or ""))
    return found


def _standing(register: str, declared: Register, things: Collection[str] | None) -> tuple[sql.Composed, dict[str, Any]]:
    """Of all things those whose answer is not calm, by the index of what things say."""
    assert declared.state is not None
    key, values = declared.state.key, dict[str, Any](register=register)
    if things is None:
        values |= {f"odd{number}": Jsonb({key: odd}) for number, odd in enumerate(declared.odd)}
        one_of = sql.SQL(" or ").join(
            sql.SQL("fields @> {}").format(sql.Placeholder(f"odd{n}")) for n in range(len(declared.odd))
        )
        where = sql.SQL("present and ({})").format(one_of)
    else:
        values["things"] = [one for one in things if one.startswith(f"{register}.")]
        where = sql.SQL("thing = any(%(things)s)").format()
    query = sql.SQL(
        "select thing, case when present then fields ->> {} end from world_item where register = %(register)s and {}"
    )
    return query.format(sql.Literal(key), where), values


def _found(declared: Register) -> sql.Composed:
    assert declared.place is not None
    state = declared.state.key if declared.state else ""
    return _FOUND.format(place=sql.Literal(declared.place.key), state=sql.Literal(state))


def _asked(register: str, declared: Register, level: str | None) -> dict[str, Any]:
    return {"register": register, "level": level, "odd": list[str](declared.odd)}

# SPDX-License-Identifier: Apache-2.0
"""World: named queries over closures and moves."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.world.picture import Named
from fourleaf.engines.world.state import Thing
from fourleaf.pack.kinds import DECLARED
from fourleaf.postgres.pool import Connection

CONSTRAINTS: dict[str, str] = {}


async def thing(connection: Connection, name: str) -> Thing:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from world_thing where thing = %s", [name])
        row = await cursor.fetchone()
    return msgspec.convert(row, Thing) if row else Thing(thing=name)


async def _changed(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
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


VIEWS = {"world_things": _changed}

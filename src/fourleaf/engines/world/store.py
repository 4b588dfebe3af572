# SPDX-License-Identifier: Apache-2.0
"""World: named queries over closures and moves."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.world.state import Thing
from fourleaf.postgres.pool import Connection

CONSTRAINTS: dict[str, str] = {}


async def thing(connection: Connection, name: str) -> Thing:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from world_thing where thing = %s", [name])
        row = await cursor.fetchone()
    return msgspec.convert(row, Thing) if row else Thing(thing=name)


async def _changed(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select * from world_thing where %(all)s or thing = any(%(things)s)",
            {"all": things is None, "things": list(things or ())},
        )
        return {row["thing"]: msgspec.convert(row, Thing) for row in await cursor.fetchall()}


VIEWS = {"world_things": _changed}

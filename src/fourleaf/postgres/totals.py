# SPDX-License-Identifier: Apache-2.0
"""Totals: rows of totals and followers, loaded and folded; the same code for the tail and for inline ones."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from psycopg import sql
from psycopg.rows import dict_row

from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Change, Row, Total, fold_total
from fourleaf.postgres.pool import Connection


async def load(connection: Connection, row: type[Row], keys: Iterable[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
    """The rows of these keys that exist."""
    wanted = [dict(zip(row.KEY, key, strict=True)) for key in set(keys)]
    if not wanted:
        return {}
    listed = sql.SQL(", ").join(map(sql.Identifier, row.KEY))
    query = sql.SQL(
        "select {names} from {table} where ({key}) in (select {key} from jsonb_populate_recordset(null::{table}, %s::text::jsonb))"
    ).format(
        names=sql.SQL(", ").join(map(sql.Identifier, row.__struct_fields__)),
        table=sql.Identifier(row.TABLE),
        key=listed,
    )
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, [msgspec.json.encode(wanted).decode()])
        return {found.key(): found for found in [msgspec.convert(record, row) for record in await cursor.fetchall()]}


async def fold(connection: Connection, total: Total, facts: Sequence[Fact]) -> list[Change]:
    """The changes these facts make to one total."""
    concerned = [fact for fact in facts if isinstance(fact.body, total.of)]
    if not concerned:
        return []
    keys = {key for fact in concerned for key in total.keys(fact)}
    before = await load(connection, total.row, keys)
    after = fold_total(total, before, concerned)
    return [Change(total.row.TABLE, total.row.KEY, key, row) for key, row in after.items() if before.get(key) != row]

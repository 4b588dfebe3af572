# SPDX-License-Identifier: Apache-2.0
"""People: named queries over accounts and roles."""

from collections.abc import Collection
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.people.state import Account, Role
from fourleaf.postgres.pool import Connection

CONSTRAINTS: dict[str, str] = {}


async def account(connection: Connection, name: str) -> Account:
    """The account of this id; one that was never opened has no version."""
    return (await accounts(connection, [name])).get(name, Account(account=name))


async def accounts(connection: Connection, names: Collection[str] | None = None) -> dict[str, Account]:
    """Accounts by id; None: all of them."""
    found = await _rows(
        connection,
        "select * from people_account where %(all)s or account = any(%(names)s) order by opened_at, account",
        {"all": names is None, "names": list(names or ())},
    )
    return {row["account"]: msgspec.convert(row, Account) for row in found}


async def roles(connection: Connection) -> dict[str, Role]:
    """The edition's roles, in the order of their keys."""
    found = await _rows(connection, "select * from people_role order by role", {})
    return {row["role"]: msgspec.convert(row, Role) for row in found}


async def groups(connection: Connection) -> dict[str, dict[str, str]]:
    """Shape: id of a support group -> its name by language."""
    found = await _rows(
        connection,
        "select key_name, value -> 'name' as name from declared where kind = 'group' and value is not null order by key_name",
        {},
    )
    return {row["key_name"]: row["name"] for row in found}


async def demo_accounts(connection: Connection) -> list[dict[str, Any]]:
    """The made-up accounts that the pack declares."""
    found = await _rows(
        connection,
        "select value from declared where kind = 'demo_account' and value is not null order by key_name",
        {},
    )
    return [row["value"] for row in found]


async def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchall()

# SPDX-License-Identifier: Apache-2.0
"""Checks: which background checks are to be asked for, and when again. Wall time: the outside world has its own."""

from collections.abc import Collection

import msgspec

from fourleaf.engines.credentials.declares import BackgroundCheck
from fourleaf.engines.credentials.store.reading import rows
from fourleaf.postgres.pool import Connection


async def queue_checks(connection: Connection, types: Collection[str], limit: int) -> int:
    """Note what came to a background stage since the last look. types: for which somebody answers. Gives how many."""
    cursor = await connection.execute(
        "insert into credentials_check (credential) select credential from credentials_credential c"
        " where status = 'vetting' and stage_kind = 'background' and answer = '' and type = any(%s)"
        " and not exists (select from credentials_check k where k.credential = c.credential)"
        " order by due_at limit %s on conflict do nothing",
        [list(types), limit],
    )
    return cursor.rowcount


async def due_checks(connection: Connection, limit: int) -> list[tuple[str, str, str, int]]:
    """Shape: credential, holder, category, failures so far; the longest due first."""
    found = await rows(
        connection,
        "select k.credential, c.holder, c.type, k.failures from credentials_check k join credentials_credential c using (credential)"
        " where k.due <= clock_timestamp() and c.status = 'vetting' and c.stage_kind = 'background'"
        " order by k.due limit %(limit)s",
        {"limit": limit},
    )
    return [(row["credential"], row["holder"], row["type"], row["failures"]) for row in found]


async def ask_again(connection: Connection, name: str, after_s: float) -> None:
    await connection.execute(
        "update credentials_check set failures = failures + 1, due = clock_timestamp() + make_interval(secs => %s)"
        " where credential = %s",
        [after_s, name],
    )


async def answered(connection: Connection, name: str) -> None:
    await connection.execute("delete from credentials_check where credential = %s", [name])


async def checkers(connection: Connection) -> dict[str, BackgroundCheck]:
    """Who answers for which category. Shape: category -> the outside system."""
    found = await rows(
        connection,
        "select value from declared where kind = 'background_check' and value is not null order by key_name",
        {},
    )
    each = [msgspec.convert(row["value"], BackgroundCheck, strict=False) for row in found]
    return {key: one for one in each for key in one.types}

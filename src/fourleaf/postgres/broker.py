# SPDX-License-Identifier: Apache-2.0
"""Broker: what the worker last saw of it, for whoever watches the server from outside."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from psycopg.types.json import Jsonb

from fourleaf.postgres.pool import Connection

# Told every second; nobody who told for so long has a broker.
SILENT_AFTER = timedelta(seconds=10)
# Held by the one process that takes messages in.
_LOCK = "hashtextextended('intake of messages', 0)"


class BrokerSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Unit: connected in devices, waiting in messages."""

    told_at: datetime
    connected: int
    waiting: int
    taken: dict[str, int]


async def claim(connection: Connection) -> bool:
    """Be the only one who takes messages in, until the end of the connection. False: somebody else is."""
    row = await (await connection.execute(f"select pg_try_advisory_lock({_LOCK})")).fetchone()
    return row is not None and bool(row[0])


async def tell(
    connection: Connection, told_at: datetime, *, connected: int, waiting: int, taken: Mapping[str, int]
) -> None:
    await connection.execute(
        "insert into fourleaf.broker (told_at, connected, waiting, taken) values (%s, %s, %s, %s)"
        " on conflict (one) do update set told_at = excluded.told_at, connected = excluded.connected,"
        " waiting = excluded.waiting, taken = excluded.taken",
        [told_at, connected, waiting, Jsonb(dict(taken))],
    )


async def seen(connection: Connection) -> BrokerSeen | None:
    """None when no broker was ever seen."""
    cursor = await connection.execute("select told_at, connected, waiting, taken from fourleaf.broker")
    row = await cursor.fetchone()
    return None if row is None else BrokerSeen(told_at=row[0], connected=row[1], waiting=row[2], taken=row[3])

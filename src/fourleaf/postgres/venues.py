# SPDX-License-Identifier: Apache-2.0
"""Venues: the geometry of packs, kept by hash, so that every web process serves the same bytes."""

import gzip
from collections.abc import Mapping
from typing import Any

import msgspec

from fourleaf.postgres.pool import Connection


async def keep(connection: Connection, venue_hash: str, body: bytes) -> None:
    await connection.execute(
        "insert into fourleaf.venue (hash, body_gzip) values (%s, %s) on conflict do nothing",
        [venue_hash, gzip.compress(body, 6, mtime=0)],
    )


async def compressed(connection: Connection, venue_hash: str) -> bytes | None:
    """The body, gzip."""
    row = await (
        await connection.execute("select body_gzip from fourleaf.venue where hash = %s", [venue_hash])
    ).fetchone()
    return bytes(row[0]) if row else None


async def declared(connection: Connection, kind: str, key: str) -> dict[str, object] | None:
    """What the pack of this run says now of one key."""
    row = await (
        await connection.execute("select value from declared where kind = %s and key_name = %s", [kind, key])
    ).fetchone()
    return row[0] if row else None


async def features(connection: Connection) -> Mapping[str, Mapping[str, Any]]:
    """Everything of the venue of this run, by id. Ids are unique over all kinds."""
    said = await declared(connection, "venue", "venue")
    body = await compressed(connection, str(said["hash"])) if said else None
    if body is None:
        return {}
    kinds = msgspec.json.decode(gzip.decompress(body))["features"]
    return {one["id"]: one for kind in kinds.values() for one in kind["features"]}

# SPDX-License-Identifier: Apache-2.0
"""Sensing: named queries over readings, halls and doors."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.sensing.state import DoorView, HallView
from fourleaf.postgres.pool import Connection

CONSTRAINTS: dict[str, str] = {}
# Tables that outlive a rebuild.
KEPT = ("reading",)


async def add_counts(
    connection: Connection, door: str, sequence: int, counts: Sequence[tuple[datetime, int, int]]
) -> int:
    """Store counts of one door; a minute told before is ignored. Gives how many were new."""
    cursor = await connection.execute(
        "with given as (select * from unnest(%s::timestamptz[], %s::int[], %s::int[]) as g(minute, n_in, n_out)),"
        " put as (insert into reading (minute, door, n_in, n_out, sequence) select g.minute, %s, g.n_in, g.n_out, %s from given g"
        " on conflict (minute, door) do nothing returning 1) select count(*) from put",
        [[c[0] for c in counts], [c[1] for c in counts], [c[2] for c in counts], door, sequence],
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


_HALLS = """
with per_minute as (
  select d.hall, r.minute, sum(r.n_in - r.n_out)::int as change from reading r join sensing_door d using (door)
  where r.minute >= %(since)s and r.minute <= %(now)s group by d.hall, r.minute),
running as (select hall, minute, sum(change) over (partition by hall order by minute) as inside from per_minute),
latest as (
  select hall, max(minute) as last, max(inside)::int as peak, (array_agg(inside order by minute desc))[1]::int as occupancy
  from running group by hall)
select h.hall, h.thresholds, coalesce(l.occupancy, 0) as occupancy, coalesce(greatest(l.peak, 0), 0) as peak, l.last,
  coalesce(v.level, 'calm') as level, v.since, coalesce(v.version, 0) as version, %(sample)s::int as sample_ppm
from sensing_hall h left join latest l using (hall) left join sensing_hall_level v using (hall) where h.present order by h.hall"""


async def halls(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every hall by its doors' counts of the day."""
    cursor = await connection.execute("select sample_ppm from fourleaf.run where run = current_schema()")
    row = await cursor.fetchone()
    sample = row[0] if row else 1_000_000
    async with connection.cursor(row_factory=dict_row) as found:
        await found.execute(_HALLS, {"since": now - timedelta(hours=20), "now": now, "sample": sample})
        return {row["hall"]: msgspec.convert(row, HallView) for row in await found.fetchall()}


async def hall_total(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    return {"halls": list((await halls(connection, None, now)).values())}


async def doors(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every door and the last minute it reported in the last day."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select d.door, d.hall, coalesce(v.version, 0) as version, v.silent_since,"
            " (select max(minute) from reading r where r.door = d.door and r.minute >= %s and r.minute <= %s) as last"
            " from sensing_door d left join sensing_door_voice v using (door) where d.present",
            [now - timedelta(hours=20), now],
        )
        return {row["door"]: msgspec.convert(row, DoorView) for row in await cursor.fetchall()}


VIEWS = {"halls": halls, "hall_total": hall_total, "doors": doors}

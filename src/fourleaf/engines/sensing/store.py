# SPDX-License-Identifier: Apache-2.0
"""Sensing: named queries over readings, halls and doors."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.sensing import rules
from fourleaf.engines.sensing.state import DoorView, HallView
from fourleaf.postgres.pool import Connection

CONSTRAINTS: dict[str, str] = {}
# Tables that outlive a rebuild.
KEPT = ("reading", "reading_hall_minute", "reading_door")


_ADD = """
with given as (select * from unnest(%(minutes)s::timestamptz[], %(ins)s::int[], %(outs)s::int[]) as g(minute, n_in, n_out)),
put as (
  insert into reading (minute, door, n_in, n_out, sequence) select minute, %(door)s, n_in, n_out, %(sequence)s from given
  on conflict (minute, door) do nothing returning minute, n_in - n_out as change),
hall as (
  insert into reading_hall_minute (hall, minute, change)
  select d.hall, put.minute, put.change from put, sensing_door d where d.door = %(door)s order by put.minute
  on conflict (hall, minute) do update set change = reading_hall_minute.change + excluded.change),
told as (
  insert into reading_door (door, hall, last)
  select d.door, d.hall, max(put.minute) from put, sensing_door d where d.door = %(door)s group by d.door, d.hall
  on conflict (door) do update set last = greatest(reading_door.last, excluded.last))
select count(*) from put"""


async def add_counts(
    connection: Connection, door: str, sequence: int, counts: Sequence[tuple[datetime, int, int]]
) -> int:
    """Store counts of one door; a minute told before is ignored. Gives how many were new."""
    minutes, ins, outs = ([count[part] for count in counts] for part in range(3))
    values = {"door": door, "sequence": sequence, "minutes": minutes, "ins": ins, "outs": outs}
    row = await (await connection.execute(_ADD, values)).fetchone()
    return int(row[0]) if row else 0


# A hall is counted up to the minute that all its doors have told; a door that fell silent is not waited for.
_HALLS = """
with told as (
  select hall, min(last) as upto from reading_door d
  where last >= %(since)s and last > (select max(last) from reading_door) - %(silent)s::interval group by hall),
running as (
  select m.hall, m.minute, sum(m.change) over (partition by m.hall order by m.minute) as inside
  from reading_hall_minute m join told t using (hall) where m.minute between %(since)s and least(t.upto, %(now)s)),
latest as (
  select hall, max(minute) as last, max(inside)::int as peak, (array_agg(inside order by minute desc))[1]::int as occupancy
  from running group by hall)
select h.hall, h.thresholds, coalesce(l.occupancy, 0) as occupancy, coalesce(greatest(l.peak, 0), 0) as peak, l.last,
  coalesce(v.level, 'calm') as level, v.since, coalesce(v.version, 0) as version, r.sample_ppm
from sensing_hall h cross join (select sample_ppm from fourleaf.run where run = current_schema()) r
left join latest l using (hall) left join sensing_hall_level v using (hall) where h.present order by h.hall"""


async def halls(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every hall by its doors' counts of the day."""
    values = {"since": now - timedelta(hours=20), "now": now, "silent": rules.SILENT_AFTER}
    async with connection.cursor(row_factory=dict_row) as found:
        await found.execute(_HALLS, values)
        return {row["hall"]: msgspec.convert(row, HallView) for row in await found.fetchall()}


async def doors(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every door and the last minute it told in the last day."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select d.door, d.hall, coalesce(v.version, 0) as version, v.silent_since,"
            " case when r.last >= %s then r.last end as last"
            " from sensing_door d left join sensing_door_voice v using (door) left join reading_door r using (door)"
            " where d.present",
            [now - timedelta(hours=20)],
        )
        return {row["door"]: msgspec.convert(row, DoorView) for row in await cursor.fetchall()}


async def doors_by_hall(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    found: dict[str, list[DoorView]] = {}
    for view in (await doors(connection, None, now)).values():
        found.setdefault(view.hall, []).append(view)
    return found


VIEWS = {"halls": halls, "doors_by_hall": doors_by_hall}

# SPDX-License-Identifier: Apache-2.0
"""Halls: named queries over the counts of doors, halls and doors."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.sensing import rules
from fourleaf.engines.sensing.rules.intake import Counted
from fourleaf.engines.sensing.state.halls import DoorView, HallView
from fourleaf.postgres.pool import Connection

_ADD = """
with given as (
  select * from unnest(%(doors)s::text[], %(minutes)s::timestamptz[], %(ins)s::int[], %(outs)s::int[], %(sequences)s::bigint[])
  as g(door, minute, n_in, n_out, sequence)),
put as (
  insert into reading (minute, door, n_in, n_out, sequence) select minute, door, n_in, n_out, sequence from given
  on conflict (minute, door) do nothing returning minute, door, n_in - n_out as change),
hall as (
  insert into reading_hall_minute (hall, minute, change)
  select d.hall, put.minute, sum(put.change) from put join sensing_door d using (door) group by 1, 2 order by 1, 2
  on conflict (hall, minute) do update set change = reading_hall_minute.change + excluded.change),
told as (
  insert into reading_door (door, hall, last)
  select d.door, d.hall, max(put.minute) from put join sensing_door d using (door) group by d.door, d.hall order by d.door
  on conflict (door) do update set last = greatest(reading_door.last, excluded.last))
select door, count(*) from put group by door"""


async def add_counts(connection: Connection, counts: Sequence[Counted]) -> dict[str, int]:
    """Store counts; a minute that a door told before is ignored. Gives how many of each door were new."""
    if not counts:
        return {}
    doors, minutes, ins, outs, sequences = map(list, zip(*counts, strict=True))
    values = {"doors": doors, "sequences": sequences, "minutes": minutes, "ins": ins, "outs": outs}
    return dict(await (await connection.execute(_ADD, values)).fetchall())


# As the type of devices that counts persons through doors declares it.
_SILENT_AFTER = (
    "(select make_interval(secs => (value ->> 'silent_after_s')::int) from declared"
    " where kind = 'device_type' and value ->> 'counts' = 'true' order by key_name limit 1)"
)

# A hall is counted up to the minute that all its doors have told; a door that fell silent is not waited for.
_HALLS = """
with told as (
  select hall, min(last) as upto from reading_door d
  where last >= %(since)s and last > (select max(last) from reading_door) - coalesce({silent_after}, %(silent)s::interval) group by hall),
running as (
  select m.hall, m.minute, sum(m.change) over (partition by m.hall order by m.minute) as inside
  from reading_hall_minute m join told t using (hall) where m.minute between %(since)s and least(t.upto, %(now)s)),
latest as (
  select hall, max(minute) as last, max(inside)::int as peak, (array_agg(inside order by minute desc))[1]::int as occupancy
  from running group by hall)
select h.hall, h.thresholds, coalesce(l.occupancy, 0) as occupancy, coalesce(greatest(l.peak, 0), 0) as peak, l.last,
  coalesce(v.level, 'calm') as level, v.since, coalesce(v.version, 0) as version, r.sample_ppm
from sensing_hall h cross join (select sample_ppm from fourleaf.run where run = current_schema()) r
left join latest l using (hall) left join sensing_hall_level v using (hall) where h.present order by h.hall""".replace(
    "{silent_after}", _SILENT_AFTER
).encode()
_DOORS = """
select d.door, d.hall, coalesce(v.version, 0) as version, v.silent_since,
  case when r.last >= %s then r.last end as last, {silent_after} as silent_after
from sensing_door d left join sensing_door_voice v using (door) left join reading_door r using (door)
where d.present""".replace("{silent_after}", _SILENT_AFTER).encode()


async def halls(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every hall by its doors' counts of the day."""
    values = {"since": now - timedelta(hours=20), "now": now, "silent": rules.SILENT_AFTER}
    async with connection.cursor(row_factory=dict_row) as found:
        await found.execute(_HALLS, values)
        return {row["hall"]: msgspec.convert(row, HallView) for row in await found.fetchall()}


async def doors(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every door and the last minute it told in the last day."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_DOORS, [now - timedelta(hours=20)])
        return {row["door"]: msgspec.convert(row, DoorView) for row in await cursor.fetchall()}


async def doors_by_hall(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    found: dict[str, list[DoorView]] = {}
    for view in (await doors(connection, None, now)).values():
        found.setdefault(view.hall, []).append(view)
    return found

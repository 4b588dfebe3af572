# SPDX-License-Identifier: Apache-2.0
"""Halls: named queries over the counts of doors, halls and doors.

What a hall's minutes come to is kept with the last of them, so that a look costs the minutes since and not the day.
It may be kept too low a mark, never a wrong one: the statement that adds a minute before the mark takes it away, and
who moves the mark keeps out meanwhile who adds.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.errors import LockNotAvailable
from psycopg.rows import dict_row

from fourleaf.engines.sensing import rules
from fourleaf.engines.sensing.rules.intake import Counted
from fourleaf.engines.sensing.state.halls import DoorView, HallView
from fourleaf.postgres.pool import Connection
from fourleaf.postgres.runs import DAY_BEGAN

# Shared by all who add counts, so that a sum is carried on only when no minute is on its way.
_ADDING = "select pg_advisory_xact_lock_shared(hashtextextended(current_schema() || ' reading_hall', 0))"
_PATIENCE = "set local lock_timeout = '200ms'"
_CARRYING = "select pg_advisory_xact_lock(hashtextextended(current_schema() || ' reading_hall', 0))"
# Rows are locked in order, so that two who tell of the same doors wait for one another and not crosswise.
_ADD = """
with given as (
  select * from unnest(%(doors)s::text[], %(minutes)s::timestamptz[], %(ins)s::int[], %(outs)s::int[], %(sequences)s::bigint[])
  as g(door, minute, n_in, n_out, sequence)),
put as (
  insert into reading (minute, door, n_in, n_out, sequence) select minute, door, n_in, n_out, sequence from given order by minute, door
  on conflict (minute, door) do nothing returning minute, door, n_in - n_out as change),
hall as (
  insert into reading_hall_minute (hall, minute, change)
  select d.hall, put.minute, sum(put.change) from put join sensing_door d using (door) group by 1, 2 order by 1, 2
  on conflict (hall, minute) do update set change = reading_hall_minute.change + excluded.change),
told as (
  insert into reading_door (door, hall, last)
  select d.door, d.hall, max(put.minute) from put join sensing_door d using (door) group by d.door, d.hall order by d.door
  on conflict (door) do update set hall = excluded.hall, last = greatest(reading_door.last, excluded.last)),
late as (
  delete from reading_hall where hall in (
    select k.hall from reading_hall k
    join (select d.hall, min(put.minute) as minute from put join sensing_door d using (door) group by d.hall) n using (hall)
    where k.last >= n.minute order by k.hall for update of k))
select door, count(*) from put group by door"""


async def add_counts(connection: Connection, counts: Sequence[Counted]) -> dict[str, int]:
    """Store counts, in a transaction; a minute that a door told before is ignored. Gives how many of each door were new."""
    if not counts:
        return {}
    doors, minutes, ins, outs, sequences = map(list, zip(*counts, strict=True))
    values = {"doors": doors, "sequences": sequences, "minutes": minutes, "ins": ins, "outs": outs}
    await connection.execute(_ADDING)
    return dict(await (await connection.execute(_ADD, values)).fetchall())


# As the type of devices that counts persons through doors declares it.
_SILENT_AFTER = (
    "(select make_interval(secs => (value ->> 'silent_after_s')::int) from declared"
    " where kind = 'device_type' and value ->> 'counts' = 'true' order by key_name limit 1)"
)

# A hall is counted up to the minute that all its doors have told; a door that fell silent is not waited for.
_SUMMED = """
with told as (
  select hall, least(min(last), %(now)s) as upto from reading_door
  where last >= {day_began} and last > (select max(last) from reading_door) - coalesce({silent_after}, %(silent)s::interval) group by hall),
summed as (
  select t.hall, coalesce(k.first, m.first) as first, coalesce(m.last, k.last) as last,
    (coalesce(k.occupancy, 0) + coalesce(m.change, 0))::int as occupancy,
    greatest(k.peak, coalesce(k.occupancy, 0) + m.peak)::int as peak
  from told t
  left join reading_hall k on k.hall = t.hall and {day_began} between k.since and k.first and k.last <= t.upto
  cross join lateral (
    select min(minute) as first, max(minute) as last, sum(change) as change, max(inside) as peak
    from (
      select minute, change, sum(change) over (order by minute) as inside from reading_hall_minute
      where hall = t.hall and minute between {day_began} and t.upto and minute > coalesce(k.last, '-infinity')) as since_then) as m)
""".replace("{silent_after}", _SILENT_AFTER).replace("{day_began}", DAY_BEGAN)
_HALLS = """{summed}
select h.hall, h.thresholds, coalesce(s.occupancy, 0) as occupancy, coalesce(greatest(s.peak, 0), 0) as peak, s.last,
  coalesce(v.level, 'calm') as level, v.since, coalesce(v.version, 0) as version, r.sample_ppm
from sensing_hall h cross join (select sample_ppm from fourleaf.run where run = current_schema()) r
left join summed s using (hall) left join sensing_hall_level v using (hall) where h.present order by h.hall""".replace(
    "{summed}", _SUMMED
).encode()
_CARRY = (
    """{summed}
insert into reading_hall as k (hall, since, first, last, occupancy, peak)
select hall, {day_began}, first, last, occupancy, peak from summed where last is not null order by hall
on conflict (hall) do update
  set since = excluded.since, first = excluded.first, last = excluded.last, occupancy = excluded.occupancy, peak = excluded.peak
  where k.since > excluded.since or (k.first, k.last) <> (excluded.first, excluded.last)""".replace(
        "{day_began}", DAY_BEGAN
    )
    .replace("{summed}", _SUMMED)
    .encode()
)
_DOORS = """
select d.door, d.hall, coalesce(v.version, 0) as version, v.silent_since,
  case when r.last >= %s then r.last end as last, {silent_after} as silent_after
from sensing_door d left join sensing_door_voice v using (door) left join reading_door r using (door)
where d.present""".replace("{silent_after}", _SILENT_AFTER).encode()


async def halls(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every hall by its doors' counts of the day."""
    async with connection.cursor(row_factory=dict_row) as found:
        await found.execute(_HALLS, _looking(now))
        return {row["hall"]: msgspec.convert(row, HallView) for row in await found.fetchall()}


async def carry_on(connection: Connection, now: datetime) -> None:
    """Keep what the minutes of each hall come to up to now. Left for another time when somebody adds for long."""
    with suppress(LockNotAvailable):
        async with connection.transaction():
            await connection.execute(_PATIENCE)
            await connection.execute(_CARRYING)
            await connection.execute(_CARRY, _looking(now))


def _looking(now: datetime) -> dict[str, Any]:
    return {"now": now, "silent": rules.SILENT_AFTER}


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

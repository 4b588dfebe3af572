# SPDX-License-Identifier: Apache-2.0
"""Admission: named queries."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.admission.state import PASSAGES, Day, GateView, Lane, Presence, Published, VenueView
from fourleaf.kernel.fact import Fact, Kinds
from fourleaf.postgres import log
from fourleaf.postgres.pool import Connection
from fourleaf.postgres.runs import DAY_BEGAN

CONSTRAINTS: dict[str, str] = {}


async def at_lane(connection: Connection, holder: str, lane: str) -> tuple[Presence, Lane | None, bool]:
    """One holder, one lane and whether the lane, its entrance or its gate is closed, in one question."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select l.lane, l.gate, l.entrance, l.present, p.holder, p.version, p.inside, p.entries, p.last_lane, p.last_at, p.day,"
            " exists (select from admission_shut s where s.closed and s.thing in (l.lane, l.gate, l.entrance)) as shut"
            " from (select %(lane)s::text as asked) q left join admission_lane l on l.lane = q.asked"
            " left join admission_presence p on p.holder = %(holder)s",
            {"lane": lane, "holder": holder},
        )
        row = await cursor.fetchone()
    assert row is not None
    found = Lane(lane=lane, gate=row["gate"], entrance=row["entrance"]) if row["present"] else None
    if row["holder"] is None:
        return Presence(holder=holder), found, row["shut"]
    return msgspec.convert({name: row[name] for name in Presence.__struct_fields__}, Presence), found, row["shut"]


_GATES = """
with today as (
  select gate, minute, sum(entries)::int as entries, sum(exits)::int as exits from admission_lane_minute
  where minute >= {day_began} group by gate, minute),
g as (select gate, count(*)::int as lanes from admission_lane where present group by gate)
select g.gate, g.lanes, coalesce(sum(t.entries), 0)::int as entries, coalesce(sum(t.exits), 0)::int as exits,
  coalesce(sum(t.entries) filter (where t.minute >= %(minute)s and t.minute < %(this)s), 0)::int as per_minute,
  coalesce(sum(t.entries) filter (where t.minute >= %(hour)s and t.minute < %(this)s), 0)::int as per_hour,
  array[{buckets}]::int[] as last30, max(t.minute) filter (where t.minute <= %(this)s) as last,
  (select sample_ppm from fourleaf.run where run = current_schema()) as sample_ppm,
  exists (select from admission_shut s where s.closed and s.thing = g.gate) as closed
from g left join today t using (gate) group by g.gate, g.lanes""".format(
    day_began=DAY_BEGAN,
    buckets=", ".join(
        f"coalesce(sum(t.entries) filter (where t.minute >= %(b{n})s and t.minute < %(b{n + 1})s), 0)" for n in range(6)
    ),
)


async def gates(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every gate at an edition time; the last full minute and hour, and six buckets ending now."""
    this = now.replace(second=0, microsecond=0)
    values: dict[str, Any] = {
        "now": now,
        "this": this,
        "minute": this - timedelta(minutes=1),
        "hour": this - timedelta(hours=1),
    }
    values |= {f"b{n}": this - timedelta(minutes=30 - 5 * n) for n in range(7)}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_GATES, values)
        found = [msgspec.convert(row, GateView) for row in await cursor.fetchall()]
    return {view.gate: view for view in found}


_MINUTES = f"""
select minute, sum(entries)::int from admission_lane_minute
where minute >= {DAY_BEGAN} and minute < date_trunc('minute', %(now)s::timestamptz) group by minute order by minute""".encode()
_HOURS = b"""
select date_trunc('hour', minute) as hour, sum(entries)::int from admission_lane_minute
where minute < date_trunc('minute', %(now)s::timestamptz) group by hour order by hour"""


async def venue(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select d.* from admission_day d, fourleaf.run r where r.run = current_schema() and d.day = (%s at time zone r.zone)::date",
            [now],
        )
        row = await cursor.fetchone()
        await cursor.execute(
            "select p.* from admission_published p, fourleaf.run r where r.run = current_schema() and p.edition <> r.edition"
            " order by p.as_of desc nulls last limit 1"
        )
        before = await cursor.fetchone()
    minutes = await _series(connection, _MINUTES, now)
    hours = await _series(connection, _HOURS, now)
    previous = msgspec.convert(before, Published) if before else None
    view = VenueView(day=msgspec.convert(row, Day) if row else None, minutes=minutes, hours=hours, previous=previous)
    return dict.fromkeys(("entries", "inside", "peak", "turned-away", "by-minute", "by-hour"), view)


async def _series(connection: Connection, query: bytes, now: datetime) -> list[tuple[datetime, int]]:
    cursor = await connection.execute(query, {"now": now})
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def days(connection: Connection) -> list[Day]:
    """Day totals, for comparing runs."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from admission_day order by day")
        return [msgspec.convert(row, Day) for row in await cursor.fetchall()]


async def passages(
    connection: Connection, kinds: Kinds, run: str, *, happened_by: datetime, known_by: datetime
) -> list[Fact]:
    """The passages that happened by one time and were known by another."""
    names = [body.KIND for body in PASSAGES]
    return await log.as_of(connection, kinds, run, names, happened_by=happened_by, known_by=known_by)


VIEWS = {"gates": gates, "venue": venue}

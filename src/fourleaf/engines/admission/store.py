# SPDX-License-Identifier: Apache-2.0
"""Admission: named queries."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.admission.state import (
    PASSAGES,
    Day,
    DoubleEntry,
    GateView,
    Presence,
    Published,
    SigningKey,
    Unread,
    VenueView,
)
from fourleaf.kernel.fact import Fact, Kinds
from fourleaf.postgres import log
from fourleaf.postgres.pool import Connection
from fourleaf.postgres.runs import DAY_BEGAN

CONSTRAINTS: dict[str, str] = {}


def _presence(row: Mapping[str, Any]) -> Presence | None:
    if row["holder"] is None:
        return None
    return msgspec.convert({name: row[name] for name in Presence.__struct_fields__}, Presence)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A lane, a credential and its holder. presence: None where nobody knows whose the code is; closed: '', gate or full."""

    lane: str
    present: bool = False
    gate: str = ""
    closed: str = ""
    index: int | None = None
    status: str = "unknown"
    carrier: str = ""
    type: str = ""
    presence: Presence | None = None


_SCANNED = """
select coalesce(l.gate, '') as gate, coalesce(l.present, false) as present, i.index, coalesce(i.status, 'unknown') as status,
  coalesce(i.carrier, '') as carrier, coalesce(c.type, '') as type, coalesce(c.holder, %(holder)s) as named, p.*,
  coalesce((select max(case when s.thing = 'venue' then 'full' else 'gate' end) from admission_shut s
    where s.closed and s.thing in (l.lane, l.gate, l.entrance, 'venue')), '') as closed
from (select %(lane)s::text as asked) q left join admission_lane l on l.lane = q.asked
left join lateral (select * from admission_index where {by} limit 1) i on true
left join admission_credential c using (credential)
left join admission_presence p on p.holder = coalesce(c.holder, %(holder)s)"""
_BY_INDEX = _SCANNED.format(by="index = %(index)s::bigint").encode()
# The version that is good, if there is one.
_BY_CREDENTIAL = _SCANNED.format(by="credential = %(credential)s order by status = 'superseded', index desc").encode()


async def scanned(connection: Connection, *, lane: str, index: int | None, credential: str, holder: str) -> Found:
    """All that is known of an attempt, in one question. holder: who it is if the index is of no credential; '' if nobody knows."""
    query = _BY_CREDENTIAL if credential else _BY_INDEX
    values = {"lane": lane, "index": index, "credential": credential, "holder": holder}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, values)
        row = await cursor.fetchone()
    assert row is not None
    named = row["named"]
    return Found(
        lane=lane,
        present=row["present"],
        gate=row["gate"],
        closed=row["closed"],
        index=index if row["index"] is None else row["index"],
        status=row["status"],
        carrier=row["carrier"],
        type=row["type"],
        presence=(_presence(row) or Presence(holder=named)) if named else None,
    )


async def of_holder(connection: Connection, kinds: Kinds, run: str, holder: str) -> list[Fact]:
    """Everything that is told of a holder."""
    return await log.stream(connection, kinds, run, f"holder:{holder}")


async def unread(connection: Connection, lane: str) -> Unread:
    cursor = await connection.execute("select version from admission_unread where lane = %s", [lane])
    row = await cursor.fetchone()
    return Unread(lane=lane, version=row[0] if row else 0)


async def doubles(connection: Connection, *, most: int) -> list[DoubleEntry]:
    """Double entries, newest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select * from admission_double order by day desc, other ->> 'at' desc, holder limit %s", [most]
        )
        return [msgspec.convert(row, DoubleEntry) for row in await cursor.fetchall()]


async def stamp(connection: Connection, kinds: Collection[str]) -> int:
    """Changes with whatever the pack declares of these kinds, and with the keys."""
    cursor = await connection.execute(
        "select (select coalesce(sum(version), 0) from declared where kind = any(%s))"
        " + (select coalesce(sum(version), 0) from admission_key)",
        [list(kinds)],
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def declared(connection: Connection, kinds: Collection[str]) -> dict[str, dict[str, Any]]:
    """What the pack says of these kinds. Shape: kind -> key -> value."""
    found: dict[str, dict[str, Any]] = {}
    cursor = await connection.execute(
        "select kind, key_name, value from declared where kind = any(%s) and value is not null", [list(kinds)]
    )
    for kind, key, value in await cursor.fetchall():
        found.setdefault(kind, {})[key] = value
    return found


async def keys(connection: Connection) -> list[SigningKey]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from admission_key order by kid")
        return [msgspec.convert(row, SigningKey) for row in await cursor.fetchall()]


async def key(connection: Connection, kid: str) -> SigningKey:
    found = [one for one in await keys(connection) if one.kid == kid]
    return found[0] if found else SigningKey(kid=kid)


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

# SPDX-License-Identifier: Apache-2.0
"""Intake: readings by COPY into the day they are of; a day that is over is dropped whole."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from psycopg import sql
from psycopg.errors import UniqueViolation

from fourleaf.engines.sensing.rules.intake import Heard, Measured, Refused, Sifted
from fourleaf.engines.sensing.store import binary
from fourleaf.engines.sensing.store.halls import add_counts
from fourleaf.postgres.pool import Connection

# Both are parted by day.
_TABLES = {"measure": "date", "reading": "timestamptz"}
_COPY = f"copy measure ({binary.COLUMNS}) from stdin (format binary)"
# What came twice goes this way.
_INCOMING = "create temp table if not exists measure_incoming (like measure) on commit delete rows"
_COPY_INCOMING = f"copy measure_incoming ({binary.COLUMNS}) from stdin (format binary)"
_KEEP = """
with put as (
  insert into measure (day, source, thing, quantity, at, value, sequence, received_at)
  select day, source, thing, quantity, at, value, sequence, received_at from measure_incoming
  on conflict do nothing returning source)
select source, count(*) from put group by source"""
_DUE = """
insert into level_due as u (source, thing, quantity, marks)
select *, 1 from unnest(%s::text[], %s::text[], %s::text[]) order by 1, 2, 3
on conflict (source, thing, quantity) do update set marks = u.marks + 1"""
_HEARD = """
insert into device_heard as h (device, last, received_at, sequence, battery, kept, doubled)
select * from json_to_recordset(%s::text::json)
  as g(device text, last timestamptz, received_at timestamptz, sequence bigint, battery smallint, kept bigint, doubled bigint) order by 1
on conflict (device) do update set last = greatest(h.last, excluded.last), received_at = greatest(h.received_at, excluded.received_at),
  sequence = case when excluded.last >= h.last then excluded.sequence else h.sequence end,
  battery = case when excluded.last >= h.last then coalesce(excluded.battery, h.battery) else h.battery end,
  kept = h.kept + excluded.kept, doubled = h.doubled + excluded.doubled"""
_REFUSED = """
insert into device_refusal as r (device, reason, about, count, total)
select d, w, a, c, c from unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) as g(d, w, a, c) order by 1, 2
on conflict (device, reason) do update set about = excluded.about, count = r.count + excluded.count, total = r.total + excluded.total"""


class Kept(NamedTuple):
    """Unit: values, and minutes of doors."""

    kept: int
    doubled: int


async def keep(connection: Connection, zone: str, sifted: Sifted) -> Kept:
    """Keep what was sifted, all or nothing; what was told before is not kept again."""
    given = _given(sifted)
    await make_days(connection, _days(sifted.measured, zone))
    async with connection.transaction():
        new = await _keep(connection, zone, sifted.measured)
        new |= {f"door:{door}": count for door, count in (await add_counts(connection, sifted.counted)).items()}
        if sifted.beyond:
            await connection.execute(_DUE, [list(column) for column in zip(*sifted.beyond, strict=True)])
        await _note(connection, sifted.heard, given, new)
        await note_refused(connection, sifted.refused)
    kept = sum(new.values())
    return Kept(kept, sum(given.values()) - kept)


async def _keep(connection: Connection, zone: str, measured: Sequence[Measured]) -> dict[str, int]:
    """Straight into the table as long as nothing came before, which costs half. Gives how many of each source are new."""
    if not measured:
        return {}
    rows = binary.rows(measured, zone)
    try:
        async with connection.transaction():
            await _copy(connection, _COPY, rows)
    except UniqueViolation:
        await connection.execute(_INCOMING)
        await _copy(connection, _COPY_INCOMING, rows)
        return dict(await (await connection.execute(_KEEP)).fetchall())
    return _values(measured)


async def _copy(connection: Connection, into: str, rows: bytes) -> None:
    async with connection.cursor() as cursor, cursor.copy(into.encode()) as copy:
        await copy.write(rows)


def _given(sifted: Sifted) -> dict[str, int]:
    """How much there is of each source. Unit: values, and minutes of doors."""
    given = _values(sifted.measured)
    for one in sifted.counted:
        door = f"door:{one.door}"
        given[door] = given.get(door, 0) + 1
    return given


def _values(measured: Sequence[Measured]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in measured:
        found[one.source] = found.get(one.source, 0) + len(one.values)
    return found


async def _note(
    connection: Connection, heard: Mapping[str, Heard], given: Mapping[str, int], new: Mapping[str, int]
) -> None:
    if not heard:
        return
    rows = [
        {
            "device": name,
            "last": newest.last,
            "received_at": newest.received,
            "sequence": newest.sequence,
            "battery": newest.battery,
            "kept": new.get(name, 0),
            "doubled": given.get(name, 0) - new.get(name, 0),
        }
        for name, newest in heard.items()
    ]
    await connection.execute(_HEARD, [msgspec.json.encode(rows).decode()])


async def note_refused(connection: Connection, refused: Mapping[tuple[str, str], Refused]) -> None:
    """Count what was refused: (device, reason) -> how often. A watch makes facts of it."""
    if refused:
        rows = [(*key, about, count) for key, (count, about) in refused.items()]
        await connection.execute(_REFUSED, [list(column) for column in zip(*rows, strict=True)])


def _days(measured: Sequence[Measured], zone: str) -> list[date]:
    if not measured:
        return []
    there = ZoneInfo(zone)
    first, last = (edge(measured, key=attrgetter("at")).at.astimezone(there).date() for edge in (min, max))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


async def make_days(connection: Connection, days: Sequence[date]) -> None:
    """A partition for each day that has none. Made aside and attached, so that nobody who reads or writes is stopped."""
    cursor = await connection.execute(
        "select day from unnest(%s::date[]) as d(day) where to_regclass(format('measure_%%s', to_char(day, 'YYYYMMDD'))) is null",
        [list(days)],
    )
    for (day,) in await cursor.fetchall():
        async with connection.transaction():
            await connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(current_schema() || ' measure', 0))"
            )
            await _make_day(connection, day)


async def _make_day(connection: Connection, day: date) -> None:
    name = sql.Identifier(f"measure_{day:%Y%m%d}")
    found = await (await connection.execute("select to_regclass(%s)", [f"measure_{day:%Y%m%d}"])).fetchone()
    if found and found[0]:
        return
    bounds = [sql.Literal(day), sql.Literal(day + timedelta(days=1))]
    for statement in (
        sql.SQL("create table {name} (like measure including all)"),
        sql.SQL("alter table {name} add constraint one_day check (day >= {low} and day < {high})"),
        sql.SQL("alter table measure attach partition {name} for values from ({low}) to ({high})"),
    ):
        await connection.execute(statement.format(name=name, low=bounds[0], high=bounds[1]))


async def drop_days(connection: Connection, before: date) -> list[str]:
    """Drop the partitions of readings of days before this one. Gives their names."""
    cursor = await connection.execute(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent"
        " join pg_namespace n on n.oid = p.relnamespace and n.nspname = current_schema()"
        " where p.relname = any(%s) and c.relname ~ '_[0-9]{8}$'"
        " and right(c.relname, 8) < %s order by c.relname",
        [list(_TABLES), f"{before:%Y%m%d}"],
    )
    names = [row[0] for row in await cursor.fetchall()]
    for name in names:
        await connection.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
    return names

# SPDX-License-Identifier: Apache-2.0
"""Levels: named queries over declared levels, and over the readings that may change them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.sensing.declares import Level, Words
from fourleaf.engines.sensing.declares.words import in_both
from fourleaf.engines.sensing.rules.levels import Sample, horizon
from fourleaf.engines.sensing.state import LevelState
from fourleaf.postgres.pool import Connection


async def levels(connection: Connection) -> dict[str, Level]:
    """What the pack declares of levels now."""
    cursor = await connection.execute(
        "select key_name, value from declared where kind = 'threshold' and value is not null order by key_name"
    )
    return {row[0]: msgspec.convert(row[1], Level, strict=False) for row in await cursor.fetchall()}


class Undecided(NamedTuple):
    """A level of a thing to look at. marks: how often the intake marked it, if it did."""

    row: LevelState
    marks: int | None


# Of devices: what the intake marked, what is not calm, and what turned stale or fresh.
_OF_DEVICES = """
select h.device as of_source, d.thing as of_thing, u.marks, s.*
from sensing_device d join device_heard h using (device)
left join level_due u on u.source = d.device and u.thing = d.thing and u.quantity = %(quantity)s
left join sensing_level s on s.name = %(level)s || '/' || d.device || '/' || d.thing
where d.device_type = %(type)s and (
  coalesce(s.state, 'calm') in ('watch', 'alert') or (coalesce(s.state, 'calm') = 'unknown') = (h.last >= %(fresh)s)
  or u.marks is not null)
order by d.device"""
_OF_FEEDS = """
select 'feed:' || v.feed as of_source, v.thing as of_thing, null::bigint as marks, s.*
from feed_value v left join sensing_level s on s.name = %(level)s || '/feed:' || v.feed || '/' || v.thing
where v.feed = %(feed)s and v.quantity = %(quantity)s and (
  coalesce(s.state, 'calm') in ('watch', 'alert') or (coalesce(s.state, 'calm') = 'unknown') = (v.at >= %(fresh)s)
  or v.value * %(sign)s >= %(first)s * %(sign)s)
order by v.thing"""


async def undecided(connection: Connection, name: str, level: Level, now: datetime) -> list[Undecided]:
    """How the level stands for those things for which it may be another now."""
    values = {
        "level": name,
        "quantity": level.quantity,
        "feed": level.feed,
        "type": level.device_type,
        "fresh": now - timedelta(seconds=level.stale_after_s),
        "sign": level.sign,
        "first": float(level.steps[0].at),
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_OF_DEVICES if level.device_type else _OF_FEEDS, values)
        return [Undecided(_row(name, level, row), row["marks"]) for row in await cursor.fetchall()]


async def looked(connection: Connection, some: Collection[Undecided]) -> None:
    """Take away the marks of those that are settled, unless the intake has marked them again meanwhile."""
    marked = [(row.source, row.thing, row.quantity, marks) for row, marks in some if marks is not None]
    if marked:
        await connection.execute(
            "delete from level_due u using unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])"
            " as g(source, thing, quantity, marks)"
            " where u.source = g.source and u.thing = g.thing and u.quantity = g.quantity and u.marks = g.marks",
            [list(column) for column in zip(*marked, strict=True)],
        )


def _row(name: str, level: Level, row: dict[str, Any]) -> LevelState:
    source, thing = row["of_source"], row["of_thing"]
    if row["name"] is None:
        return LevelState(
            name=f"{name}/{source}/{thing}", level=name, source=source, thing=thing, quantity=level.quantity
        )
    return msgspec.convert(row | {"source": source, "thing": thing}, LevelState)


async def samples(
    connection: Connection, level: Level, sources: Collection[str], now: datetime
) -> Mapping[tuple[str, str], list[Sample]]:
    """The readings that may matter. Shape: (source, thing) -> readings."""
    since = now - horizon(level)
    cursor = await connection.execute(
        "select source, thing, at, value from measure where source = any(%s) and quantity = %s and at >= %s"
        " and day between %s and %s",
        [
            list(sources),
            level.quantity,
            since,
            since.date() - timedelta(days=1),
            now.date() + timedelta(days=2),
        ],
    )
    found: dict[tuple[str, str], list[Sample]] = {}
    for source, thing, at, value in await cursor.fetchall():
        found.setdefault((source, thing), []).append(Sample(at, value))
    return found


class LevelView(msgspec.Struct, frozen=True, kw_only=True):
    """A level, with what the map needs of its thing. place: as its device or its feed says."""

    row: LevelState
    level: Level
    unit: Words
    name: Words
    place: dict[str, str]
    owner: dict[str, str] | None


async def leveled(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every declared level that a thing ever left, wherever it stands now."""
    declared = await levels(connection)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select s.*, d.name_zh, d.name_en, d.place, g.value -> 'name' as owner,"
            " coalesce(t.value, f.value) -> 'quantity' as quantities, f.value -> 'thing' as of_feed"
            " from sensing_level s left join sensing_device d on d.device = s.source"
            " left join declared t on t.kind = 'device_type' and t.key_name = d.device_type"
            " left join declared f on f.kind = 'feed' and 'feed:' || f.key_name = s.source"
            " left join declared l on l.kind = 'threshold' and l.key_name = s.level"
            " left join declared g on g.kind = 'group' and g.key_name = l.value ->> 'group'"
            " where %(all)s or s.name = any(%(things)s) order by s.name",
            {"all": things is None, "things": list(things or ())},
        )
        rows = await cursor.fetchall()
    return {row["name"]: _view(row, declared[row["level"]]) for row in rows if row["level"] in declared}


def _view(row: dict[str, Any], level: Level) -> LevelView:
    zh, en, place = row.pop("name_zh"), row.pop("name_en"), row.pop("place")
    units = {one["key"]: one.get("unit", "") for one in row.pop("quantities") or ()}
    thing, owner = row["thing"], row.pop("owner")
    spot = next((one for one in row.pop("of_feed") or () if one["key"] == thing), None)
    if spot:
        zh, en, place = spot["name"]["zh"], spot["name"]["en"], {"at": spot["at"]} if spot.get("at") else {}
    return LevelView(
        owner=owner,
        row=msgspec.convert(row, LevelState),
        level=level,
        unit=in_both(msgspec.convert(units.get(level.quantity, ""), str | Words)),
        name=Words(zh=zh or thing, en=en or thing),
        place=place or {},
    )

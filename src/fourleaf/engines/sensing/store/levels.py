# SPDX-License-Identifier: Apache-2.0
"""Levels: named queries over declared levels, and over the readings that may change them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.sensing.declares import Level, Words
from fourleaf.engines.sensing.rules.levels import Sample, horizon
from fourleaf.engines.sensing.state import LevelState
from fourleaf.postgres.pool import Connection


async def levels(connection: Connection) -> dict[str, Level]:
    """What the pack declares of levels now."""
    cursor = await connection.execute(
        "select key_name, value from declared where kind = 'level' and value is not null order by key_name"
    )
    return {row[0]: msgspec.convert(row[1], Level, strict=False) for row in await cursor.fetchall()}


# Things whose newest value is beyond the first step, or whose level is not calm, or turned stale or fresh.
_OPEN = """
select l.source, l.thing, s.*, l.source as of_source, l.thing as of_thing
from measure_last l left join sensing_level s on s.name = %(level)s || '/' || l.source || '/' || l.thing
where l.quantity = %(quantity)s
  and (l.source = %(feed)s or l.source in (select device from sensing_device where device_type = %(type)s))
  and case when coalesce(s.state, 'calm') = 'unknown' then l.at >= %(fresh)s
    else l.at < %(fresh)s or coalesce(s.state, 'calm') <> 'calm' or l.value * %(sign)s >= %(first)s * %(sign)s end
order by l.source, l.thing"""


async def undecided(connection: Connection, name: str, level: Level, now: datetime) -> list[LevelState]:
    """How the level stands for those things for which it may be another now."""
    values = {
        "level": name,
        "quantity": level.quantity,
        "feed": f"feed:{level.feed}" if level.feed else "",
        "type": level.device_type,
        "fresh": now - timedelta(seconds=level.stale_after_s),
        "sign": 1 if level.side == "above" else -1,
        "first": float(level.steps[0].at),
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_OPEN, values)
        return [_row(name, level, row) for row in await cursor.fetchall()]


def _row(name: str, level: Level, row: dict[str, Any]) -> LevelState:
    source, thing = row.pop("of_source"), row.pop("of_thing")
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
    """A level, with what the map needs of its thing. place: as a device says."""

    row: LevelState
    level: Level
    unit: str
    name: Words
    place: dict[str, str]


async def leveled(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Every declared level that a thing ever left, wherever it stands now."""
    declared = await levels(connection)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select s.*, d.name_zh, d.name_en, d.place, t.value -> 'quantity' as quantities"
            " from sensing_level s left join sensing_device d on d.device = s.source"
            " left join declared t on t.kind = 'device_type' and t.key_name = d.device_type"
            " where %(all)s or s.name = any(%(things)s) order by s.name",
            {"all": things is None, "things": list(things or ())},
        )
        rows = await cursor.fetchall()
    return {row["name"]: _view(row, declared[row["level"]]) for row in rows if row["level"] in declared}


def _view(row: dict[str, Any], level: Level) -> LevelView:
    zh, en, place = row.pop("name_zh"), row.pop("name_en"), row.pop("place")
    units = {one["key"]: one.get("unit", "") for one in row.pop("quantities") or ()}
    thing = row["thing"]
    return LevelView(
        row=msgspec.convert(row, LevelState),
        level=level,
        unit=units.get(level.quantity, ""),
        name=Words(zh=zh or thing, en=en or thing),
        place=place or {},
    )

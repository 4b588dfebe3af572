# SPDX-License-Identifier: Apache-2.0
"""Listing: how every device is, and what one of them said of late."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.rules.health import Health, health
from fourleaf.engines.sensing.state import Device
from fourleaf.engines.sensing.store.devices import types
from fourleaf.kernel.labels import visible
from fourleaf.postgres.pool import Connection

_DEVICES = """
select d.*, coalesce(d.silent_since, v.silent_since) as silent_since, h.last, h.received_at, h.battery,
  coalesce(h.kept, 0) as kept, coalesce(h.doubled, 0) as doubled, coalesce(r.total, 0)::bigint as refused_in_all
from sensing_device d left join device_heard h using (device)
left join (select device, sum(total) as total from device_refusal group by device) r using (device)
left join sensing_door_voice v on d.device = 'door:' || v.door
where d.listed_at is not null and (%(all)s or d.device = any(%(names)s)) order by d.device"""


async def healths(
    connection: Connection, held: Collection[str], now: datetime, names: Sequence[str] | None = None
) -> list[Health]:
    """How devices are, of those types that one may see. now: edition time; names: None for all."""
    declared = {key: one for key, one in (await types(connection)).items() if visible(one.see, held)}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_DEVICES, {"all": names is None, "names": list(names or ())})
        rows = await cursor.fetchall()
    return [_health(row, declared[row["device_type"]], now) for row in rows if row["device_type"] in declared]


def _health(row: dict[str, object], type: DeviceType, now: datetime) -> Health:
    return health(msgspec.convert(row, Device), type, msgspec.convert(row, Heard), now)


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What was heard of a device."""

    last: datetime | None
    received_at: datetime | None
    battery: int | None
    kept: int
    doubled: int
    refused_in_all: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One value. Unit: as its quantity declares."""

    quantity: str
    at: datetime
    value: float
    sequence: int


async def recent(connection: Connection, source: str, now: datetime, most: int = 600) -> list[Sample]:
    """What a source said in the last day, newest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select quantity, at, value, sequence from measure where source = %s and day >= %s and at > %s and at <= %s"
            " order by at desc, quantity limit %s",
            [source, (now - timedelta(days=2)).date(), now - timedelta(days=1), now + timedelta(minutes=10), most],
        )
        return [msgspec.convert(row, Sample) for row in await cursor.fetchall()]


async def recent_counts(connection: Connection, door: str, now: datetime, most: int = 300) -> list[Sample]:
    """What the counter of a door said in the last day, newest first."""
    cursor = await connection.execute(
        "select minute, n_in, n_out, sequence from reading where door = %s and minute > %s order by minute desc limit %s",
        [door, now - timedelta(days=1), most],
    )
    found = list[Sample]()
    for minute, n_in, n_out, sequence in await cursor.fetchall():
        found.append(Sample(quantity="in", at=minute, value=n_in, sequence=sequence))
        found.append(Sample(quantity="out", at=minute, value=n_out, sequence=sequence))
    return found

# SPDX-License-Identifier: Apache-2.0
"""Devices: named queries over devices, their types, codes and secrets."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.picture.devices import Silent
from fourleaf.engines.sensing.rules.intake import Edge, Known
from fourleaf.engines.sensing.state import Device
from fourleaf.engines.sensing.store.levels import levels
from fourleaf.postgres.pool import Connection


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What a device proves itself with. hash: sha256 of its secret; None where it has none. revoked: it had one."""

    hash: bytes | None
    revoked: bool


async def credential(connection: Connection, run: str, device: str) -> Credential:
    """What this device of the run proves itself with. connection: of that run."""
    return (await credentials(connection, run, [device]))[device]


async def credentials(connection: Connection, run: str, names: Collection[str]) -> dict[str, Credential]:
    """The same of many, also of names that nobody has."""
    cursor = await connection.execute(
        "select n.name, t.hash, d.revoked_at is not null from unnest(%s::text[]) as n(name)"
        " left join fourleaf.device_token t on t.run = %s and t.device = n.name"
        " left join sensing_device d on d.device = n.name",
        [list(names), run],
    )
    return {
        name: Credential(hash=None if hash is None or revoked else bytes(hash), revoked=revoked)
        for name, hash, revoked in await cursor.fetchall()
    }


async def hashes(connection: Connection, run: str, names: Collection[str] | None = None) -> dict[str, bytes]:
    """Of the secrets of these devices of the run, of those that have one; None: of all."""
    cursor = await connection.execute(
        "select device, hash from fourleaf.device_token where run = %(run)s and (%(all)s or device = any(%(names)s))",
        {"run": run, "all": names is None, "names": list(names or ())},
    )
    return {row[0]: bytes(row[1]) for row in await cursor.fetchall()}


async def device(connection: Connection, name: str) -> Device:
    """The device of this name; one that was never listed has no version."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from sensing_device where device = %s", [name])
        row = await cursor.fetchone()
    return msgspec.convert(row, Device) if row else Device(device=name)


async def devices(connection: Connection, names: Collection[str] | None = None) -> dict[str, Device]:
    """Devices by name; None: all of them."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select * from sensing_device where %(all)s or device = any(%(names)s) order by device",
            {"all": names is None, "names": list(names or ())},
        )
        return {row["device"]: msgspec.convert(row, Device) for row in await cursor.fetchall()}


async def types(connection: Connection) -> dict[str, DeviceType]:
    """What the pack declares of devices now."""
    return {key: msgspec.convert(value, DeviceType, strict=False) for key, value in await _declared(connection)}


async def _declared(connection: Connection) -> list[tuple[str, Any]]:
    cursor = await connection.execute(
        "select key_name, value from declared where kind = 'device_type' and value is not null order by key_name"
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def type_of(connection: Connection, name: str) -> DeviceType | None:
    """The declared type of a device that is listed."""
    cursor = await connection.execute(
        "select t.value from sensing_device d join declared t on t.kind = 'device_type' and t.key_name = d.device_type"
        " where d.device = %s and d.listed_at is not null and t.value is not null",
        [name],
    )
    row = await cursor.fetchone()
    return msgspec.convert(row[0], DeviceType, strict=False) if row else None


async def edges_of(connection: Connection) -> dict[str, dict[str, list[Edge]]]:
    """Where declared levels begin. Shape: type of devices -> quantity -> edges."""
    found: dict[str, dict[str, list[Edge]]] = {}
    for level in (await levels(connection)).values():
        if level.device_type:
            of_type = found.setdefault(level.device_type, {})
            of_type.setdefault(level.quantity, []).append(Edge(level.sign, float(level.steps[0].at)))
    return found


async def known(connection: Connection, names: Collection[str]) -> Mapping[str, Known]:
    """Those of these devices that are listed and of a type that the pack declares."""
    declared, edges = await types(connection), await edges_of(connection)
    cursor = await connection.execute(
        "select device, thing, device_type, revoked_at is not null from sensing_device"
        " where device = any(%s) and listed_at is not null",
        [list(names)],
    )
    return {
        row[0]: Known(thing=row[1], type=declared[row[2]], revoked=row[3], edges=edges.get(row[2], {}))
        for row in await cursor.fetchall()
        if row[2] in declared
    }


async def put_codes(connection: Connection, hashes: Mapping[str, bytes], valid_for_s: int) -> None:
    """A code for each of these devices; an earlier one works no more."""
    await connection.execute(
        "insert into device_code (device, hash, expires_at)"
        " select d, h, clock_timestamp() + make_interval(secs => %s) from unnest(%s::text[], %s::bytea[]) as c(d, h)"
        " order by d on conflict (device) do update"
        " set hash = excluded.hash, expires_at = excluded.expires_at",
        [valid_for_s, list(hashes), list(hashes.values())],
    )


async def spend_code(connection: Connection, device: str, hash: bytes) -> bool:
    """Use up the code of a device. Of two who bring it at once, one is told yes; a wrong one takes nothing away."""
    cursor = await connection.execute(
        "delete from device_code where device = %s and hash = %s and expires_at > clock_timestamp()", [device, hash]
    )
    return cursor.rowcount == 1


async def put_secret(connection: Connection, run: str, device: str, hash: bytes) -> None:
    await connection.execute(
        "insert into fourleaf.device_token (run, device, hash) values (%s, %s, %s)"
        " on conflict (run, device) do update set hash = excluded.hash",
        [run, device, hash],
    )


async def take_secret(connection: Connection, run: str, device: str) -> None:
    """Whoever held the secret is nobody any more; nor does a code help him."""
    await connection.execute("delete from fourleaf.device_token where run = %s and device = %s", [run, device])
    await connection.execute("delete from device_code where device = %s", [device])


async def voices(connection: Connection) -> list[tuple[Device, datetime | None]]:
    """Devices that were heard, and the time of the newest word of each."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "select d.*, h.last from sensing_device d join device_heard h using (device) order by device"
        )
        return [(msgspec.convert(row, Device), row.pop("last")) for row in await cursor.fetchall()]


async def refused(connection: Connection, every: timedelta) -> list[str]:
    """Devices of which something was refused that no fact tells yet, and none told anything of for so long."""
    cursor = await connection.execute(
        "select device from device_refusal group by device"
        " having sum(count) > 0 and coalesce(max(told_at) < clock_timestamp() - %s, true) order by device",
        [every],
    )
    return [row[0] for row in await cursor.fetchall()]


async def take_refused(connection: Connection, device: str) -> list[tuple[str, int, str]]:
    """What was refused since it was last told, and no longer is told. Shape: reason, how often, about."""
    cursor = await connection.execute(
        "with found as (select device, reason, count from device_refusal where device = %s and count > 0 for update)"
        " update device_refusal r set count = 0, told_at = clock_timestamp() from found"
        " where r.device = found.device and r.reason = found.reason returning r.reason, found.count, r.about",
        [device],
    )
    return [(row[0], int(row[1]), row[2]) for row in await cursor.fetchall()]


async def silent_devices(connection: Connection, things: Collection[str] | None, now: datetime) -> Mapping[str, Any]:
    """Of each type of devices: those that fell silent, and how many were ever heard."""
    declared, found = await types(connection), dict[str, Silent]()
    cursor = await connection.execute(
        "select d.device_type, count(*), (select value -> 'name' from declared g where g.kind = 'group' and g.key_name ="
        " (select t.value ->> 'group' from declared t where t.kind = 'device_type' and t.key_name = d.device_type)),"
        " coalesce(array_agg(d.device) filter (where d.silent_since is not null), '{}')"
        " from sensing_device d join device_heard h using (device) where d.revoked_at is null group by d.device_type"
    )
    rows = [row for row in await cursor.fetchall() if row[0] in declared]
    quiet = await devices(connection, [name for row in rows for name in row[3]])
    for key, heard, owner, names in rows:
        found[key] = Silent(type=declared[key], heard=heard, devices=[quiet[name] for name in names], owner=owner)
    return found

# SPDX-License-Identifier: Apache-2.0
"""Reading: single credentials, what the pack says of their category and organization, and what is taken already."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg.rows import dict_row

from fourleaf.engines.credentials.declares import CredentialType
from fourleaf.engines.credentials.rules import Applicant, Book, Places
from fourleaf.engines.credentials.state import Credential
from fourleaf.postgres.pool import Connection

# Documents are compared in so many queues: two of the same never at the same time, others hardly ever wait.
STRIPES = 64


async def credential(connection: Connection, name: str) -> Credential:
    """The credential of this id; one that was never applied for has no version."""
    return (await credentials(connection, [name])).get(name, Credential(credential=name))


async def credentials(connection: Connection, names: Collection[str]) -> dict[str, Credential]:
    found = await rows(
        connection, "select * from credentials_credential where credential = any(%(names)s)", {"names": list(names)}
    )
    return {row["credential"]: msgspec.convert(row, Credential) for row in found}


async def of_holder(connection: Connection, holder: str) -> list[Credential]:
    found = await rows(
        connection,
        "select * from credentials_credential where holder = %(holder)s order by applied_at, credential",
        {"holder": holder},
    )
    return [msgspec.convert(row, Credential) for row in found]


async def book(connection: Connection, key: str, zone: str) -> Book:
    """What the pack says of a category, and of the phases of the edition."""
    found = await rows(
        connection,
        "select kind, key_name, value from declared where value is not null"
        " and (kind = 'phase' or (kind = 'credential_type' and key_name = %(key)s))",
        {"key": key},
    )
    types = [row["value"] for row in found if row["kind"] == "credential_type"]
    phases = {row["key_name"]: row["value"] for row in found if row["kind"] == "phase"}
    type_ = msgspec.convert(types[0], CredentialType, strict=False) if types else None
    return Book(key=key, type=type_, phases=phases, zone=zone)


async def types(connection: Connection) -> dict[str, CredentialType]:
    """The categories of the edition, in the order of their numbers."""
    found = await rows(
        connection, "select key_name, value from declared where kind = 'credential_type' and value is not null", {}
    )
    read = {row["key_name"]: msgspec.convert(row["value"], CredentialType, strict=False) for row in found}
    return dict(sorted(read.items(), key=lambda item: item[1].number))


async def applicant(connection: Connection, name: str) -> Applicant:
    """An organization of a list of the pack, or of the list of exhibitors."""
    found = await rows(connection, _APPLICANT, {"name": name})
    quota: dict[str, int] = {}
    for row in found:
        quota |= (row["said"] or {}).get("quota", {})
    types = {key for row in found for key in row["types"]}
    return Applicant(id=name, types=types, quota=quota, known=bool(found))


_APPLICANT = """
select l.value -> 'types' as types, o.said from declared l
left join lateral (select said from jsonb_array_elements(l.value -> 'organization') said where said ->> 'id' = %(name)s) o on true
where l.kind = 'organization' and l.value is not null
  and (o.said is not null or (l.value ->> 'every' = 'exhibitor' and exists(
    select from declared x where x.kind = 'exhibitor' and x.key_name = %(name)s and x.value is not null)))
"""


async def organizations(connection: Connection) -> dict[str, Mapping[str, str]]:
    """Shape: id -> name by language; of the lists, without exhibitors."""
    found = await rows(
        connection,
        "select said ->> 'id' as id, said -> 'name' as name from declared l,"
        " jsonb_array_elements(l.value -> 'organization') said where l.kind = 'organization' and l.value is not null"
        " order by 1",
        {},
    )
    return {row["id"]: row["name"] for row in found}


async def places(connection: Connection, holder: str, type_: str, organization: str) -> Places:
    """What is taken of a holder's places, and of an organization's, in a category."""
    slots = (await slots_of(connection, [holder], type_)).get(holder, ())
    return Places(slots=slots, used=await used(connection, organization, type_))


async def slots_of(connection: Connection, holders: Sequence[str], type_: str) -> dict[str, list[int]]:
    found = await rows(
        connection,
        "select holder, array_agg(slot) as slots from credentials_credential"
        " where counts and type = %(type)s and holder = any(%(holders)s) group by holder",
        {"type": type_, "holders": list(holders)},
    )
    return {row["holder"]: row["slots"] for row in found}


async def held(connection: Connection, holders: Sequence[str], type_: str) -> dict[str, list[tuple[int, str]]]:
    """Which places of a category holders have, and from whom. Shape: holder -> (slot, organization)."""
    found = await rows(
        connection,
        "select holder, slot, organization from credentials_credential"
        " where counts and type = %(type)s and holder = any(%(holders)s)",
        {"type": type_, "holders": list(holders)},
    )
    each: dict[str, list[tuple[int, str]]] = {}
    for row in found:
        each.setdefault(row["holder"], []).append((row["slot"], row["organization"]))
    return each


async def used(connection: Connection, organization: str, type_: str) -> int:
    found = await rows(
        connection,
        "select count(*) as n from credentials_credential where counts and organization = %(of)s and type = %(type)s",
        {"of": organization, "type": type_},
    )
    return int(found[0]["n"])


async def issued_lately(connection: Connection, by: str, now: datetime) -> int:
    """How many one person issued within the hour."""
    found = await rows(
        connection,
        "select count(*) as n from credentials_credential where issued_by = %(by)s and issued_at > %(since)s",
        {"by": by, "since": now - timedelta(hours=1)},
    )
    return int(found[0]["n"])


async def numbers(connection: Connection, of: str, count: int) -> list[int]:
    """Fresh numbers that nobody ever had. of: holder, credential or place."""
    found = await rows(
        connection,
        "select nextval(pg_get_serial_sequence('credentials_number', %(of)s)) as n from generate_series(1, %(count)s)",
        {"of": of, "count": count},
    )
    return [int(row["n"]) for row in found]


async def hold(connection: Connection, names: Collection[str]) -> None:
    """Wait until nobody else holds one of these; held until the end of the transaction, and always taken in one order."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(current_schema() || ':credentials:' || n, 0)) from unnest(%s::text[]) n",
        [sorted(set(names))],
    )


async def over(connection: Connection, now: datetime, limit: int) -> list[Credential]:
    """Credentials in use whose time is over."""
    found = await rows(
        connection,
        "select * from credentials_credential where status in ('issued', 'suspended') and valid_until < %(now)s"
        " order by valid_until limit %(limit)s",
        {"now": now, "limit": limit},
    )
    return [msgspec.convert(row, Credential) for row in found]


async def rows(connection: Connection, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchall()

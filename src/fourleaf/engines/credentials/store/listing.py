# SPDX-License-Identifier: Apache-2.0
"""Listing: queues by stage with their clocks, page by page, and what is counted."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec

from fourleaf.engines.credentials.state import Credential
from fourleaf.engines.credentials.store.reading import rows
from fourleaf.postgres.pool import Connection

PAGE = 50
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What of a queue is asked for. stage: a kind of stage, or a status that waits; "" for all. after: the cursor of a page
    before; organizations: None for all of them."""

    stage: str = ""
    status: str = ""
    type: str = ""
    organizations: Collection[str] | None = None
    overdue: bool = False
    after: str = ""
    size: int = PAGE


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a queue, the oldest promise first. next: the cursor of the next page, "" at the end; total: without paging."""

    items: list[Credential]
    next: str
    total: int
    overdue: int


# A cursor is the promise and the id of the last one of a page.
_WHERE = """
from credentials_credential where (%(status)s = '' or status = %(status)s)
  and (%(stage)s = '' or (status = 'vetting' and stage_kind = %(stage)s)) and (%(type)s = '' or type = %(type)s)
  and (%(all)s or lower(organization) = any(%(organizations)s)) and (not %(overdue)s or due_at < %(now)s)"""
_AFTER = """ and (coalesce(due_at, 'infinity'), credential) > (%(due)s::timestamptz, %(id)s)
order by coalesce(due_at, 'infinity'), credential limit %(size)s"""


def is_cursor(text: str) -> bool:
    """Whether this can be the `next` of a page: anything else is no moment to the database."""
    due, _, name = text.partition("~")
    if not _ID.fullmatch(name):
        return False
    try:
        return due == "infinity" or datetime.fromisoformat(due).tzinfo is not None
    except ValueError:
        return False


async def queue(connection: Connection, asked: Asked, now: datetime) -> Queue:
    due, _, id_ = asked.after.partition("~")
    values = {
        "status": asked.status,
        "stage": asked.stage,
        "type": asked.type,
        "all": asked.organizations is None,
        "organizations": list(asked.organizations or ()),
        "overdue": asked.overdue,
        "now": now,
        "due": due or "-infinity",
        "id": id_,
        "size": asked.size + 1,
    }
    found = await rows(connection, f"select *{_WHERE}{_AFTER}", values)
    counted = "select count(*) as total, count(*) filter (where due_at < %(now)s) as overdue"
    counts = (await rows(connection, f"{counted}{_WHERE}", values))[0]
    items = [msgspec.convert(row, Credential) for row in found[: asked.size]]
    more = len(found) > asked.size
    last = items[-1] if items else None
    cursor = f"{last.due_at.isoformat() if last.due_at else 'infinity'}~{last.credential}" if more and last else ""
    return Queue(items=items, next=cursor, total=counts["total"], overdue=counts["overdue"])


async def counts(connection: Connection, now: datetime, organizations: Collection[str] | None) -> dict[str, Any]:
    """How many stand in each queue. Shape: stage or status -> total, overdue."""
    found = await rows(
        connection,
        "select case when status = 'vetting' then stage_kind else status end as queue, count(*) as total,"
        " count(*) filter (where due_at < %(now)s) as overdue from credentials_credential"
        " where status in ('vetting', 'returned', 'appealed', 'approved')"
        " and (%(all)s or lower(organization) = any(%(of)s)) group by 1",
        {"now": now, "all": organizations is None, "of": list(organizations or ())},
    )
    return {row["queue"]: {"total": row["total"], "overdue": row["overdue"]} for row in found}


async def waits(connection: Connection) -> dict[str, list[tuple[int, int]]]:
    """Shape: stage -> (minutes, how many stood so long), the shortest first."""
    found = await rows(connection, "select stage, minutes, n from credentials_waited order by stage, minutes", {})
    each: dict[str, list[tuple[int, int]]] = {}
    for row in found:
        each.setdefault(row["stage"], []).append((row["minutes"], row["n"]))
    return each


async def ages(connection: Connection, now: datetime) -> list[Mapping[str, Any]]:
    """Open applications by queue and age. Shape: queue, age (bucket), n, overdue."""
    return list(
        await rows(
            connection,
            "select case when status = 'vetting' then stage_kind else status end as queue,"
            " width_bucket(extract(epoch from %(now)s - applied_at), array[86400, 259200, 604800]) as age, count(*) as n,"
            " count(*) filter (where due_at < %(now)s) as overdue from credentials_credential"
            " where status in ('vetting', 'returned', 'appealed', 'approved') group by 1, 2 order by 1, 2",
            {"now": now},
        )
    )


async def issued(connection: Connection) -> list[Mapping[str, Any]]:
    """Shape: type, in_use, issued (versions), reused."""
    return list(
        await rows(
            connection,
            "select type, count(*) filter (where status in ('issued', 'suspended')) as in_use,"
            " sum(issues)::bigint as issued, count(earlier) as reused from credentials_credential"
            " where issues > 0 group by type order by type",
            {},
        )
    )

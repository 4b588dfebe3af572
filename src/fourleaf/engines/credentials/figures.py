# SPDX-License-Identifier: Apache-2.0
"""Credentials: what is counted of them, with unit, scope, as-of and source."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fourleaf.kernel.figure import Figure

FIGURES = (
    "credentials.stage_median",
    "credentials.stage_ninety_fifth",
    "credentials.open",
    "credentials.overdue",
    "credentials.issued",
    "credentials.in_use",
    "credentials.reused",
)
# As `width_bucket` numbers them.
AGES = ("under 1 day", "1 to 3 days", "3 to 7 days", "over 7 days")


def percentile(waits: Sequence[tuple[int, int]], share: int) -> int | None:
    """The shortest wait that so many of a hundred did not exceed.

    Shape:  waits: (minutes, how many), the shortest first. Unit: minutes.
    Method: nearest rank.
    """
    total = sum(n for _, n in waits)
    rank, seen = -(-total * share // 100), 0
    for minutes, n in waits:
        seen += n
        if seen >= rank and total:
            return minutes
    return None


def stage_times(waits: Mapping[str, Sequence[tuple[int, int]]], as_of: datetime) -> list[Figure]:
    """Median and P95 of each stage, of all that left it.

    Unit:   minutes of the edition's time, office hours or not.
    Source: what leaves a stage says how long it stood there.
    """
    named = (("credentials.stage_median", 50), ("credentials.stage_ninety_fifth", 95))
    return [
        Figure(
            key=key,
            value=percentile(each, share),
            unit="minute",
            scope=f"stage {stage}, all that left it",
            as_of=as_of,
            source="credentials.Passed, Returned, Rejected, AppealGranted, AppealDismissed",
        )
        for stage, each in waits.items()
        for key, share in named
    ]


def open_by_age(rows: Sequence[Mapping[str, Any]], as_of: datetime) -> list[Figure]:
    """Applications that somebody has to do something about, by queue and by age since they were made; and the overdue ones."""
    found = [
        _count("credentials.open", row["n"], f"{row['queue']}, {AGES[row['age']]}", as_of) for row in rows if row["n"]
    ]
    queues = dict.fromkeys(str(row["queue"]) for row in rows)
    late = {queue: sum(row["overdue"] for row in rows if row["queue"] == queue) for queue in queues}
    return found + [_count("credentials.overdue", n, queue, as_of) for queue, n in late.items()]


def by_category(rows: Sequence[Mapping[str, Any]], as_of: datetime) -> list[Figure]:
    """Versions issued, credentials in use, and badges of earlier editions that are used again.

    Unit: `version` counts each issue, so that one credential may count twice; the others count credentials.
    """
    found = list[Figure]()
    for row in rows:
        scope = f"category {row['type']}"
        found.append(
            _count("credentials.issued", row["issued"], scope, as_of, "version", "credentials.Issued, Reissued")
        )
        found.append(_count("credentials.in_use", row["in_use"], scope, as_of))
        found.append(
            _count("credentials.reused", row["reused"], scope, as_of, source="credentials.Issued with an earlier badge")
        )
    return found


def _count(
    key: str,
    value: int,
    scope: str,
    as_of: datetime,
    unit: str = "credential",
    source: str = "facts of the credentials",
) -> Figure:
    return Figure(key=key, value=int(value), unit=unit, scope=scope, as_of=as_of, source=source)

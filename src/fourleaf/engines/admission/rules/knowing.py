# SPDX-License-Identifier: Apache-2.0
"""Knowing: what a table is asked with: the code, the lane, the hour and the past of one attempt as flat fields."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from fourleaf.engines.admission.facts import Direction
from fourleaf.engines.admission.rules.table import Lane, Table

Override = Literal["none", "looked", "supervisor"]


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """What a code says, or what is wrong with it. carrier: its place among CARRIERS."""

    problem: str | None = None
    carrier: int | None = None
    category: int | None = None
    zones: int = 0
    days: int = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is known here of a credential and its holder. list_age_s: None without any list."""

    status: str = "unknown"
    list_age_s: int | None = None
    inside: bool = False
    entered_at: datetime | None = None
    external: str = "unknown"


def known(
    table: Table,
    lane: Lane,
    code: Code,
    standing: Standing,
    *,
    direction: Direction,
    local: datetime,
    clock_trusted: bool,
    closed: str = "",
    override: Override = "none",
) -> dict[str, Any]:
    """local: the time of the attempt, in the zone of the edition. Shape: FIELDS -> value."""
    day = local.date().isoformat()
    since = None if standing.entered_at is None else max(0, int((local - standing.entered_at).total_seconds()))
    return {
        "direction": direction,
        "problem": code.problem,
        "carrier": code.carrier,
        "category": code.category,
        "zones": code.zones,
        "days": code.days,
        "day": table.venue.days.index(day) if day in table.venue.days else None,
        "minute": 60 * local.hour + local.minute,
        "clock_trusted": clock_trusted,
        "status": standing.status,
        "list_age_s": standing.list_age_s,
        "lane_zone": lane.zone,
        "lane_categories": lane.categories,
        "lane_carriers": lane.carriers,
        "lane_direction": lane.direction,
        "closed": closed,
        "inside": standing.inside,
        "since_entry_s": since,
        "external": standing.external,
        "override": override,
    }

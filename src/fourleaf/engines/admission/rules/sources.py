# SPDX-License-Identifier: Apache-2.0
"""Sources: what a table is compiled from, read out of all that the pack declares."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from fourleaf.engines.admission.declares import CARRIERS, AdmissionRule
from fourleaf.engines.admission.rules.table import Category, Lane, Table, Venue, compiled, mask

# So many dates fit into a code.
MOST_DAYS = 32
# What the pack declares that a table depends on.
KINDS = ("admission_rule", "access_zone", "credential_type", "phase", "lane")

# Kind -> key -> what the pack says.
Declared = Mapping[str, Mapping[str, Mapping[str, Any]]]


def table_of(declared: Declared) -> Table:
    """The table of an edition. Without a policy its defaults count, and then no lane knows where it leads."""
    said = next(iter(declared.get("admission_rule", {}).values()), {})
    policy = msgspec.convert(said, AdmissionRule, strict=False)
    types = declared.get("credential_type", {})
    zones = {key: int(one["number"]) for key, one in sorted(declared.get("access_zone", {}).items())}
    days = _days(types, declared)
    categories = tuple(
        Category(
            number=one["number"],
            key=key,
            opens=_minute(one["opens"]),
            closes=_minute(one["closes"]),
            zones=mask([zones[zone] for zone in one.get("zones", ()) if zone in zones]),
            days=mask([days.index(day) for day in _days({key: one}, declared) if day in days]),
        )
        for key, one in sorted(types.items())
    )
    numbers = {one.key: one.number for one in categories}
    lanes = {
        key: _lane(policy, zones, numbers, str(one.get("gate", "")), str(one.get("lane_class", "")))
        for key, one in sorted(declared.get("lane", {}).items())
    }
    return compiled(policy, Venue(zones=zones, categories=categories, days=days, lanes=lanes))


def _lane(
    policy: AdmissionRule, zones: Mapping[str, int], numbers: Mapping[str, int], gate: str, lane_class: str
) -> Lane:
    rule = next((one for one in policy.lanes if one.fits(lane_class, gate)), None)
    if rule is None:
        return Lane(gate=gate)
    categories = rule.categories or tuple(numbers)
    return Lane(
        gate=gate,
        gate_class=rule.gate_class,
        zone=zones.get(rule.zone),
        direction=rule.direction,
        carriers=mask([CARRIERS.index(one) for one in rule.carriers]),
        categories=mask([numbers[one] for one in categories if one in numbers]),
    )


def _days(types: Mapping[str, Mapping[str, Any]], declared: Declared) -> tuple[str, ...]:
    """All dates that a category is for, in order.

    Limits: the first MOST_DAYS; on a later date no code is good.
    """
    phases = declared.get("phase", {})
    found = {str(day) for one in types.values() for day in one.get("dates", ())}
    for name in {name for one in types.values() for name in one.get("phases", ())} & phases.keys():
        first, last = (date.fromisoformat(str(phases[name][end])) for end in ("from", "to"))
        found |= {(first + timedelta(days=more)).isoformat() for more in range((last - first).days + 1)}
    return tuple(sorted(found)[:MOST_DAYS])


def _minute(hour: str) -> int:
    hours, _, minutes = hour.partition(":")
    return 60 * int(hours) + int(minutes[:2])

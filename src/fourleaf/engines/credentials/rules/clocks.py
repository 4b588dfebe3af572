# SPDX-License-Identifier: Apache-2.0
"""Clocks: when a stage is due, and on which days a credential is good. Pure: time comes in as an argument."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fourleaf.engines.credentials.declares import CredentialType, Office, Stage
from fourleaf.engines.credentials.declares.permissions import STAGES
from fourleaf.engines.credentials.facts import Step

# An appeal is looked at within so many minutes of office hours.
APPEAL_MINUTES = 2 * 9 * 60


def open_stage(type_: CredentialType, stage: Stage, now: datetime, zone: str) -> Step:
    """A stage as it is opened now, with its promise."""
    in_office = stage.clock == "office"
    due = office_due(type_.office, now, stage.minutes, zone) if in_office else now + timedelta(minutes=stage.minutes)
    return Step(
        key=stage.key,
        kind=stage.kind,
        decides=stage.decides or STAGES[stage.kind],
        four_eyes=stage.four_eyes,
        due_at=due,
    )


def office_due(office: Office, start: datetime, minutes: int, zone: str) -> datetime:
    """So many minutes of office hours after a moment.

    Unit: minutes; Limits: holidays are office days, as the edition does not rest.
    """
    local, left = start.astimezone(ZoneInfo(zone)), timedelta(minutes=minutes)
    opens, closes = time.fromisoformat(office.opens), time.fromisoformat(office.closes)
    day = local.date()
    while True:
        first = datetime.combine(day, opens, local.tzinfo)
        last = datetime.combine(day, closes, local.tzinfo)
        begin = max(local, first)
        if day.isoweekday() in office.weekdays and begin < last:
            if left <= last - begin:
                return (begin + left).astimezone(UTC)
            left -= last - begin
        day += timedelta(days=1)


def days_of(type_: CredentialType, phases: Mapping[str, Mapping[str, Any]]) -> list[date]:
    """The days on which a category opens anything, in order. phases: id -> from, to; of the edition."""
    found = set(type_.dates)
    for name in type_.phases:
        if name in phases:
            found |= set(_between(phases[name]))
    return sorted(found)


def _between(phase: Mapping[str, Any]) -> Iterable[date]:
    day, last = date.fromisoformat(str(phase["from"])), date.fromisoformat(str(phase["to"]))
    while day <= last:
        yield day
        day += timedelta(days=1)


def validity(type_: CredentialType, days: list[date], now: datetime, zone: str) -> tuple[datetime, datetime] | None:
    """From when to when one that is issued now is good; None when there is no such day any more."""
    today = now.astimezone(ZoneInfo(zone)).date()
    left = [day for day in days if day >= today]
    if type_.validity == "same-day":
        left = [day for day in left if day == today]
    if not left:
        return None
    first, last = _at(left[0], type_.opens, zone), _at(left[-1], type_.closes, zone)
    return (first, last) if last > now else None


def _at(day: date, hour: str, zone: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(hour), ZoneInfo(zone)).astimezone(UTC)

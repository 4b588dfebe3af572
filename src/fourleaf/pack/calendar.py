# SPDX-License-Identifier: Apache-2.0
"""Calendar: the edition itself, its days and phases."""

import re
from collections.abc import Collection
from datetime import date, time
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

import msgspec

from fourleaf.pack.edition import Declaration, ShowDay, plain
from fourleaf.pack.fields import as_date, as_time, check_table
from fourleaf.pack.kinds import DAY, EDITION, PHASE
from fourleaf.pack.positions import Path
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Table, Toml

# Source: ITU-T E.164, country codes of one to three digits.
CALLING_CODE = re.compile(r"[1-9][0-9]{0,2}")
HOURS = ("opens_at", "last_entry_at", "closes_at")


class Calendar(msgspec.Struct, frozen=True):
    """What edition.toml says; days and phases in order of time."""

    said: Table
    days: tuple[ShowDay, ...]
    phases: tuple[Table, ...]

    @property
    def values(self) -> list[Declaration]:
        about = {key: value for key, value in self.said.items() if key not in ("day", "phase", "source")}
        return [
            Declaration(kind="edition", key="edition", value=plain(about)),
            *(Declaration(kind="phase", key=phase["id"], value=phase) for phase in self.phases),
            *(Declaration(kind="day", key=day.date.isoformat(), value=_day_value(day)) for day in self.days),
        ]


def read_calendar(toml: Toml, problems: Problems) -> Calendar:
    """Report every mistake; the answer counts only when there was none."""
    check_table(problems, toml.at, toml.data, EDITION)
    zone = toml.data.get("zone")
    if isinstance(zone, str) and zone not in available_timezones():
        problems.add("edition.unknown-zone", toml.at("zone"), value=zone, like=(zone, sorted(available_timezones())))
    code = toml.data.get("calling_code")
    if isinstance(code, str) and not CALLING_CODE.fullmatch(code):
        problems.add("edition.bad-calling-code", toml.at("calling_code"), value=code)
    _check_previous(toml, problems)
    days = _days(toml, problems)
    return Calendar(toml.data, tuple(sorted(days, key=lambda day: day.date)), tuple(_phases(toml, problems)))


def editions(toml: Toml | None) -> Collection[str] | None:
    """This edition and those before it; None where edition.toml cannot tell."""
    key = toml.data.get("id") if toml else None
    return {key, *(one for _, one in _previous(toml))} if toml and isinstance(key, str) else None


def _previous(toml: Toml) -> list[tuple[int, str]]:
    said = toml.data.get("previous")
    return [(place, one) for place, one in enumerate(said if isinstance(said, list) else ()) if isinstance(one, str)]


def _check_previous(toml: Toml, problems: Problems) -> None:
    first = dict[str, Place]()
    for place, one in _previous(toml):
        at = toml.at("previous", place)
        if one == toml.data.get("id"):
            problems.add("edition.own-previous", at, value=one)
        elif one in first:
            problems.add("pack.duplicate-id", at, id=one, first=first[one])
        first.setdefault(one, at)


def _days(toml: Toml, problems: Problems) -> list[ShowDay]:
    found = list[ShowDay]()
    first = dict[date, Place]()
    tables = list(toml.tables("day", problems))
    if not tables:
        problems.add("edition.no-days", toml.at("day"))
    for data, path in tables:
        check_table(problems, toml.inside(path), data, DAY)
        _check_hours(toml, problems, data, path)
        day = as_date(data.get("date"))
        if day is None:
            continue
        if day in first:
            problems.add("edition.duplicate-day", toml.at(*path, "date"), value=day, first=first[day])
        first.setdefault(day, toml.at(*path, "date"))
        hours = {key: as_time(data.get(key)) for key in HOURS}
        found.append(ShowDay(date=day, name=data.get("name", {}), kind=str(data.get("kind", "")), **hours))
    return found


def _check_hours(toml: Toml, problems: Problems, data: Table, path: Path) -> None:
    said: list[tuple[str, time]] = [(key, hour) for key in HOURS if (hour := as_time(data.get(key)))]
    for key in HOURS:
        if said and key not in data:
            problems.add("edition.half-hours", toml.at(*path, "date"), key=key)
    for (earlier, first), (later, second) in pairwise(said):
        if first.replace(tzinfo=None) >= second.replace(tzinfo=None):
            blanks: Any = {"earlier": earlier, "later": later, "first": plain(first), "second": plain(second)}
            problems.add("edition.hours", toml.at(*path, later), **blanks)


def _phases(toml: Toml, problems: Problems) -> list[Table]:
    found = list[Table]()
    first = dict[Any, Place]()
    for data, path in toml.tables("phase", problems):
        check_table(problems, toml.inside(path), data, PHASE)
        begins, ends = as_date(data.get("from")), as_date(data.get("to"))
        if begins and ends and ends < begins:
            problems.add("edition.phase-order", toml.at(*path, "to"), first=begins, second=ends)
        key, at = str(data.get("id")), toml.at(*path, "id")
        if key in first:
            problems.add("pack.duplicate-id", at, id=key, first=first[key])
        first.setdefault(key, at)
        found.append(plain(data))
    return sorted(found, key=lambda one: str(one.get("from")))


def _day_value(day: ShowDay) -> Table:
    return {key: plain(value) for key, value in msgspec.structs.asdict(day).items()}

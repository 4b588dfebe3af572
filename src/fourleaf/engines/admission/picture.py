# SPDX-License-Identifier: Apache-2.0
"""Admission: gates and the day's counts as the map shows them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from fourleaf.engines.admission.state import Day, GateView, LaneMinute, Published, VenueView
from fourleaf.kernel.fold import Picture, Pictured

# Drawn anew every two seconds; a drawing that is older is not to be trusted.
DRAWN_FOR = timedelta(minutes=5)
# Gates report every passage: nothing for this long means that we do not know. A sample below a tenth is waited for longer.
QUIET_FOR = timedelta(minutes=15)
_TENTH_PPM = 100_000
_SEEN_BY = ("public", "office")


def gate(name: str, view: GateView, now: datetime) -> Pictured:
    """A gate that nobody passes for long is unknown, unless it is closed: then nobody should."""
    quiet = QUIET_FOR * max(1, _TENTH_PPM / view.sample_ppm)
    heard = now if view.closed else view.last
    return Pictured(
        thing=name,
        place=name,
        labels=_SEEN_BY,
        stale_at=_stale_at(heard, quiet, now),
        props={
            "entries_today": view.entries,
            "exits_today": view.exits,
            "per_minute": view.per_minute,
            "per_hour": view.per_hour,
            "last30": view.last30,
            "lanes": view.lanes,
            "closed": view.closed,
            "as_of": _as_of(heard, quiet, now),
            "unit": "person-time",
            "source": "admission.Entered",
        },
    )


def figure(name: str, view: VenueView, now: datetime) -> Pictured:
    """As old as the newest passage of the day, once that is long ago."""
    day = view.day or Day(day=now.date())
    values: dict[str, tuple[int, str, str, str]] = {
        "entries": (day.entries, "person-time", "venue-gates-today", "admission.Entered"),
        "inside": (day.inside, "person", "venue-gates", "admission.Entered, admission.Left"),
        "peak": (day.peak_inside, "person", "venue-gates-today", "admission.Entered, admission.Left"),
        "turned-away": (day.turned_away, "person-time", "venue-gates-today", "admission.TurnedAway"),
    }
    if name in ("by-minute", "by-hour"):
        series = view.minutes if name == "by-minute" else view.hours
        props: dict[str, Any] = {"series": series, "unit": f"person-time/{name[3:]}", "source": "admission.Entered"}
    else:
        value, unit, scope, source = values[name]
        props = {
            "value": value,
            "unit": unit,
            "scope": scope,
            "bound": "exact",
            "source": source,
            "previous": _previous(view.previous) if name == "entries" else None,
        }
    return Pictured(
        thing=_KEYS[name],
        place="",
        labels=_SEEN_BY,
        stale_at=_stale_at(day.last_at, QUIET_FOR, now),
        props=props | {"as_of": _as_of(day.last_at, QUIET_FOR, now)},
    )


def _previous(published: Published | None) -> dict[str, Any] | None:
    """The same count as an earlier edition published it: another cut-off, so it stands beside and is not compared."""
    if published is None:
        return None
    number = published.edition.rpartition("-")[2]
    named = (
        {"zh": f"第{_numeral(int(number))}届", "en": f"{_ordinal(int(number))} edition"}
        if number.isdecimal()
        else dict.fromkeys(("zh", "en"), published.edition)
    )
    shown: dict[str, Any] = msgspec.to_builtins(published)
    return shown | {"edition": named}


_KEYS = {
    "entries": "admission.entries_today",
    "inside": "admission.inside",
    "peak": "admission.peak_inside",
    "turned-away": "admission.turned_away",
    "by-minute": "admission.entries_by_minute",
    "by-hour": "admission.entries_by_hour",
}


def _numeral(number: int) -> str:
    """As editions are called in Chinese, up to the tenth; later ones by their digits."""
    return "一二三四五六七八九十"[number - 1] if 0 < number <= 10 else str(number)


def _ordinal(number: int) -> str:
    last = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"


def _stale_at(heard: datetime | None, quiet: timedelta, now: datetime) -> datetime:
    """Never heard of today: stale at once."""
    return min(now + DRAWN_FOR, heard + quiet) if heard else now


def _as_of(heard: datetime | None, quiet: timedelta, now: datetime) -> datetime | None:
    """The running minute while passages come in; the last passage once they have stopped."""
    if heard is None:
        return None
    return _minute(now if now <= heard + quiet else heard)


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


PICTURES = (
    Picture(layer="gate", view="gates", of=(LaneMinute,), thing=lambda row: row.gate, draw=gate, beat_s=2.0),
    Picture(layer="figure", view="venue", of=(Day,), thing=lambda row: "entries", draw=figure, beat_s=2.0),
)

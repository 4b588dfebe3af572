# SPDX-License-Identifier: Apache-2.0
"""Admission: gates and the day's counts as the map shows them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from fourleaf.engines.admission.state import Day, GateView, LaneMinute, Published, VenueView
from fourleaf.kernel.fold import Picture, Pictured

# Gates report every passage; nothing new for this long means that we do not know.
STALE_AFTER = timedelta(minutes=5)
_SEEN_BY = ("public", "office")


def gate(name: str, view: GateView, now: datetime) -> Pictured:
    return Pictured(
        thing=name,
        place=name,
        labels=_SEEN_BY,
        stale_at=now + STALE_AFTER,
        props={
            "entries_today": view.entries,
            "exits_today": view.exits,
            "per_minute": view.per_minute,
            "per_hour": view.per_hour,
            "last30": view.last30,
            "lanes": view.lanes,
            "closed": view.closed,
            "as_of": _minute(now),
            "unit": "person-time",
            "source": "admission.Entered",
        },
    )


def figure(name: str, view: VenueView, now: datetime) -> Pictured:
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
        thing=_KEYS[name], place="", labels=_SEEN_BY, stale_at=now + STALE_AFTER, props=props | {"as_of": _minute(now)}
    )


def _previous(published: Published | None) -> dict[str, Any] | None:
    """The same count as an earlier edition published it: another cut-off, so it stands beside and is not compared."""
    if published is None:
        return None
    number = published.edition.rpartition("-")[2]
    named = (
        {"zh": f"第{number}届", "en": f"Ed. {number}"}
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


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


PICTURES = (
    Picture(layer="gate", view="gates", of=(LaneMinute,), thing=lambda row: row.gate, draw=gate, beat_s=2.0),
    Picture(layer="figure", view="venue", of=(Day,), thing=lambda row: "entries", draw=figure, beat_s=2.0),
)

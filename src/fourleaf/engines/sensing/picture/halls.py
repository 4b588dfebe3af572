# SPDX-License-Identifier: Apache-2.0
"""Halls: halls with their counts and levels; halls over a threshold and silent doors call for attention."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fourleaf.engines.sensing.state.halls import DoorView, HallView
from fourleaf.kernel.fold import Picture, Pictured

# Doors report at least every five minutes; two missed reports and the count is unknown.
STALE_AFTER = timedelta(minutes=11)
_SEEN_BY = ("public", "office")

# What is done at each threshold: from the first people are let in slowly, from the second only against several who leave.
_NEXT = {
    "watch": {"zh": "起控：馆门限流，引导到人少的馆", "en": "Slow the doors; send people to emptier halls"},
    "alert": {"zh": "一进多出，直到低于{limit}人", "en": "One in for several out, until below {limit}"},
}
_TO_THE_COUNTERS = {
    "zh": "派人查看计数设备，其间人工计数",
    "en": "Send someone to the counters; count by hand until then",
}


def hall(name: str, view: HallView, now: datetime) -> Pictured:
    """A hall never heard of is stale at once."""
    return Pictured(
        thing=name,
        place=name,
        labels=_SEEN_BY,
        stale_at=view.last + STALE_AFTER if view.last else now,
        props={
            "occupancy": view.occupancy if view.last else None,
            "peak_today": view.peak,
            "level": view.level,
            "thresholds": view.thresholds,
            "scaled": view.scaled,
            "as_of": view.last,
            "unit": "person",
            "source": "sensing.reading",
        },
    )


def total(name: str, view: Mapping[str, HallView], now: datetime) -> Pictured:
    """All halls together, as old as the oldest of them."""
    halls = list(view.values())
    heard = [hall.last for hall in halls if hall.last]
    return Pictured(
        thing="sensing.halls_total",
        place="",
        labels=_SEEN_BY,
        stale_at=min(heard) + STALE_AFTER if len(heard) == len(halls) and heard else now,
        props={
            "value": sum(hall.occupancy for hall in halls) if heard else None,
            "unit": "person",
            "scope": "halls-by-doors",
            "bound": "exact",
            "source": "sensing.reading",
            "previous": None,
            "as_of": min(heard) if heard else None,
        },
    )


def crowded(name: str, view: HallView, now: datetime) -> Pictured | None:
    """As old as the count it goes by: `as_of` renews it with every report, and without reports it turns unknown."""
    if view.level == "calm":
        return None
    limit = view.scaled[0 if view.level == "watch" else 1]
    return Pictured(
        thing=f"level:{name}",
        place=name,
        labels=("office",),
        stale_at=view.last + STALE_AFTER if view.last else now,
        props={
            "severity": view.level,
            "kind": "hall-level",
            "what": {"zh": f"人流超{limit:,}", "en": f"Over {limit:,}"},
            "where": {"zh": f"{name}馆", "en": f"Hall {name}"},
            "why": None,
            "next": {lang: text.format(limit=f"{view.scaled[0]:,}") for lang, text in _NEXT[view.level].items()},
            "thing": name,
            "since": view.since,
            "as_of": view.last,
            "owner": None,
        },
    )


def silent(name: str, doors: list[DoorView], now: datetime) -> Pictured | None:
    """One call for attention a hall, however many of its doors are silent."""
    quiet = [(door.silent_since, door.door) for door in doors if door.silent_since]
    if not quiet:
        return None
    return Pictured(
        thing=f"silent:{name}",
        place=name,
        labels=("office",),
        props={
            "severity": "unknown",
            "kind": "door-silent",
            "what": {"zh": "馆门计数无新数据", "en": "No data from hall doors"},
            "where": {"zh": f"{name}馆", "en": f"Hall {name}"},
            "why": {
                "zh": f"{len(doors)} 个馆门中 {len(quiet)} 个未报",
                "en": f"{len(quiet)} of its {len(doors)} doors are silent",
            },
            "next": _TO_THE_COUNTERS,
            "thing": name,
            "doors": [door for _, door in sorted(quiet)],
            "since": min(quiet)[0],
            "owner": None,
        },
    )


# How often halls are drawn at the most, while their doors tell. Wall seconds.
EVERY_S = 0.15

PICTURES = (
    Picture(layer="hall", view="halls", streams=("hall",), draw=hall, beat_s=EVERY_S),
    Picture(layer="attention", view="halls", streams=("hall",), draw=crowded, beat_s=EVERY_S, mark="severity"),
    Picture(layer="attention", view="doors_by_hall", draw=silent, beat_s=2.0, mark="severity"),
    Picture(layer="figure", view="halls", draw=total, whole=True, beat_s=EVERY_S),
)

# SPDX-License-Identifier: Apache-2.0
"""World: closed things call for attention; moved things are shown where they stand now."""

from datetime import datetime

from fourleaf.engines.world.state import Thing
from fourleaf.kernel.fold import Picture, Pictured


def closure(name: str, thing: Thing, now: datetime) -> Pictured | None:
    """Layer attention; None once it is open again."""
    if not thing.closed or thing.closed_at is None:
        return None
    overdue = thing.until is not None and thing.until < now
    return Pictured(
        thing=f"closure:{thing.thing}",
        place=thing.thing,
        labels=("office",),
        props={
            "severity": "alert" if overdue else "watch",
            "kind": "closure",
            "what": {"zh": f"关闭：{thing.reason_zh}", "en": f"Closed: {thing.reason_en}"},
            "where": {"zh": thing.thing, "en": thing.thing},
            "thing": thing.thing,
            "since": thing.closed_at,
            "until": thing.until,
            "owner": None,
        },
    )


def moved(name: str, thing: Thing, now: datetime) -> Pictured | None:
    if not thing.lon:
        return None
    return Pictured(
        thing=thing.thing,
        place=thing.level or "",
        labels=("public", "office"),
        props={"lon": thing.lon, "lat": thing.lat, "level": thing.level},
    )


PICTURES = (
    Picture(layer="attention", view="world_things", streams=("thing",), draw=closure, beat_s=5.0),
    Picture(layer="moved", view="world_things", streams=("thing",), draw=moved),
)

# SPDX-License-Identifier: Apache-2.0
"""Balance: how many things of a register stand in each hall, and how far it is at least to the nearest one. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

import msgspec

from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.state import Item

Point = tuple[float, float]
# Unit: meters a degree of latitude.
DEGREE_M = 111_320
# Unit: m/s. Source: Weidmann 1993, Transporttechnik der Fussgänger: mean of unhindered walkers on the level.
WALK_M_S = 1.34


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that stands somewhere. Unit: point in degrees WGS 84."""

    id: str
    name: str
    level: str | None
    point: Point


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one hall has.

    Unit: far_m in meters, from the corner that is farthest off to the nearest thing on the hall's level; walk_s in seconds.
    Method: straight line, so nobody can be faster who walks; how much longer the way is, the pack does not say.
    """

    hall: str
    name: Mapping[str, str]
    level: str
    inside: int
    nearest: str = ""
    far_m: float | None = None

    @property
    def walk_s(self) -> float | None:
        return None if self.far_m is None else self.far_m / WALK_M_S


def spots(register: Register, items: Iterable[Item], venue: Mapping[str, Mapping[str, Any]], lang: str) -> list[Spot]:
    """Where the things stand; at a thing of the venue means in its middle. venue: id -> feature."""
    found = list[Spot]()
    for item in items:
        place = (item.fields.get(register.place.key) if register.place else None) or {}
        at = venue.get(place.get("at", ""))
        point = (float(place["lon"]), float(place["lat"])) if place.get("lon") else middle(at) if at else None
        if point is not None:
            level = at["properties"].get("level") if at else place.get("level")
            found.append(
                Spot(id=item.item, name=register.called(item.item, item.fields, lang), level=level, point=point)
            )
    return found


def balance(halls: Sequence[Mapping[str, Any]], things: Sequence[Spot]) -> list[Share]:
    """One line a hall, in the order given. halls: features of the venue."""
    return [_share(hall, things) for hall in halls]


def _share(hall: Mapping[str, Any], things: Sequence[Spot]) -> Share:
    said, rings = hall["properties"], _outer(hall["geometry"])
    near = [one for one in things if one.level == said["level"]]
    share = Share(
        hall=hall["id"],
        name=said["name"],
        level=said["level"],
        inside=sum(any(_within(one.point, ring) for ring in rings) for one in near),
    )
    if not near:
        return share
    corners = [min((_apart(corner, one.point), one.name) for one in near) for ring in rings for corner in ring]
    far, name = max(corners)
    return msgspec.structs.replace(share, far_m=far, nearest=name)


def _outer(geometry: Mapping[str, Any]) -> list[list[Point]]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [[(float(x), float(y)) for x, y, *_ in part[0]] for part in parts]


def middle(feature: Mapping[str, Any]) -> Point | None:
    """Where a thing of the venue is shown; None for several lines or points."""
    shown = feature["properties"].get("display_point")
    if shown:
        x, y = shown["coordinates"] if isinstance(shown, Mapping) else shown
        return float(x), float(y)
    geometry = feature["geometry"]
    if geometry["type"] in ("Point", "LineString"):
        line = geometry["coordinates"] if geometry["type"] == "LineString" else [geometry["coordinates"]]
        x, y, *_ = line[len(line) // 2]
        return float(x), float(y)
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        return None
    ring = _outer(geometry)[0][:-1]
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def _within(point: Point, ring: Sequence[Point]) -> bool:
    """Even-odd rule."""
    x, y = point
    sides = ((a, b) for a, b in pairwise(ring) if (a[1] > y) != (b[1] > y))
    return sum(x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] for a, b in sides) % 2 == 1


def _apart(one: Point, other: Point) -> float:
    """Unit: meters. Limits: right to a thousandth within a few kilometers."""
    east = (one[0] - other[0]) * cos(radians((one[1] + other[1]) / 2))
    return DEGREE_M * hypot(east, one[1] - other[1])

# SPDX-License-Identifier: Apache-2.0
"""Geometry: what is wrong with the shape of a feature. Pure.

Method: RFC 7946, 3.1 (closed rings, outer counterclockwise, holes clockwise); OGC 06-103r4, 6.1.11 (rings are simple).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
Complaint = tuple[str, dict[str, Any]]


class Effort:
    """How many pairs of sides may still be compared, so that no drawing keeps the check busy for ever."""

    def __init__(self, pairs: int = 1_000_000) -> None:
        self.pairs = pairs


def complaints(geometry: dict[str, Any], effort: Effort) -> Iterator[Complaint]:
    """What is wrong: code and blanks. The type has been checked before."""
    said = geometry.get("coordinates")
    match geometry["type"]:
        case "Point":
            yield from _line([said], 1)
        case "LineString":
            yield from _line(said, 2)
        case "MultiLineString":
            for line in _list(said) or [[]]:
                yield from _line(line, 2)
        case "Polygon":
            yield from _polygon(said, effort)
        case "MultiPolygon":
            for polygon in _list(said) or [[]]:
                yield from _polygon(polygon, effort)


def points_of(geometry: dict[str, Any]) -> Iterator[Point]:
    """Every point of a right geometry."""
    parts = [geometry["coordinates"]]
    while parts:
        part = parts.pop()
        if isinstance(part[0], list):
            parts += part
        else:
            yield part[0], part[1]


def twice_area(points: list[Point]) -> float:
    """Positive when counterclockwise. Measured from the first point: degrees are large beside a booth."""
    x0, y0 = points[0]
    return sum((ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in pairwise(points))


def _list(said: object) -> list[Any]:
    return said if isinstance(said, list) else []


def _line(said: object, wanted: int) -> Iterator[Complaint]:
    points = _list(said)
    if len(points) < wanted:
        yield "geojson.too-few-points", {"found": len(points), "wanted": wanted}
    yield from _astray(points)


def _astray(points: list[Any]) -> Iterator[Complaint]:
    for point in points:
        if not _is_point(point):
            yield "geojson.position", {"value": point}
            return


def _is_point(said: object) -> bool:
    """Comparisons are false for NaN."""
    return (
        isinstance(said, list)
        and 2 <= len(said) <= 3
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in said)
        and -180 <= said[0] <= 180
        and -90 <= said[1] <= 90
    )


def _polygon(said: object, effort: Effort) -> Iterator[Complaint]:
    rings = _list(said)
    if not rings:
        yield "geojson.too-few-points", {"found": 0, "wanted": 4}
    for number, ring in enumerate(rings):
        yield from _ring(_list(ring), effort, outer=number == 0)


def _ring(said: list[Any], effort: Effort, *, outer: bool) -> Iterator[Complaint]:
    astray = list(_astray(said))
    if astray:
        yield from astray
        return
    points = [(float(one[0]), float(one[1])) for one in said]
    if len(points) < 4:
        yield "geojson.too-few-points", {"found": len(points), "wanted": 4}
        return
    if points[0] != points[-1]:
        yield "geojson.unclosed-ring", {}
        return
    crossed = _crossing(points, effort)
    if effort.pairs < 0:
        yield "geojson.too-complicated", {}
    elif crossed:
        yield "geojson.crossing-ring", {"first": crossed[0], "second": crossed[1]}
    elif (twice_area(points) > 0) != outer:
        yield "geojson.winding", {}


def _crossing(points: list[Point], effort: Effort) -> tuple[int, int] | None:
    """Two sides, from 1, that meet where they should not. Sides are swept from west to east."""
    last = len(points) - 2
    sides = sorted((min(a[0], b[0]), max(a[0], b[0]), number, a, b) for number, (a, b) in enumerate(pairwise(points)))
    for place, (_, east, one, a, b) in enumerate(sides):
        for later in range(place + 1, len(sides)):
            west, _, other, c, d = sides[later]
            if west > east:
                break
            effort.pairs -= 1
            if effort.pairs < 0:
                return None
            apart = abs(one - other)
            met = _folds(points, one, other, last) if apart in (1, last) else _meet(a, b, c, d)
            if met:
                return min(one, other) + 1, max(one, other) + 1
    return None


def _folds(points: list[Point], one: int, other: int, last: int) -> bool:
    """Whether a side runs back over its neighbor, or has no length."""
    first, second = (one, other) if (one + 1) % (last + 1) == other else (other, one)
    a, b, c = points[first], points[first + 1], points[second + 1]
    along = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])
    return a == b or b == c or (_turn(a, b, c) == 0 and along < 0)


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    return _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0


def _turn(a: Point, b: Point, c: Point) -> int:
    """1 to the left, -1 to the right, 0 straight on."""
    turned = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turned > 0) - (turned < 0)

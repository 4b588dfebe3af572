# SPDX-License-Identifier: Apache-2.0
"""Shapes: plane geometry in meters; rings are open lists of points and convex unless said otherwise."""

from collections.abc import Callable
from math import cos, hypot, pi, sin

Point = tuple[float, float]
Ring = list[Point]


def area(ring: Ring) -> float:
    """Signed area: positive when the ring runs counterclockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(ring)) / 2


def counterclockwise(ring: Ring) -> Ring:
    return ring if area(ring) > 0 else ring[::-1]


def middle(ring: Ring) -> Point:
    """Center of the surface."""
    crosses = [(a[0] * b[1] - b[0] * a[1], a[0] + b[0], a[1] + b[1]) for a, b in _edges(ring)]
    whole = 3 * sum(cross for cross, _, _ in crosses)
    return sum(c * x for c, x, _ in crosses) / whole, sum(c * y for c, _, y in crosses) / whole


def inside(point: Point, ring: Ring) -> bool:
    """Even-odd rule, for any simple ring."""
    x, y = point
    crossings = [a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in _edges(ring) if (a[1] > y) != (b[1] > y)]
    return sum(x < at for at in crossings) % 2 == 1


def oval(half_width: float, half_height: float, roundness: float, points: int) -> Ring:
    """A superellipse around the origin: roundness 2 is an ellipse, more is fuller."""

    def bend(value: float, half: float) -> float:
        far: float = half * abs(value) ** (2 / roundness)
        return far if value > 0 else -far

    angles = (2 * pi * k / points for k in range(points))
    return [(bend(cos(a), half_width), bend(sin(a), half_height)) for a in angles]


def box(west: float, south: float, east: float, north: float) -> Ring:
    return [(west, south), (east, south), (east, north), (west, north)]


def moved(ring: Ring, by: Callable[[Point], Point]) -> Ring:
    return [by(point) for point in ring]


def split(ring: Ring, normal: Point, offset: float) -> tuple[Ring, Ring]:
    """Cut by the line x·normal = offset: what lies below it and what lies above; both get the same cut points."""
    below: Ring = []
    above: Ring = []
    for a, b in _edges(ring):
        at, bt = _along(a, normal) - offset, _along(b, normal) - offset
        if at <= 0:
            below.append(a)
        if at >= 0:
            above.append(a)
        if at * bt < 0:
            cut = _cut(min(a, b), max(a, b), normal, offset)
            below.append(cut)
            above.append(cut)
    return below, above


def offset_for_share(ring: Ring, normal: Point, share: float) -> float:
    """Where to cut so that this share of the surface lies below."""
    reach = [_along(point, normal) for point in ring]
    low, high = min(reach), max(reach)
    wanted = abs(area(ring)) * share
    for _ in range(60):
        half = (low + high) / 2
        if abs(area(split(ring, normal, half)[0])) < wanted:
            low = half
        else:
            high = half
    return round((low + high) / 2, 3)


def chord(ring: Ring, height: float) -> Point | None:
    """West and east end of the level line at this height, if it meets the ring."""
    ends = [
        a[0] + (height - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for a, b in _edges(ring)
        if (a[1] > height) != (b[1] > height)
    ]
    return (min(ends), max(ends)) if len(ends) > 1 else None


def on_border(ring: Ring, share: float) -> Point:
    """The point after this share of the way around."""
    lengths = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in _edges(ring)]
    left = share % 1 * sum(lengths)
    for (a, b), length in zip(_edges(ring), lengths, strict=True):
        if left <= length:
            return a[0] + (b[0] - a[0]) * left / length, a[1] + (b[1] - a[1]) * left / length
        left -= length
    return ring[0]


def toward(point: Point, goal: Point, meters: float) -> Point:
    far = hypot(goal[0] - point[0], goal[1] - point[1])
    return point[0] + (goal[0] - point[0]) * meters / far, point[1] + (goal[1] - point[1]) * meters / far


def with_points(ring: Ring, others: Ring) -> Ring:
    """The same ring with those of the other points that lie on its border as corners of its own."""
    done: Ring = []
    for a, b in _edges(ring):
        done.append(a)
        between = {p for p in others if p not in (a, b) and _on(p, a, b)}
        done += sorted(between, key=lambda p: hypot(p[0] - a[0], p[1] - a[1]))
    return done


def _edges(ring: Ring) -> list[tuple[Point, Point]]:
    return list(zip(ring, ring[1:] + ring[:1], strict=True))


def _along(point: Point, normal: Point) -> float:
    return point[0] * normal[0] + point[1] * normal[1]


def _cut(a: Point, b: Point, normal: Point, offset: float) -> Point:
    at, bt = _along(a, normal) - offset, _along(b, normal) - offset
    share = at / (at - bt)
    return round(a[0] + (b[0] - a[0]) * share, 6), round(a[1] + (b[1] - a[1]) * share, 6)


def _on(p: Point, a: Point, b: Point) -> bool:
    return (
        abs(hypot(p[0] - a[0], p[1] - a[1]) + hypot(b[0] - p[0], b[1] - p[1]) - hypot(b[0] - a[0], b[1] - a[1])) < 1e-5
    )

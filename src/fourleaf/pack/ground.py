# SPDX-License-Identifier: Apache-2.0
"""Ground: whether things lie where they belong, are as large as they say, and may hold as many as they say. Pure.

Limits: a venue that is drawn at the wrong place as a whole, or lies across the 180th meridian, is not told apart.
"""

from collections.abc import Mapping, Sequence
from math import cos, hypot, radians
from statistics import median_low
from typing import Any, NamedTuple

from fourleaf.pack.geometry import points_of, twice_area
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Table

# A fair, with its stations and lots, lies within so many kilometers of its middle.
FARTHEST_KM = 10
# A door stands in the wall of its hall, not always on the line that is drawn for it.
TOLERANCE_M = 20
# What is stated and what is drawn may differ so many times: a hall is let without its walls and yards.
TIMES = 4
# A hall with fewer persons than one on so many square meters is no concern, nor can it hold more than so many on one.
# Source: Fruin, The causes and prevention of crowd disasters (1993): at 7 on a square meter a crowd moves like a fluid.
SPARSE_M2, DENSE_PER_M2 = 1_000, 7

_M_A_DEGREE = 111_320.0

Box = tuple[float, float, float, float]


class Shape(NamedTuple):
    """A feature whose geometry is right. said: its properties."""

    kind: str
    id: str
    at: Place
    said: Table
    geometry: Table

    @property
    def box(self) -> Box:
        """West, south, east, north, in degrees."""
        xs, ys = zip(*points_of(self.geometry), strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def check_ground(problems: Problems, shapes: Sequence[Shape]) -> None:
    """Report what lies outside of its hall or far from all else, and sizes that cannot be."""
    boxes = [shape.box for shape in shapes]
    near = _check_near(problems, shapes, boxes)
    _check_in_halls(
        problems, [(shape, box) for shape, box, is_near in zip(shapes, boxes, near, strict=True) if is_near]
    )
    for shape in shapes:
        _check_area(problems, shape)
        _check_crowd(problems, shape)


def _check_near(problems: Problems, shapes: Sequence[Shape], boxes: Sequence[Box]) -> list[bool]:
    """The middle is the median, which few that went astray do not move."""
    if not boxes:
        return []
    middles = [((west + east) / 2, (south + north) / 2) for west, south, east, north in boxes]
    middle = median_low([x for x, _ in middles]), median_low([y for _, y in middles])
    found = list[bool]()
    for shape, one in zip(shapes, middles, strict=True):
        km = _meters(one, middle) / 1000
        found.append(km <= FARTHEST_KM)
        if km > FARTHEST_KM:
            blanks: Any = {"kind": shape.kind, "id": shape.id, "km": f"{km:,.0f}", "limit": FARTHEST_KM}
            problems.add("geojson.far-away", shape.at, **blanks)
    return found


def _check_in_halls(problems: Problems, shapes: Sequence[tuple[Shape, Box]]) -> None:
    halls = {shape.id: (shape, box) for shape, box in shapes if shape.kind == "hall"}
    inside: dict[str, list[tuple[Shape, float]]] = {}
    for shape, box in shapes:
        hall = shape.said.get("hall")
        if isinstance(hall, str) and hall in halls:
            inside.setdefault(hall, []).append((shape, _beyond(box, halls[hall][1])))
    for hall, some in inside.items():
        astray = [(shape, meters) for shape, meters in some if meters > TOLERANCE_M]
        if len(astray) > 2 and 2 * len(astray) > len(some):  # it is the hall that lies elsewhere
            blanks: Any = {"id": hall, "count": len(astray), "all": len(some)}
            problems.add("geojson.hall-elsewhere", halls[hall][0].at, **blanks)
            continue
        for shape, meters in astray:
            said: Any = {"kind": shape.kind, "id": shape.id, "hall": hall, "meters": f"{meters:,.0f}"}
            problems.add("geojson.outside-hall", shape.at, **said)


def _check_area(problems: Problems, shape: Shape) -> None:
    stated, drawn = _stated_m2(shape), _area_m2(shape.geometry)
    if stated and drawn and not 1 / TIMES <= stated / drawn <= TIMES:
        blanks: Any = {"stated": f"{stated:,}", "drawn": f"{drawn:,.0f}", "times": TIMES}
        problems.add("geojson.area", shape.at, **blanks)


def _check_crowd(problems: Problems, shape: Shape) -> None:
    area = _stated_m2(shape)
    match shape.said.get("thresholds"):
        case [int(watch), int(alert)] if 0 < watch < alert and area:
            low, high = area / SPARSE_M2, area * DENSE_PER_M2
            if alert < low or watch > high:
                said: Any = {"value": [watch, alert], "area": f"{area:,}", "low": f"{low:,.0f}", "high": f"{high:,.0f}"}
                problems.add("edition.thresholds-and-area", shape.at, **said)


def _stated_m2(shape: Shape) -> float:
    """0 where no right size is stated."""
    said = shape.said.get("area_m2")
    return said if isinstance(said, int | float) and not isinstance(said, bool) and said > 0 else 0


def _meters(one: tuple[float, float], other: tuple[float, float]) -> float:
    """On a plane, which is near enough at the size of a town."""
    shrunk = cos(radians(other[1]))
    return hypot((one[0] - other[0]) * shrunk, one[1] - other[1]) * _M_A_DEGREE


def _beyond(box: Box, hall: Box) -> float:
    """How many meters a box reaches out of another."""
    shrunk = cos(radians(hall[1]))
    east_west = max(hall[0] - box[0], box[2] - hall[2]) * shrunk
    return max(east_west, hall[1] - box[1], box[3] - hall[3]) * _M_A_DEGREE


def _area_m2(geometry: Mapping[str, Any]) -> float:
    """0 of what is no area. Holes count against it, for they run the other way."""
    said = geometry["coordinates"]
    polygons = {"Polygon": [said], "MultiPolygon": said}.get(geometry["type"], [])
    rings = [[(one[0], one[1]) for one in ring] for polygon in polygons for ring in polygon]
    return sum(twice_area(ring) / 2 * cos(radians(ring[0][1])) for ring in rings) * _M_A_DEGREE**2

# SPDX-License-Identifier: Apache-2.0
"""Halls: four leaves of two blocks on two levels, the north hall, their grid cells and doors."""

from dataclasses import dataclass
from math import hypot

from editions.making import shapes
from editions.making.parameters import Parameters
from editions.making.shapes import Point, Ring
from editions.making.site import Feature, Site, feature, named

# leaf: east, north, hall beside the lobby N or S, hall beside the lobby W or E
LEAVES = {
    "NW": (-1, 1, ("3",), ("4.1", "4.2")),
    "NE": (1, 1, ("2.1", "2.2"), ("1.1", "1.2")),
    "SW": (-1, -1, ("6.1", "6.2"), ("5.1", "5.2")),
    "SE": (1, -1, ("7.1", "7.2"), ("8.1", "8.2")),
}
ZONES = {
    "food_farm": ("1.1", "1.2", "2.2"),
    "automobile": ("2.1", "3"),
    "technical_equipment": ("4.1", "4.2", "8.1"),
    "consumer_goods": ("5.1", "5.2", "6.1", "6.2"),
    "medical_healthcare": ("7.1", "7.2"),
    "services_trade": ("8.2", "NH"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Axes of a hall: s runs along its rows, t across them; mirrors says east and north."""

    along: Point
    middle: Point
    mirrors: tuple[int, int]

    def to_site(self, point: Point) -> Point:
        (dx, dy), (s, t) = self.along, point
        x, y = self.middle[0] + s * dx - t * dy, self.middle[1] + s * dy + t * dx
        return x * self.mirrors[0], y * self.mirrors[1]

    def ring(self, ring: Ring) -> Ring:
        return shapes.moved(ring, self.to_site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """One hall: outline and cells in its own axes, first row of booths at t = first_row."""

    id: str
    leaf: str | None
    level: str
    frame: Frame
    outline: Ring
    cells: list[Ring]
    rows_from: float
    rows_to: float

    @property
    def zone(self) -> str:
        return next(zone for zone, halls in ZONES.items() if self.id in halls)

    @property
    def outline_on_site(self) -> Ring:
        return self.frame.ring(shapes.with_points(self.outline, [p for cell in self.cells for p in cell]))


def all_halls(parameters: Parameters) -> list[Hall]:
    found = [hall for leaf in LEAVES for hall in _leaf(parameters, leaf)]
    return sorted([*found, _north_hall(parameters)], key=lambda hall: (hall.id == "NH", hall.id))


def _leaf(parameters: Parameters, leaf: str) -> list[Hall]:
    size = parameters["leaf"].size
    center = (size("middle_east_m"), size("middle_north_m"))
    far = hypot(*center)
    along = (center[0] / far, center[1] / far)
    east, north, upper, lower = LEAVES[leaf]
    frame = Frame(along=along, middle=center, mirrors=(east, north))
    points = parameters["leaf"].count("outline_points")
    oval = shapes.oval(size("half_width_m"), size("half_height_m"), size("roundness"), 2 * points)
    turned = [(x * along[0] + y * along[1], y * along[0] - x * along[1]) for x, y in oval]
    gap = size("gap_m") / 2
    blocks = {
        upper: shapes.split(turned, (0, 1), gap)[1],
        lower: shapes.split(turned, (0, 1), -gap)[0],
    }
    return [
        _hall(parameters, id_, f"L{number}", leaf, frame, outline)
        for ids, outline in blocks.items()
        for number, id_ in enumerate(ids, 1)
    ]


def _north_hall(parameters: Parameters) -> Hall:
    size = parameters["north_hall"].size
    half, south, north = size("half_width_m"), size("south_m"), size("north_m")
    frame = Frame(along=(1, 0), middle=(0, (south + north) / 2), mirrors=(1, 1))
    return _hall(parameters, "NH", "L1", None, frame, shapes.box(-half, (south - north) / 2, half, (north - south) / 2))


def _hall(parameters: Parameters, id_: str, level: str, leaf: str | None, frame: Frame, outline: Ring) -> Hall:
    size = parameters["booths"].size
    heights = [t for _, t in outline]
    low, high = min(heights) + size("wall_clearance_m"), max(heights) - size("wall_clearance_m")
    period = 2 * size("depth_m") + size("aisle_m")
    first_aisle = low - size("aisle_m") / 2
    wish = shapes.offset_for_share(outline, (0, 1), 0.5)
    across = first_aisle + period * round((wish - first_aisle) / period)
    thirds = [shapes.offset_for_share(outline, (1, 0), share) for share in (1 / 3, 2 / 3)]
    cells = [cell for half in shapes.split(outline, (0, 1), across) for cell in _in_three(half, thirds)]
    return Hall(
        id=id_, leaf=leaf, level=level, frame=frame, outline=outline, cells=cells, rows_from=low, rows_to=high
    )  # fmt: skip


def _in_three(half: Ring, thirds: list[float]) -> list[Ring]:
    first, rest = shapes.split(half, (1, 0), thirds[0])
    second, third = shapes.split(rest, (1, 0), thirds[1])
    return [first, second, third]


def hall_name(id_: str) -> dict[str, str]:
    return named("北馆", "North Hall") if id_ == "NH" else named(f"{id_}馆", f"Hall {id_}")


def hall_features(parameters: Parameters, site: Site, halls: list[Hall]) -> dict[str, list[Feature]]:
    areas = _stated_areas(parameters, halls)
    return {
        "hall": [_hall_feature(parameters, site, hall, areas[hall.id]) for hall in halls],
        "grid": [cell for hall in halls for cell in _grids(site, hall)],
        "door": [door for hall in halls for door in _doors(parameters, site, hall)],
    }


def _stated_areas(parameters: Parameters, halls: list[Hall]) -> dict[str, int]:
    """The published area of all halls, shared out as they are drawn; to a square meter a hall."""
    drawn = {hall.id: abs(shapes.area(hall.outline)) for hall in halls}
    scale = parameters["halls"].size("total_area_m2") / sum(drawn.values())
    return {id_: round(area * scale) for id_, area in drawn.items()}


def _hall_feature(parameters: Parameters, site: Site, hall: Hall, area: int) -> Feature:
    sizes = parameters["halls"]
    return feature(
        hall.id,
        hall_name(hall.id),
        hall.level,
        site.polygon(hall.outline_on_site),
        short=named("北馆" if hall.id == "NH" else hall.id, hall.id),
        leaf=hall.leaf,
        zone=hall.zone,
        zone_tag="assumed",
        area_m2=area,
        area_m2_tag="assumed",
        thresholds=sizes.counts("thresholds"),
        thresholds_tag=sizes.tag("thresholds"),
        display_point=site.place(hall.frame.to_site(shapes.middle(hall.outline))),
    )


def _grids(site: Site, hall: Hall) -> list[Feature]:
    name = hall_name(hall.id)
    return [
        feature(
            f"{hall.id}-{number}",
            named(f"{name['zh']}{number}号网格", f"{name['en']}, cell {number}"),
            hall.level,
            site.polygon(hall.frame.ring(shapes.with_points(cell, [p for other in hall.cells for p in other]))),
            hall=hall.id,
        )
        for number, cell in enumerate(hall.cells, 1)
    ]


def _doors(parameters: Parameters, site: Site, hall: Hall) -> list[Feature]:
    name = hall_name(hall.id)
    count = parameters["halls"].count("doors")
    return [
        feature(
            f"{hall.id}-D{number}",
            named(f"{name['zh']}{number}号门", f"{name['en']}, door {number}"),
            hall.level,
            site.point(hall.frame.to_site(shapes.on_border(hall.outline, (number - 0.5) / count))),
            hall=hall.id,
        )
        for number in range(1, count + 1)
    ]

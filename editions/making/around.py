# SPDX-License-Identifier: Apache-2.0
"""Around: levels, fence, plaza, ring, lobbies, and what serves the halls inside and outside the fence."""

from editions.making import shapes
from editions.making.halls import Hall, hall_name
from editions.making.parameters import Parameters
from editions.making.shapes import Point, Ring
from editions.making.site import Feature, Site, feature, named

SIDES = {
    "N": ("北厅", "North lobby"),
    "E": ("东厅", "East lobby"),
    "S": ("南厅", "South lobby"),
    "W": ("西厅", "West lobby"),
}
# Where things outside the halls stand; only the list of them is published, the places are assumed.
LOTS = {"P1": (-445, 170), "P4": (345, 312), "P5": (345, 360), "P6": (330, -300), "P9": (330, -350)}
COACHES = (395, 130)
METRO_2 = (
    *((-392, -268), (-372, -292), (-350, -314), (-345, -150), (-332, -172)),
    *((-318, -322), (-290, -340), (-262, -352), (-234, -362)),
)
METRO_17 = ((-405, 332), (-372, 352))
MEDICAL = {"N": (18, 150), "E": (170, 12), "S": (-18, -150), "W": (-170, -12), "plaza": (0, 40)}


def ground_features(parameters: Parameters, site: Site) -> dict[str, list[Feature]]:
    size = parameters["site"].size
    fence = shapes.oval(size("fence_east_m"), size("fence_north_m"), size("fence_roundness"), 96)
    shape = site.polygon(fence)
    levels = (("L1", 0, named("地面层", "Ground level")), ("L2", 1, named("二层", "Upper level")))
    return {
        "level": [feature(id_, name, id_, shape, short=name, ordinal=ordinal) for id_, ordinal, name in levels],
        "venue": [feature("venue", named("国家会展中心(上海)", "National Exhibition and Convention Center (Shanghai)"), None, shape)],
        "plaza": [_plaza(parameters, site)],
        "ring": _ring(parameters, site),
        "lobby": [_lobby(parameters, site, side) for side in SIDES],
    }  # fmt: skip


def _plaza(parameters: Parameters, site: Site) -> Feature:
    radius = parameters["middle"].size("plaza_radius_m")
    shape = site.polygon(shapes.oval(radius, radius, 2, 72))
    return feature("plaza", named("中央广场", "Central plaza"), "L1", shape)


def _ring(parameters: Parameters, site: Site) -> list[Feature]:
    size = parameters["middle"].size
    outer, inner = (shapes.oval(size(name), size(name), 2, 96) for name in ("ring_outer_m", "ring_inner_m"))
    half = size("bridge_width_m") / 2
    bridge = shapes.box(-half, size("ring_outer_m") - 1, half, size("lobby_start_m") + 14)
    return [
        feature("ring", named("二层环廊", "Ring concourse"), "L2", site.polygon(outer, inner)),
        *(
            feature(f"ring-{side}", named(f"{zh}连廊", f"{en} bridge"), "L2", site.polygon(_turned(bridge, side)))
            for side, (zh, en) in SIDES.items()
        ),
    ]


def _lobby(parameters: Parameters, site: Site, side: str) -> Feature:
    size = parameters["middle"].size
    end = size("lobby_end_north_m" if side in "NS" else "lobby_end_east_m")
    inner, outer = size("lobby_inner_half_m"), size("lobby_outer_half_m")
    right = [(inner, size("lobby_start_m")), (inner, size("lobby_bend_m")), (outer, end - 12), (outer - 12, end)]
    ring = [*right, *((-x, y) for x, y in reversed(right))]
    return feature(f"lobby-{side}", named(*SIDES[side]), "L1", site.polygon(_turned(ring, side)))


def _turned(ring: Ring, side: str) -> Ring:
    """A ring drawn for the north side, on another side."""
    match side:
        case "S":
            return [(-x, -y) for x, y in ring]
        case "E":
            return [(y, -x) for x, y in ring]
        case "W":
            return [(-y, x) for x, y in ring]
    return ring


def service_features(parameters: Parameters, site: Site, halls: list[Hall]) -> dict[str, list[Feature]]:
    return {
        "metro": _metro(parameters, site),
        "taxi": [feature("taxi-P6", named("P6出租车上客点", "Taxi stand P6"), "L1", site.point((370, -300)), lot="P6")],
        "lot": [_lot(parameters, site, id_, place) for id_, place in LOTS.items()],
        "coach": [_coaches(parameters, site)],
        "meal_point": _meals(parameters, site, halls),
        "medical": _medical(parameters, site),
    }


def _metro(parameters: Parameters, site: Site) -> list[Feature]:
    station = named("国家会展中心站", "National Exhibition and Convention Center station")
    lines = (("2", METRO_2), ("17", METRO_17))
    return [
        feature(
            f"metro-{line}-{exit_}",
            named(f"{line}号线{exit_}号口", f"Line {line}, exit {exit_}"),
            "L1",
            site.point(place),
            line=line,
            exit=exit_,
            station=station,
            source=parameters["services"].tag(f"metro_line_{line}_exits"),
        )
        for line, places in lines
        for exit_, place in enumerate(places[: parameters["services"].count(f"metro_line_{line}_exits")], 1)
    ]


def _lot(parameters: Parameters, site: Site, id_: str, place: Point) -> Feature:
    x, y = place
    capacity = parameters["lots"]["capacity"]
    name = named(f"{id_}停车场", f"Parking lot {id_}")
    shape = site.polygon(shapes.box(x - 22, y - 16, x + 22, y + 16))
    return feature(id_, name, "L1", shape, capacity=capacity.count(id_), capacity_tag=capacity.tag(id_))


def _coaches(parameters: Parameters, site: Site) -> Feature:
    capacity = parameters["lots"]["capacity"]
    name = named("团队巴士上落客区", "Coach area")
    shape = site.point(COACHES)
    return feature("coach-1", name, "L1", shape, capacity=capacity.count("coach"), capacity_tag=capacity.tag("coach"))


def _meals(parameters: Parameters, site: Site, halls: list[Hall]) -> list[Feature]:
    services = parameters["services"]
    fixed, temporary = services.count("meals_fixed"), services.count("meals_temporary")
    kinds = [("fixed", "餐饮点", "Restaurant")] * fixed + [
        ("temporary", "临时供餐点", "Temporary meal point")
    ] * temporary
    tags = {"fixed": services.tag("meals_fixed"), "temporary": services.tag("meals_temporary")}
    done = []
    for number, (kind, zh, en) in enumerate(kinds, 1):
        hall = halls[(number - 1) % len(halls)]
        name, turn = hall_name(hall.id), (number - 1) // len(halls)
        edge = shapes.on_border(hall.outline, turn / 5 + 0.03)
        place = hall.frame.to_site(shapes.toward(edge, shapes.middle(hall.outline), 2))
        done.append(
            feature(
                f"meal-{number:02}",
                named(f"{name['zh']}{zh}{number}", f"{en} {number}, {name['en']}"),
                hall.level,
                site.point(place),
                type=kind,
                hall=hall.id,
                source=tags[kind],
            )
        )
    return done


def _medical(parameters: Parameters, site: Site) -> list[Feature]:
    places = list(MEDICAL.items())[: parameters["services"].count("medical")]
    lobbies = {**SIDES, "plaza": ("中央广场", "Central plaza")}
    return [
        feature(
            f"medical-{number}",
            named(f"{lobbies[where][0]}医疗站点", f"Medical point, {lobbies[where][1]}"),
            "L1",
            site.point(place),
            source=parameters["services"].tag("medical"),
        )
        for number, (where, place) in enumerate(places, 1)
    ]

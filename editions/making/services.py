# SPDX-License-Identifier: Apache-2.0
"""Services: grid cells with what stands nearest, service kiosks, and what the health group carries over from the 4th edition."""

from collections.abc import Iterator
from math import cos, hypot, radians

from editions.making.ground import Ground, Registers, Row
from editions.making.parameters import Parameters
from editions.making.site import Feature

# Departments that keep a grid of their own; one cell carries the duties of all of them.
DEPARTMENTS = ("police", "urban", "market", "fire")
QUESTIONS = ("去几号馆 Which hall", "餐饮 Food", "交通 Transport", "洗手间 Toilets", "签证 Visa", "失物 Lost property")
EPIDEMIC_SIGNS = (
    ("保持距离", "Keep your distance"), ("请戴口罩", "Wear a mask"), ("测量体温", "Temperature check"), ("洗手消毒", "Clean your hands"),
)  # fmt: skip
Spot = tuple[float, float]


def _cells(ground: Ground, of: Parameters) -> Iterator[Row]:
    """Where a cell is nearest to is measured in a straight line from its middle; a hydrant stands in the same hall."""
    gates = [(gate["id"], _spot(gate)) for gate in ground.kinds["gate"]]
    hydrants = _hydrants(ground.made["fire-point"])
    teams = of.count("team_a_hall")
    each = 6 // teams
    for cell in ground.kinds["grid"]:
        hall, number = cell["properties"]["hall"], int(cell["id"].rpartition("-")[2])
        middle = _middle(cell)
        yield {
            "id": cell["id"],
            "name_zh": cell["properties"]["name"]["zh"],
            "name_en": cell["properties"]["name"]["en"],
            "hall": hall,
            "gate": _nearest(middle, gates),
            "hydrant": _nearest(middle, hydrants[hall]),
            "team": f"SYN-{hall}-T{min((number - 1) // each + 1, teams)}",
            **{one: f"SYN-{one[0].upper()}-{cell['id']}" for one in DEPARTMENTS},
            "place": f"{cell['properties']['level']} {middle[0]:.6f} {middle[1]:.6f}",
        }


def _hydrants(points: list[Row]) -> dict[str, list[tuple[str, Spot]]]:
    """Shape: hall -> id and place of each hydrant in it."""
    found = dict[str, list[tuple[str, Spot]]]()
    for row in points:
        if row["kind"] == "hydrant":
            _, east, north = row["place"].split()
            found.setdefault(row["hall"], []).append((row["id"], (float(east), float(north))))
    return found


def _spot(feature: Feature) -> Spot:
    east, north = feature["geometry"]["coordinates"]
    return float(east), float(north)


def _middle(cell: Feature) -> Spot:
    ring = cell["geometry"]["coordinates"][0][:-1]
    return sum(east for east, _ in ring) / len(ring), sum(north for _, north in ring) / len(ring)


def _nearest(middle: Spot, spots: list[tuple[str, Spot]]) -> str:
    narrow = cos(radians(middle[1]))
    return min(spots, key=lambda one: (hypot((one[1][0] - middle[0]) * narrow, one[1][1] - middle[1]), one[0]))[0]


def _epidemic_signs(ground: Ground, of: Parameters) -> Iterator[Row]:
    each = of.count("signs_a_row")
    for number in range(1, of.count("epidemic_sign") // each + 1):
        zh, en = EPIDEMIC_SIGNS[number % len(EPIDEMIC_SIGNS)]
        yield {
            "id": f"E{number:04}",
            "name_zh": f"防疫标识{number:04}",
            "name_en": f"Epidemic sign {number:04}",
            "kind": "health",
            "text_zh": zh,
            "text_en": en,
            "print_version": 1,
            **ground.inside(),
            "copies": each,
            "edition": 4,
        }


def _kiosks(ground: Ground, of: Parameters) -> Iterator[Row]:
    for hall in ground.halls:
        for number in range(1, of.count("kiosk_a_hall") + 1):
            yield {
                "id": f"K-{hall}-{number}",
                "name_zh": f"{hall}馆智能会务服务点{number}",
                "name_en": f"Hall {hall}, smart service point {number}",
                "uses": ground.rng.randrange(100, 2400),
                "top_questions": ";".join(ground.rng.sample(QUESTIONS, 3)),
                "state": ground.state(),
                **ground.inside(hall),
            }


def _control_teams(ground: Ground, of: Parameters) -> Iterator[Row]:
    sorts = (("team", "疾控保障小组", "Disease-control team"), ("lab", "P2+移动实验车", "P2+ mobile laboratory"))
    for (kind, zh, en), amount in zip(sorts, ("control_team", "mobile_lab"), strict=True):
        for number in range(1, of.count(amount) + 1):
            yield {
                "id": f"{kind[0].upper()}{number:02}",
                "name_zh": f"{zh}{number:02}",
                "name_en": f"{en} {number:02}",
                "kind": kind,
                "people": ground.rng.randrange(3, 9),
                "samples_h": ground.rng.randrange(40, 120, 10) if kind == "lab" else "",
                "state": "ready",
                **(ground.inside() if kind == "team" else {"hall": "", "place": ground.outside(0.003)}),
            }


def _test_points(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("test_point") + 1):
        yield {
            "id": f"N{number:02}",
            "name_zh": f"合成检测点{number:02}",
            "name_en": f"Synthetic test point {number:02}",
            "district": f"d{ground.rng.randrange(1, 17)}",
            "opens": ground.rng.choice(("00:00-24:00", "07:00-21:00", "08:00-20:00")),
            "result_h": ground.rng.choice((4, 6, 12)),
            "edition": 4,
            "place": ground.outside(0.25),
        }


REGISTERS: Registers = (
    ("city-environment", "sign", _epidemic_signs),
    ("security", "grid-cell", _cells),
    ("digital", "kiosk", _kiosks),
    ("health", "control-team", _control_teams),
    ("health", "test-point", _test_points),
)

# SPDX-License-Identifier: Apache-2.0
"""Entries: the seven gates, their entrances and every lane of them."""

from dataclasses import dataclass
from math import cos, radians, sin

from editions.making.parameters import Parameters
from editions.making.shapes import Point
from editions.making.site import Feature, Site, feature, named


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate: where it stands and the compass bearing a person faces who leaves by it."""

    id: str
    zh: str
    en: str
    short: tuple[str, str]
    level: str
    side: str
    at: Point
    bearing: int


# The picture of the wall decides where they stand: all positions are assumed.
GATES = (
    Gate(id="N", zh="北厅入口", en="North gate", short=("北厅", "North"), level="L1", side="north", at=(0, 262), bearing=0),
    Gate(id="E", zh="东厅入口", en="East gate", short=("东厅", "East"), level="L1", side="east", at=(297, 0), bearing=90),
    Gate(id="S", zh="南厅入口", en="South gate", short=("南厅", "South"), level="L1", side="south", at=(0, -262), bearing=180),
    Gate(
        id="W-L1", zh="西厅地面层入口", en="West gate, ground level", short=("西厅 地面层", "West ground"),
        level="L1", side="west", at=(-297, -24), bearing=270,
    ),
    Gate(
        id="W-L2", zh="西厅二层入口", en="West gate, upper level", short=("西厅 二层", "West upper"),
        level="L2", side="west", at=(-297, 24), bearing=270,
    ),
    Gate(id="G12", zh="12号门", en="Gate 12", short=("12号门", "Gate 12"), level="L1", side="west", at=(-326, 91), bearing=246),
    Gate(id="G13", zh="13号门", en="Gate 13", short=("13号门", "Gate 13"), level="L1", side="east", at=(326, -91), bearing=66),
)  # fmt: skip


def entry_features(parameters: Parameters, site: Site) -> dict[str, list[Feature]]:
    return {
        "gate": [_gate(site, gate) for gate in GATES],
        "entrance": [one for gate in GATES for one in _entrances(parameters, site, gate)],
        "lane": [one for gate in GATES for one in _lanes(parameters, site, gate)],
    }


def _gate(site: Site, gate: Gate) -> Feature:
    return feature(
        gate.id,
        named(gate.zh, gate.en),
        gate.level,
        site.point(gate.at),
        short=named(*gate.short),
        bearing=gate.bearing,
        side=gate.side,
    )


def _entrances(parameters: Parameters, site: Site, gate: Gate) -> list[Feature]:
    tag = parameters["gates"].tag("entrances")
    return [
        feature(
            f"{gate.id}-E{number}",
            named(f"{gate.zh}{number}号通道口", f"{gate.en}, entrance {number}"),
            gate.level,
            site.point(_beside(gate, (lanes[0] + lanes[-1]) / 2, 0)),
            gate=gate.id,
            source=tag,
        )
        for number, lanes in enumerate(_offsets(parameters, gate), 1)
    ]


def _lanes(parameters: Parameters, site: Site, gate: Gate) -> list[Feature]:
    tag = parameters["gates"].tag("lanes")
    half = parameters["gates"].size("lane_length_m") / 2
    return [
        feature(
            f"{gate.id}-E{number}-{lane:02}",
            named(f"{gate.zh}{number}-{lane}号验证通道", f"{gate.en}, lane {number}-{lane}"),
            gate.level,
            site.line([_beside(gate, offset, half), _beside(gate, offset, -half)]),
            entrance=f"{gate.id}-E{number}",
            gate=gate.id,
            lane_class=_lane_class(number, lane, len(lanes)),
            lane_class_tag="assumed",
            source=tag,
        )
        for number, lanes in enumerate(_offsets(parameters, gate), 1)
        for lane, offset in enumerate(lanes, 1)
    ]


def _lane_class(entrance: int, lane: int, lanes: int) -> str:
    if lane == lanes:
        return "accessible" if entrance == 1 else "badge"
    if lane == lanes - 1 and entrance == 1 and lanes > 3:
        return "staff"
    return "e_credential" if lane * 2 <= lanes else "badge"


def _offsets(parameters: Parameters, gate: Gate) -> list[list[float]]:
    """Meters of each lane to the right of the gate's middle, entrance by entrance."""
    sizes = parameters["gates"]
    spacing, gap = sizes.size("lane_spacing_m"), sizes.size("entrance_gap_m")
    counts = sizes["split"].counts(gate.id)
    whole = sum(count * spacing for count in counts) + gap * (len(counts) - 1)
    start, done = -whole / 2 + spacing / 2, []
    for count in counts:
        done.append([start + spacing * k for k in range(count)])
        start += count * spacing + gap
    return done


def _beside(gate: Gate, right: float, out: float) -> Point:
    east, north = sin(radians(gate.bearing)), cos(radians(gate.bearing))
    return gate.at[0] + out * east + right * north, gate.at[1] + out * north - right * east

# SPDX-License-Identifier: Apache-2.0
"""Site: from meters around the plaza to GeoJSON features, and features to files, one a line."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from typing import Any

from editions.making.parameters import Parameters
from editions.making.shapes import Point, Ring, counterclockwise

Feature = dict[str, Any]
DEGREE_M = 111_320


@dataclass(frozen=True, slots=True)
class Site:
    """Where the middle of the plaza lies on earth."""

    latitude: float
    longitude: float

    def place(self, point: Point) -> list[float]:
        east = point[0] / (DEGREE_M * cos(radians(self.latitude)))
        return [round(self.longitude + east, 8), round(self.latitude + point[1] / DEGREE_M, 8)]

    def point(self, point: Point) -> Feature:
        return {"type": "Point", "coordinates": self.place(point)}

    def line(self, points: Iterable[Point]) -> Feature:
        return {"type": "LineString", "coordinates": [self.place(point) for point in points]}

    def polygon(self, outer: Ring, *holes: Ring) -> Feature:
        rings = [counterclockwise(outer), *(counterclockwise(hole)[::-1] for hole in holes)]
        return {"type": "Polygon", "coordinates": [[self.place(p) for p in [*ring, ring[0]]] for ring in rings]}


def site_of(parameters: Parameters) -> Site:
    return Site(parameters["site"].size("latitude"), parameters["site"].size("longitude"))


def named(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def feature(id_: str, name: dict[str, str], level: str | None, geometry: Feature, **more: Any) -> Feature:
    properties = {"name": name, "level": level, **more}
    return {"type": "Feature", "id": id_, "properties": properties, "geometry": geometry}


def write(folder: Path, kinds: dict[str, list[Feature]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind, features in kinds.items():
        rows = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
        text = f'{{"type":"FeatureCollection","name":"{kind}","features":[\n{rows}\n]}}\n'
        (folder / f"{kind}.geojson").write_text(text, "utf-8")

# SPDX-License-Identifier: Apache-2.0
"""Layers: where things stand that stand at a thing of the venue: in its middle, and on its level. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fourleaf.engines.world.rules.balance import Point, middle

Venue = Mapping[str, Mapping[str, Any]]


def stands(venue: Venue, at: str, level: str | None) -> Point | None:
    """Where the thing of the venue is, if a map of this level shows it: None is every level. venue: id -> feature."""
    feature = venue.get(at)
    if feature is None:
        return None
    its = feature["properties"].get("level")
    return middle(feature) if level is None or its is None or its == level else None


def features(at: Sequence[tuple[str, str | None, str]], venue: Venue, level: str | None) -> list[str]:
    """Features of GeoJSON as text. at: id, state, id of the thing of the venue."""
    found = ((item, state, stands(venue, where, level)) for item, state, where in at)
    return [_feature(item, state, point) for item, state, point in found if point]


def _feature(item: str, state: str | None, point: Point) -> str:
    said = {"id": item} | ({"state": state} if state else {})
    shape = {"type": "Point", "coordinates": point}
    return msgspec.json.encode({"type": "Feature", "geometry": shape, "properties": said}).decode()


def first(
    things: Sequence[tuple[str, str, str | None]], more: Sequence[tuple[str, str, str | None]], most: int
) -> list[tuple[str, str, str | None]]:
    """Of both the first, those that are not calm before all others, then by id. Shape: id, name, state."""
    return sorted([*things, *more], key=lambda one: (one[2] is None, one[0]))[:most]

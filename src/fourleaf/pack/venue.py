# SPDX-License-Identifier: Apache-2.0
"""Venue: the map of an edition, by kind, under the hash of its content."""

import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any

Feature = dict[str, Any]


class Venue:
    """Levels and features. Never changes; the hash names the content, whatever the order of files and lines."""

    def __init__(self, features: Mapping[str, tuple[Feature, ...]]) -> None:
        """features: kind -> features with id, kind, level, geometry, properties."""
        # kind -> its features by id
        self.kinds: Mapping[str, tuple[Feature, ...]] = {
            kind: tuple(sorted(features[kind], key=_by_id)) for kind in sorted(features)
        }
        self._by_id = {one["id"]: one for some in self.kinds.values() for one in some}

    @cached_property
    def hash(self) -> str:
        return sha256(_canonical(self._content)).hexdigest()

    def features(self, kind: str) -> tuple[Feature, ...]:
        """Of one kind, by id; empty when there is none."""
        return self.kinds.get(kind, ())

    def feature(self, key: str) -> Feature:
        """Raises: KeyError"""
        return self._by_id[key]

    def to_json(self) -> bytes:
        """The body of venue.json."""
        return _canonical({"hash": self.hash, **self._content})

    @cached_property
    def _content(self) -> dict[str, Any]:
        return {
            "levels": [_level(one) for one in sorted(self.features("level"), key=_by_ordinal)],
            "features": {
                kind: {"type": "FeatureCollection", "features": [_geojson(one) for one in some]}
                for kind, some in self.kinds.items()
            },
        }


def _level(feature: Feature) -> dict[str, Any]:
    said = feature["properties"]
    return {
        "id": feature["id"],
        "ordinal": said["ordinal"],
        "name": said["name"],
        "short": said.get("short", said["name"]),
    }


def _geojson(feature: Feature) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": feature["id"],
        "geometry": feature["geometry"],
        "properties": feature["properties"],
    }


def _by_id(feature: Feature) -> str:
    return str(feature["id"])


def _by_ordinal(feature: Feature) -> tuple[int, str]:
    return feature["properties"]["ordinal"], feature["id"]


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()

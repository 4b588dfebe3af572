# SPDX-License-Identifier: Apache-2.0
"""Kinds: what each part of a pack may say. A new property of the venue is a line here."""

from collections.abc import Mapping

from fourleaf.pack.fields import Spec

EDITION: Spec = {
    "id": "id",
    "name": "words",
    "short": "words?",
    "ordinal": "count?",
    "year": "count?",
    "zone": "text",
    "calling_code": "text?",
    "venue": "words?",
    "note": "words?",
    "previous": "texts?",
    "source": "list?",
    "day": "list",
    "phase": "list?",
}
# What `source:…` and `carried-over:…` may name.
SOURCE: Spec = {"id": "id", "name": "words", "note": "words?"}
DAY: Spec = {
    "date": "date",
    "name": "words",
    "kind": "text",
    "opens_at": "time?",
    "last_entry_at": "time?",
    "closes_at": "time?",
    "note": "words?",
    "source": "text?",
}
PHASE: Spec = {
    "id": "id",
    "name": "words",
    "from": "date",
    "to": "date",
    "note": "words?",
    "source": "text?",
}
GROUP: Spec = {
    "id": "id?",
    "name": "words",
    "short": "words?",
    "duty": "words?",
    "note": "words?",
    "source": "text?",
    "subgroup": "list?",
}
SUBGROUP: Spec = {"id": "id", "name": "words", "duty": "words?", "note": "words?", "source": "text?"}
HISTORY: Spec = {
    "id": "id?",
    "edition": "text?",
    "name": "words?",
    "note": "words?",
    "source": "text?",
    "figure": "list?",
}
FIGURE: Spec = {
    "key": "text",
    "name": "words?",
    "edition": "text?",
    "value": "amount",
    "unit": "text",
    "change": "text?",
    "row": "text?",
    "bound": "exact|over|nearly|about|preliminary?",
    "scope": "text?",
    "as_of": "text?",
    "source": "text",
    "quote": "text?",
    "note": "words?",
}

EXHIBITOR_COLUMNS = ("id", "name_zh", "name_en")
EXHIBITOR_MORE = ("country", "zone", "booth", "first_edition", "synthetic", "source", "area_m2")

_COMMON: dict[str, str] = {
    "name": "words",
    "level": "id?",
    "short": "words?",
    "note": "words?",
    "source": "text?",
    "display_point": "point?",
    "count": "count?",  # only its tag stands: where the number of such things comes from
}
FEATURES: Mapping[str, Spec] = {
    "level": _COMMON | {"ordinal": "int"},
    "venue": _COMMON | {"category": "text?"},
    "hall": _COMMON | {"zone": "text", "area_m2": "size", "thresholds": "thresholds", "leaf": "text?"},
    "grid": _COMMON | {"hall": "id"},
    "booth": _COMMON
    | {"hall": "id", "grid": "id", "exhibitor": "id?", "build": "raw_space|shell_scheme", "area_m2": "size?"},
    "lobby": _COMMON,
    "plaza": _COMMON,
    "ring": _COMMON,
    "gate": _COMMON | {"side": "text?", "bearing": "number?"},
    "entrance": _COMMON | {"gate": "id", "lanes": "count?"},
    "lane": _COMMON | {"entrance": "id", "gate": "id", "lane_class": "text"},
    "door": _COMMON | {"hall": "id"},
    "metro": _COMMON | {"line": "text", "station": "words?", "exit": "int?"},
    "taxi": _COMMON | {"lot": "id?"},
    "lot": _COMMON | {"capacity": "count"},
    "coach": _COMMON | {"capacity": "count?"},
    "meal_point": _COMMON | {"type": "fixed|temporary", "hall": "id?"},
    "medical": _COMMON,
}
# Without these nobody can enter and nothing can be counted.
NEEDED = ("level", "hall", "gate", "entrance", "lane", "door")

_AREA = ("Polygon", "MultiPolygon")
_SPOT = ("Point", *_AREA)
GEOMETRIES: Mapping[str, tuple[str, ...]] = {
    "level": _AREA,
    "venue": _AREA,
    "hall": _AREA,
    "grid": _AREA,
    "booth": _AREA,
    "lobby": _AREA,
    "plaza": _AREA,
    "ring": _AREA,
    "gate": ("Point",),
    "entrance": (*_SPOT, "LineString"),
    "lane": (*_SPOT, "LineString"),
    "door": (*_SPOT, "LineString"),
    "metro": _SPOT,
    "taxi": _SPOT,
    "lot": _SPOT,
    "coach": _SPOT,
    "meal_point": _SPOT,
    "medical": _SPOT,
}
# Property -> the kind it names; for every kind of feature that has the property.
REFERENCES = {
    "level": "level",
    "hall": "hall",
    "grid": "grid",
    "gate": "gate",
    "entrance": "entrance",
    "exhibitor": "exhibitor",
    "lot": "lot",
}
# Kind -> (by way of, property of both) ...: a lane's entrance must belong to the lane's gate.
AGREEMENTS = {
    "lane": (("entrance", "gate"),),
    "grid": (("hall", "level"),),
    "booth": (("grid", "hall"), ("hall", "level")),
}
# What a load declares of each kind of feature.
DECLARED: Mapping[str, tuple[str, ...]] = {
    "level": ("ordinal",),
    "lobby": (),
    "plaza": (),
    "grid": ("hall",),
    "taxi": (),
    "coach": (),
    "hall": ("level", "zone", "thresholds", "area_m2", "leaf"),
    "gate": ("side",),
    "entrance": ("gate",),
    "lane": ("gate", "entrance", "lane_class"),
    "door": ("hall",),
    "lot": ("capacity",),
    "metro": ("line",),
    "meal_point": ("type",),
    "medical": (),
    "booth": ("hall", "grid", "exhibitor"),
}

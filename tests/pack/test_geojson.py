# SPDX-License-Identifier: Apache-2.0
"""GeoJSON is read however it is laid out, and a mistake is told as closely as the layout allows."""

import json
from pathlib import Path
from typing import Any

import pytest

from fourleaf.pack import check
from tests.pack.small_pack import VENUE, Pack

FILE = "venue/lane.geojson"
LAYOUTS: dict[str, dict[str, Any]] = {
    "one line": {},
    "no spaces": {"separators": (",", ":")},
    "many lines": {"indent": 2},
    "tabs": {"indent": "\t", "ensure_ascii": False},
}


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "fair-1")


def collection(*features: object, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def places(pack: Pack) -> list[tuple[int, int | None, str]]:
    return [(one.line, one.column, one.code) for one in check(pack.root, {}).problems if one.file == FILE]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_layout_of_a_right_file_is_the_same_venue(pack: Pack, layout: dict[str, Any], end: str) -> None:
    before = check(pack.root, {}).edition
    for kind, features in VENUE.items():
        text = json.dumps({"bbox": [1, 2, 3, 4], **collection(*features, name=kind, crs={"a": []})}, **layout)
        pack.write(f"venue/{kind}.geojson", text.replace("\n", end))

    after = check(pack.root, {}).edition

    assert before and after
    assert before.venue.to_json() == after.venue.to_json()


def test_a_mistake_in_one_line_of_many_features_is_told_with_its_column(pack: Pack) -> None:
    first, second = VENUE["lane"]
    text = json.dumps(collection(first, second | {"id": first["id"]}))
    pack.write(FILE, text)

    found = places(pack)

    assert found == [(1, text.rindex('{"type": "Feature"') + 1, "pack.duplicate-id")]


def test_a_mistake_among_indented_features_is_told_where_its_feature_begins(pack: Pack) -> None:
    first, second = VENUE["lane"]
    text = json.dumps(collection(first, second | {"properties": second["properties"] | {"gate": "N"}}), indent=1)
    pack.write(FILE, text)

    found = places(pack)

    lines = text.split("\n")
    begins = max(number for number, line in enumerate(lines, start=1) if line == "  {")
    assert found == [(begins, None, "pack.mismatch")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "FeatureCollection"}', "geojson.not-a-collection"),
        ('{"features": []}', "geojson.not-a-collection"),
        ('{"type": "FeatureCollection", "features": {}}', "geojson.not-a-collection"),
        ("[]", "geojson.not-a-collection"),
        ('"text"', "geojson.not-a-collection"),
        ('{"type": "FeatureCollection", "type": 1, "features": []}', "json.duplicate-key"),
        ('{"type": "FeatureCollection", "features": [], "features": []}', "json.duplicate-key"),
        ('{"type": "FeatureCollection", "features": []} 1', "json.syntax"),
        ('{"type": "FeatureCollection", "features": [7]}', "geojson.not-a-feature"),
        ('{"type": "FeatureCollection", "features": [{"a": 1, "a": 2}]}', "json.duplicate-key"),
        ('{"type": "FeatureCollection", "features": [\n]}', "geojson.no-features"),
        ('{"type": "FeatureCollection", "features": [' + "[" * 99_999, "pack.too-deep"),
        ('{"type": "FeatureCollection", "features": [' + "9" * 9_999 + "]}", "pack.unfit-value"),
    ],
)
def test_what_is_no_collection_of_features_is_told(pack: Pack, text: str, code: str) -> None:
    pack.write(FILE, text)

    assert code in [found for _, _, found in places(pack)]

# SPDX-License-Identifier: Apache-2.0
"""Sentences about the venue: what can be wrong with a GeoJSON file and with the shapes in it."""

from fourleaf.pack.sentences import Sentences

_S = Sentences

CODES: dict[str, Sentences] = {
    "geojson.not-a-collection": _S(
        "文件不是 FeatureCollection。",
        "The file is not a FeatureCollection.",
        '请写 {{"type": "FeatureCollection", "features": [ … ]}}，最好每行一个 Feature。',
        'Write {{"type": "FeatureCollection", "features": [ … ]}}, best with one Feature a line.',
    ),
    "geojson.no-features": _S(
        "文件里没有任何 {kind}。",
        "There is no {kind} in the file.",
        "请至少画一个，每行一个 Feature。",
        "Draw at least one, a Feature a line.",
    ),
    "geojson.not-a-feature": _S(
        "这不是 Feature。", "This is not a Feature.", '请写 "type": "Feature"。', 'Write "type": "Feature".'
    ),
    "geojson.geometry": _S(
        "{kind} 的图形不能是“{value}”，应为 {known}。",
        "The geometry of a {kind} cannot be '{value}', only {known}.",
        "请改正图形。",
        "Mend the geometry.",
    ),
    "geojson.position": _S(
        "坐标“{value}”不是 [经度, 纬度]。",
        "The position '{value}' is not [longitude, latitude].",
        "经度在 ±180 内，纬度在 ±90 内。",
        "Longitude within ±180, latitude within ±90.",
    ),
    "geojson.too-few-points": _S(
        "只有 {found} 个点，至少 {wanted} 个。",
        "There are {found} points, at least {wanted} are needed.",
        "请补点。",
        "Add points.",
    ),
    "geojson.unclosed-ring": _S(
        "环没有闭合。", "The ring is not closed.", "末点应与首点相同。", "Repeat the first point at the end."
    ),
    "geojson.crossing-ring": _S(
        "环与自身相交，在第 {first} 与第 {second} 边。",
        "The ring crosses or touches itself, at sides {first} and {second}.",
        "请重画。",
        "Draw it again.",
    ),
    "geojson.winding": _S(
        "环的绕向不对。",
        "The ring winds the wrong way.",
        "外环逆时针，内环顺时针：请颠倒点序。",
        "Outer rings run counterclockwise, holes clockwise: turn the order round.",
    ),
    "geojson.too-complicated": _S(
        "图形过于复杂，无法检查。", "The shapes are too complicated to check.", "请简化图形。", "Simplify the shapes."
    ),
}

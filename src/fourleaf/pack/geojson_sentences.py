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
        "文件里没有任何{kind}。",
        "There is no {kind} in the file.",
        "请至少画一个，每行一个 Feature。",
        "Draw at least one, a Feature a line.",
    ),
    "geojson.not-a-feature": _S(
        "这不是 Feature。", "This is not a Feature.", '请写 "type": "Feature"。', 'Write "type": "Feature".'
    ),
    "geojson.geometry": _S(
        "{kind}的图形不能是“{value}”，应为 {known}。",
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
    "geojson.far-away": _S(
        "{kind}“{id}”离场馆中心 {km} 公里，至多 {limit} 公里。",
        "The {kind} '{id}' lies {km} km from the middle of the venue, at most {limit} km are likely.",
        "请核对坐标：先经度，后纬度。",
        "Check its positions: longitude first, then latitude.",
    ),
    "geojson.outside-hall": _S(
        "{kind}“{id}”在展馆“{hall}”之外，超出 {meters} 米。",
        "The {kind} '{id}' lies outside of its hall '{hall}', by {meters} m.",
        "请改正图形或 hall。",
        "Mend its geometry, or its hall.",
    ),
    "geojson.hall-elsewhere": _S(
        "写明在展馆“{id}”的 {all} 件事物中，有 {count} 件在其图形之外。",
        "Of {all} things that are said to be in the hall '{id}', {count} lie outside of its geometry.",
        "请核对该馆的图形。",
        "Check the geometry of the hall.",
    ),
    "geojson.area": _S(
        "写明 {stated} 平方米，图形却是 {drawn} 平方米，相差超过 {times} 倍。",
        "It is said to have {stated} m², but is drawn with {drawn} m²: more than {times} times apart.",
        "请改正 area_m2 或图形。",
        "Mend area_m2 or the geometry.",
    ),
    "geojson.too-complicated": _S(
        "图形过于复杂，无法检查。", "The shapes are too complicated to check.", "请简化图形。", "Simplify the shapes."
    ),
}

# SPDX-License-Identifier: Apache-2.0
"""Places: the features of the venue, each alone and all together."""

from collections.abc import Mapping
from typing import Any

from fourleaf.pack.edition import Declaration, plain
from fourleaf.pack.fields import check_table, check_value
from fourleaf.pack.files import Folder
from fourleaf.pack.geojson import read_features
from fourleaf.pack.geometry import Effort, complaints
from fourleaf.pack.ground import Shape, check_ground
from fourleaf.pack.kinds import AGREEMENTS, DECLARED, FEATURES, GEOMETRIES, NEEDED, REFERENCES
from fourleaf.pack.names import Both, kind_name
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Row, Table
from fourleaf.pack.sources import Sources, check_tagged
from fourleaf.pack.venue import Feature, Venue

FOLDER = "venue/"
END = ".geojson"

# Kind -> id -> properties.
Known = dict[str, dict[str, Table]]


def read_places(folder: Folder, exhibitors: Mapping[str, Place], sources: Sources, problems: Problems) -> Venue:
    """Report every mistake; the answer counts only when there was none."""
    rows = dict[str, list[Row]]()
    for file in folder.under(FOLDER, END):
        kind = file.removeprefix(FOLDER).removesuffix(END)
        if kind in FEATURES:
            rows[kind] = read_features(folder, file, problems)
        else:
            problems.add("pack.unknown-file", Place(file), name=file, like=(kind, FEATURES))
    _check_needed(problems, folder, rows)
    effort, shapes = Effort(), list[Shape]()
    known = _known(problems, rows)
    known["exhibitor"] = {key: {} for key in exhibitors}
    for kind, some in rows.items():
        for row in some:
            if _check_feature(problems, kind, row, effort):
                shapes.append(Shape(kind, str(row.data.get("id")), row.at, _said(row), row.data["geometry"]))
            for key, value in _said(row).items():
                check_tagged(problems, row.at, key, value, sources)
            _check_references(problems, kind, row, known, folder)
    check_ground(problems, [one for one in shapes if known.get(one.kind, {}).get(one.id) is one.said])
    return Venue({kind: tuple(_feature(kind, row.data) for row in some) for kind, some in rows.items()})


def place_values(venue: Venue) -> list[Declaration]:
    """What a load declares of the features."""
    return [
        Declaration(kind=kind, key=feature["id"], value=_value(feature["properties"], keys))
        for kind, keys in DECLARED.items()
        for feature in venue.features(kind)
    ]


def _check_needed(problems: Problems, folder: Folder, rows: Mapping[str, list[Row]]) -> None:
    for kind in NEEDED:
        file = f"{FOLDER}{kind}{END}"
        if file not in folder.names:
            problems.add("pack.missing-file", Place(file), name=file)
        elif not rows.get(kind) and not problems.of(file):
            problems.add("geojson.no-features", Place(file), kind=kind)


def _value(said: Table, keys: tuple[str, ...]) -> Table:
    return {key: plain(said[key]) for key in ("name", *keys) if said.get(key) is not None}


def _check_feature(problems: Problems, kind: str, row: Row, effort: Effort) -> bool:
    """Gives whether its geometry is right."""
    data = row.data
    for key in data:
        if key not in ("type", "id", "geometry", "properties"):
            problems.add("pack.unknown-key", row.at, key=key, like=(key, ("id", "geometry", "properties")))
    if data.get("id") is None:
        problems.add("pack.missing-key", row.at, key="id")
    else:
        check_value(problems, row.at, "id", data["id"], "id")
    said = data.get("properties")
    if isinstance(said, dict):
        check_table(problems, lambda key: row.at, said, FEATURES[kind])
        _check_rising(problems, row.at, said.get("thresholds"))
    else:
        problems.add("pack.missing-key", row.at, key="properties")
    return _check_geometry(problems, kind, row, effort)


def _check_rising(problems: Problems, at: Place, value: object) -> None:
    match value:
        case [int(watch), int(alert)] if not 0 < watch < alert:
            problems.add("edition.thresholds", at, value=value)


def _check_geometry(problems: Problems, kind: str, row: Row, effort: Effort) -> bool:
    shape = row.data.get("geometry")
    type_ = shape.get("type") if isinstance(shape, dict) else shape
    known = GEOMETRIES[kind]
    if not isinstance(shape, dict) or type_ not in known:
        problems.add("geojson.geometry", row.at, kind=kind, value=type_, known=", ".join(known))
        return False
    found = list(complaints(shape, effort))
    for code, blanks in found:
        problems.add(code, row.at, **blanks)
    return not found


def _known(problems: Problems, rows: Mapping[str, list[Row]]) -> Known:
    """Report ids that stand twice: they exist, but what is said of them is not known."""
    first = dict[str, Place]()
    known: Known = {kind: {} for kind in (*REFERENCES.values(), *NEEDED)}
    for kind, row in ((kind, row) for kind, some in rows.items() for row in some):
        key = row.data.get("id")
        if not isinstance(key, str):
            continue
        if key in first:
            problems.add("pack.duplicate-id", row.at, id=key, first=first[key])
        of_kind = known.setdefault(kind, {})
        of_kind[key] = {} if key in of_kind else _said(row)
        first.setdefault(key, row.at)
    return known


def _check_references(problems: Problems, kind: str, row: Row, known: Known, folder: Folder) -> None:
    """What is named exists, and does not contradict it."""
    said = _said(row)
    for key, named in REFERENCES.items():
        value = said.get(key)
        if key in FEATURES[kind] and isinstance(value, str) and value not in known[named]:
            file = f"{FOLDER}{named}{END}" if named in FEATURES else "exhibitors.csv"
            if named in FEATURES and named not in NEEDED and file not in folder.names:
                problems.add("pack.missing-file", Place(file), once=True, name=file)
            blanks: Any = {"key": key, "kind": named, "value": value}
            problems.add("pack.unknown-reference", row.at, (value, known[named]), unless=(file,), once=True, **blanks)
    for via, shared in AGREEMENTS.get(kind, ()):
        through = said.get(via)
        other = known[via].get(through, {}).get(shared) if isinstance(through, str) else None
        value, there = said.get(shared), list(known[REFERENCES[shared]])
        if value != other and value in there and other in there:
            name = Both(*(f"{one} {through}" for one in kind_name(via)))
            # A hall drawn on a wrong level is one mistake, not one of each booth in it.
            problems.add(
                "pack.mismatch", row.at, once=shared == "level", key=shared, value=value, via=name, wanted=other
            )


def _said(row: Row) -> Table:
    said = row.data.get("properties")
    return said if isinstance(said, dict) else {}


def _feature(kind: str, data: Table) -> Feature:
    said = data.get("properties") or {}
    return {
        "id": str(data.get("id")),
        "kind": kind,
        "level": said.get("level") if isinstance(said, dict) else None,
        "geometry": data.get("geometry"),
        "properties": said,
    }

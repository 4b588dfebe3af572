# SPDX-License-Identifier: Apache-2.0
"""Places: the features of the venue, each alone and all together."""

from collections.abc import Mapping
from typing import Any

from fourleaf.pack.edition import Declaration, plain
from fourleaf.pack.fields import check_table, check_value
from fourleaf.pack.files import Folder
from fourleaf.pack.geojson import read_features
from fourleaf.pack.geometry import Effort, complaints
from fourleaf.pack.kinds import AGREEMENTS, DECLARED, FEATURES, GEOMETRIES, NEEDED, REFERENCES
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Row, Table
from fourleaf.pack.sources import Sources, check_tagged
from fourleaf.pack.venue import Feature, Venue

FOLDER = "venue/"
END = ".geojson"


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
    effort = Effort()
    for kind, some in rows.items():
        for row in some:
            _check_feature(problems, kind, row, effort)
            for key, value in _said(row).items():
                check_tagged(problems, row.at, key, value, sources)
    _check_together(problems, rows, exhibitors)
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


def _check_feature(problems: Problems, kind: str, row: Row, effort: Effort) -> None:
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
    _check_geometry(problems, kind, row, effort)


def _check_rising(problems: Problems, at: Place, value: object) -> None:
    match value:
        case [int(watch), int(alert)] if watch >= alert:
            problems.add("edition.thresholds", at, value=value)


def _check_geometry(problems: Problems, kind: str, row: Row, effort: Effort) -> None:
    shape = row.data.get("geometry")
    type_ = shape.get("type") if isinstance(shape, dict) else shape
    known = GEOMETRIES[kind]
    if not isinstance(shape, dict) or type_ not in known:
        problems.add("geojson.geometry", row.at, kind=kind, value=type_, known=", ".join(known))
        return
    for code, blanks in complaints(shape, effort):
        problems.add(code, row.at, **blanks)


def _check_together(problems: Problems, rows: Mapping[str, list[Row]], exhibitors: Mapping[str, Place]) -> None:
    """Ids stand once in the whole venue, and what is named exists."""
    known = _known(problems, rows)
    known["exhibitor"] = {key: {} for key in exhibitors}
    for kind in (*NEEDED, "exhibitor"):
        if not known[kind]:  # the whole file is missing or broken, and that has been told
            known.pop(kind)
    for kind, some in rows.items():
        for row in some:
            _check_references(problems, kind, row, known)


def _known(problems: Problems, rows: Mapping[str, list[Row]]) -> dict[str, dict[str, Table]]:
    """Kind -> id -> properties. Report ids that stand twice."""
    first = dict[str, Place]()
    known: dict[str, dict[str, Table]] = {kind: {} for kind in (*REFERENCES.values(), *NEEDED)}
    for kind, row in ((kind, row) for kind, some in rows.items() for row in some):
        key = row.data.get("id")
        if not isinstance(key, str):
            continue
        if key in first:
            problems.add("pack.duplicate-id", row.at, id=key, first=first[key])
        first.setdefault(key, row.at)
        known.setdefault(kind, {})[key] = _said(row)
    return known


def _check_references(problems: Problems, kind: str, row: Row, known: dict[str, dict[str, Table]]) -> None:
    said = _said(row)
    for key, named in REFERENCES.items():
        value = said.get(key)
        if key in FEATURES[kind] and isinstance(value, str) and value not in known.get(named, {value}):
            near = (value, known[named])
            problems.add("pack.unknown-reference", row.at, near, once=True, key=key, kind=named, value=value)
    for via, shared in AGREEMENTS.get(kind, ()):
        through = said.get(via)
        other = known.get(via, {}).get(through, {}).get(shared) if isinstance(through, str) else None
        value, there = said.get(shared), list(known.get(REFERENCES[shared], ()))
        if value != other and value in there and other in there:
            blanks: Any = {"key": shared, "value": value, "via": f"{via} {through}", "wanted": other}
            # A hall drawn on a wrong level is one mistake, not one of each booth in it.
            problems.add("pack.mismatch", row.at, once=shared == "level", **blanks)


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

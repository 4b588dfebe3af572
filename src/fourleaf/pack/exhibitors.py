# SPDX-License-Identifier: Apache-2.0
"""Exhibitors: who stands where, from which country, in which zone, since which edition."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from fourleaf.pack.contents import causes_of
from fourleaf.pack.edition import Contents, Declaration
from fourleaf.pack.fields import check_value
from fourleaf.pack.files import Folder
from fourleaf.pack.kinds import EXHIBITOR_COLUMNS, EXHIBITOR_MORE
from fourleaf.pack.names import Both, kind_name
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Row, Table, read_csv
from fourleaf.pack.sources import Sources, check_tagged
from fourleaf.pack.venue import Feature, Venue

FILE = "exhibitors.csv"

# Source: ISO 3166-1, alpha-2.
_COUNTRY = re.compile(r"[A-Z]{2}")
_AREA = re.compile(r"[0-9]{1,7}(\.[0-9]+)?")


class Around(NamedTuple):
    """What else of the pack exhibitors may name.

    countries, zones: None where the pack has no list of them. ordinal: of this edition, None where it is not said.
    booths: of one that stands twice, nothing is known.
    """

    booths: Mapping[str, Table]
    countries: Collection[str] | None
    zones: Collection[str] | None
    ordinal: int | None
    sources: Sources


def around(venue: Venue, contents: Collection[Contents], ordinal: object, sources: Sources) -> Around:
    """Countries and zones are those of the registers of that name; without one, zones are those of the halls."""
    things = {one.of: one.things for one in contents}
    halls = {str(zone) for hall in venue.features("hall") if (zone := _said(hall).get("zone"))}
    booths = dict[str, Table]()
    for booth in venue.features("booth"):
        booths[booth["id"]] = {} if booth["id"] in booths else _said(booth)
    return Around(
        booths=booths,
        countries=things.get("country") or None,
        zones=things.get("zone") or halls or None,
        ordinal=ordinal if isinstance(ordinal, int) else None,
        sources=sources,
    )


def read_exhibitors(folder: Folder, problems: Problems) -> dict[str, Row]:
    """Exhibitors by id. Report every mistake; the answer counts only when there was none."""
    if FILE not in folder.texts:
        return {}
    found = dict[str, Row]()
    for row in read_csv(folder, FILE, EXHIBITOR_COLUMNS, EXHIBITOR_MORE, problems):
        key = row.data.get("id", "")
        if not row.whole:
            found.setdefault(key, row)
            continue
        _check_row(problems, row, key)
        if key in found:
            problems.add("pack.duplicate-id", row.at, id=key, first=found[key].at)
        else:
            found[key] = row
    return found


def check_exhibitors(found: Mapping[str, Row], around: Around, problems: Problems) -> None:
    """Report what they name that is not there, and what cannot be."""
    rows = {key: row for key, row in found.items() if row.whole}
    _check_real(problems, rows.values())
    for key, row in rows.items():
        said = row.data
        _check_named(problems, row.at, "country", said.get("country"), around.countries, causes_of("country"))
        _check_named(problems, row.at, "zone", said.get("zone"), around.zones, (*causes_of("zone"), *causes_of("hall")))
        _check_named(problems, row.at, "booth", said.get("booth"), around.booths, causes_of("booth"))
        _check_booth(problems, row, key, around.booths)
        _check_numbers(problems, row, around.ordinal)
        if around.countries is None and not _COUNTRY.fullmatch(said.get("country", "ZZ")):
            _wrong(problems, row, "country", "两个大写字母（ISO 3166-1）", "two capital letters (ISO 3166-1)")
        check_tagged(problems, row.at, "source", said.get("source"), around.sources)


def exhibitor_values(found: dict[str, Row]) -> list[Declaration]:
    return [Declaration(kind="exhibitor", key=key, value=_value(row.data)) for key, row in found.items()]


def _said(feature: Feature) -> Table:
    said = feature["properties"]
    return said if isinstance(said, dict) else {}


def _check_row(problems: Problems, row: Row, key: str) -> None:
    if key:
        check_value(problems, row.at, "id", key, "id")
    else:
        problems.add("pack.missing-key", row.at, key="id")
    for language, zh, en in (("zh", "中文", "Chinese"), ("en", "英文", "English")):
        if f"name_{language}" not in row.data:
            blanks: Any = {"language": language, "language_zh": zh, "language_en": en}
            problems.add("pack.untranslated", row.at, key="name", **blanks)


def _check_real(problems: Problems, rows: Collection[Row]) -> None:
    """Each says that it is made up, or who says that it is real."""
    untold = [row for row in rows if not row.data.get("source") and row.data.get("synthetic") != "true"]
    for row in untold[:1] if len(untold) == len(rows) else untold:  # the columns are missing, which is one mistake
        problems.add("exhibitor.unsourced", row.at)
    for row in rows:
        if "synthetic" in row.data:
            check_value(problems, row.at, "synthetic", row.data["synthetic"], "true|false")


def _check_named(
    problems: Problems, at: Place, key: str, value: Any, known: Collection[str] | None, unless: Collection[str]
) -> None:
    if value is not None and known is not None and value not in known:
        blanks: Any = {"key": key, "kind": key, "value": value}
        problems.add("pack.unknown-reference", at, (value, known), unless=unless, once=True, **blanks)


def _check_booth(problems: Problems, row: Row, key: str, booths: Mapping[str, Table]) -> None:
    """A booth that names its exhibitor names this one."""
    booth = str(row.data.get("booth"))
    other = booths[booth].get("exhibitor") if booth in booths else None
    if isinstance(other, str) and other != key:
        blanks: Any = {
            "key": "id",
            "value": key,
            "via": Both(*(f"{one} {booth}" for one in kind_name("booth"))),
            "wanted": other,
        }
        problems.add("pack.mismatch", row.at, **blanks)


def _check_numbers(problems: Problems, row: Row, ordinal: int | None) -> None:
    first, area = row.data.get("first_edition", "1"), row.data.get("area_m2", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,2}", first) or int(first) > (ordinal or int(first)):
        last = ordinal or "…"
        _wrong(problems, row, "first_edition", f"第 1 至 {last} 届之一", f"the number of an edition, 1 to {last}")
    if not _AREA.fullmatch(area) or not Decimal(area):
        _wrong(problems, row, "area_m2", "正数", "a number above 0")


def _wrong(problems: Problems, row: Row, key: str, zh: str, en: str) -> None:
    blanks: Any = {"key": key, "value": row.data[key], "wanted_zh": zh, "wanted_en": en}
    problems.add("pack.wrong-type", row.at, **blanks)


def _value(data: Table) -> Table:
    rest = {key: value for key, value in data.items() if key not in EXHIBITOR_COLUMNS}
    return {"name": {"zh": data.get("name_zh", ""), "en": data.get("name_en", "")}, **rest}

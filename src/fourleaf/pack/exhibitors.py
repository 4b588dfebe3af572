# SPDX-License-Identifier: Apache-2.0
"""Exhibitors: who stands where."""

from typing import Any

from fourleaf.pack.edition import Declaration
from fourleaf.pack.fields import check_value
from fourleaf.pack.files import Folder
from fourleaf.pack.kinds import EXHIBITOR_COLUMNS, EXHIBITOR_MORE
from fourleaf.pack.problems import Problems
from fourleaf.pack.read import Row, Table, read_csv

FILE = "exhibitors.csv"


def read_exhibitors(folder: Folder, problems: Problems) -> dict[str, Row]:
    """Exhibitors by id. Report every mistake; the answer counts only when there was none."""
    if FILE not in folder.texts:
        return {}
    found = dict[str, Row]()
    for row in read_csv(folder, FILE, EXHIBITOR_COLUMNS, EXHIBITOR_MORE, problems):
        key = row.data.get("id", "")
        _check_row(problems, row, key)
        if key in found:
            problems.add("pack.duplicate-id", row.at, id=key, first=found[key].at)
        else:
            found[key] = row
    return found


def exhibitor_values(found: dict[str, Row]) -> list[Declaration]:
    return [Declaration(kind="exhibitor", key=key, value=_value(row.data)) for key, row in found.items()]


def _check_row(problems: Problems, row: Row, key: str) -> None:
    if key:
        check_value(problems, row.at, "id", key, "id")
    else:
        problems.add("pack.missing-key", row.at, key="id")
    for language, zh, en in (("zh", "中文", "Chinese"), ("en", "英文", "English")):
        if f"name_{language}" not in row.data:
            blanks: Any = {"language": language, "language_zh": zh, "language_en": en}
            problems.add("pack.untranslated", row.at, key="name", **blanks)


def _value(data: Table) -> Table:
    rest = {key: value for key, value in data.items() if key not in EXHIBITOR_COLUMNS}
    return {"name": {"zh": data.get("name_zh", ""), "en": data.get("name_en", "")}, **rest}

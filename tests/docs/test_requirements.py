# SPDX-License-Identifier: Apache-2.0
"""The list of requirements: complete, and true about what is built."""

from collections import Counter
from pathlib import Path
from typing import Any

from tests.docs.source import ROOT, Source

ROWS: dict[str, dict[str, Any]] = Source().toml("docs/requirements.toml")["requirements"]
# How many rows each part of the specification has.
PARTS = dict(A=24, B=27, C=14, D=28, E=20, F=19, G=13, H=7, I=12, J=46, K=41, L=17, M=9, N=9, O=13, P=9)
ENGINES = """
world people credentials admission sensing cases dispatch notices taskbook duty crowd booking rostering meetings
discovery custody green deals figures
"""
THEMES = {"core", *ENGINES.split()}
FIELDS = {"name", "theme", "status", "where", "test", "reason"}


def paths(row: dict[str, Any], field: str) -> list[Path]:
    given = row.get(field, [])
    return [ROOT / path for path in ([given] if isinstance(given, str) else given)]


def test_there_are_308_numbered_without_a_gap() -> None:
    assert sum(PARTS.values()) == 308
    assert list(ROWS) == [f"{part}{number:02}" for part, count in PARTS.items() for number in range(1, count + 1)]


def test_every_row_is_well_formed() -> None:
    assert {id for id, row in ROWS.items() if not row["name"].strip() or row["theme"] not in THEMES} == set()
    assert {id for id, row in ROWS.items() if row.keys() - FIELDS} == set()
    assert set(Counter(row["status"] for row in ROWS.values())) <= {"planned", "built", "pack-data", "not-applicable"}


def test_what_is_built_names_its_place_and_its_test() -> None:
    for id, row in ROWS.items():
        if row["status"] == "built":
            tests = paths(row, "test")
            assert paths(row, "where"), id
            assert tests and all(path.name.startswith("test_") for path in tests), id


def test_what_the_pack_declares_names_the_file() -> None:
    for id, row in ROWS.items():
        if row["status"] == "pack-data":
            where = paths(row, "where")
            assert where and all("editions" in path.parts for path in where), id


def test_what_stays_out_says_why() -> None:
    assert [
        id for id, row in ROWS.items() if row["status"] == "not-applicable" and len(row.get("reason", "")) < 20
    ] == []


def test_no_row_names_a_place_that_is_not_there() -> None:
    named = {path for row in ROWS.values() for field in ("where", "test") for path in paths(row, field)}

    assert {str(path) for path in named if not path.exists()} == set()

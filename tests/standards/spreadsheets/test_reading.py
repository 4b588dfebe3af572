# SPDX-License-Identifier: Apache-2.0
"""What is read of a table: encodings, a spreadsheet's own dates, merged cells, formulas, hidden sheets, hostile files."""

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.standards.spreadsheets import (
    Odd,
    Sheet,
    Unreadable,
    column_name,
    open_text,
    open_workbook,
    write_workbook,
)
from fourleaf.standards.spreadsheets.lines import MOST_LINES
from tests.standards.spreadsheets.made import saved, with_part

# A spreadsheet knows no zones.
MIDNIGHT = datetime.fromisoformat("2024-11-05T00:00:00")
NOON = datetime.fromisoformat("2024-11-05T12:30:15")
SHEET = "xl/worksheets/sheet1.xml"


def cells(data: bytes) -> list[tuple[int, list[object]]]:
    return [(line.number, list(line.cells)) for line in open_workbook(data).lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_table_is_read_in_any_encoding_a_spreadsheet_writes(encoding: str, separator: str) -> None:
    text = '编号,名称\r\nA1,"四叶草\n北门"\r\n,\r\nA2,西厅\r\n'.replace(",", separator)

    found = [(line.number, line.cells) for line in open_text(text.encode(encoding)).lines]

    assert found == [(1, ["编号", "名称"]), (2, ["A1", "四叶草\n北门"]), (5, ["A2", "西厅"])]


def test_a_spreadsheet_s_own_values_come_as_what_they_are() -> None:
    row = ["A1", 12, 2.5, True, MIDNIGHT, NOON, "１２", None, "x"]

    found = cells(saved([["id"], row]))

    expected = ["A1", 12, 2.5, True, date(2024, 11, 5), NOON, "１２", None, "x"]
    assert found == [(1, ["id"]), (2, expected)]


def test_formulas_errors_and_the_rest_of_a_merged_cell_say_nothing() -> None:
    def merge(book: Any) -> None:
        book.active["B2"] = "=1+1"
        book.active["C2"] = "#N/A"
        book.active.merge_cells("D2:E3")

    found = cells(saved([["id"], ["A1", 0, 0, "both", "lost"], ["A2", 1, 1, "lost", "lost"]], merge))

    assert found == [
        (1, ["id"]),
        (2, ["A1", Odd.FORMULA, Odd.ERROR, "both", Odd.MERGED]),
        (3, ["A2", 1, 1, Odd.MERGED, Odd.MERGED]),
    ]


def test_the_first_visible_sheet_is_read_and_the_others_are_named() -> None:
    def sheets(book: Any) -> None:
        book.active.sheet_state = "hidden"
        for name in ("plan", "old"):
            book.create_sheet(name).append([f"of {name}"])

    found = open_workbook(saved([["secret"]], sheets))

    assert (found.sheet, found.others) == ("plan", ("old",))
    assert [line.cells for line in found.lines] == [["of plan"]]


def test_a_workbook_with_no_sheet_in_sight_is_told() -> None:
    data = with_part(
        saved([["id"]]), "xl/workbook.xml", lambda text: text.replace(b'state="visible"', b'state="hidden"')
    )

    with pytest.raises(Unreadable, match="no-sheet"):
        open_workbook(data)


def far(text: bytes) -> bytes:
    return text.replace(b'r="A1"', b'r="XFD1"')


def overlapping(text: bytes) -> bytes:
    merged = b"".join(b'<mergeCell ref="A%d:B9"/>' % (1 + number % 2) for number in range(400))
    return text.replace(b"</sheetData>", b"</sheetData><mergeCells>" + merged + b"</mergeCells>")


def wide(text: bytes) -> bytes:
    """Few enough, and each as wide as a line may be: every line would be written over again for each of them."""
    return text.replace(b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A2:KN1048576"/>' * 250)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[: len(text) // 2], "damaged"),
        (lambda text: text.replace(b't="n"><v>7</v>', b't="s"><v>7</v>'), "damaged"),
        (lambda text: text.replace(b"<v>7</v>", b"<v>" + b"9" * 5000 + b"</v>"), "damaged"),
        (far, "too-long"),
        (overlapping, "damaged"),
        (wide, "damaged"),
    ],
)
def test_a_sheet_made_to_hurt_is_refused(change: Any, code: str) -> None:
    data = with_part(saved([["id", 7], ["A1", 8], ["A2", 9]]), SHEET, change)

    with pytest.raises(Unreadable, match=code):
        list(open_workbook(data).lines)


def test_a_part_too_large_to_hold_is_refused_before_it_is_unpacked() -> None:
    data = with_part(saved([["id"]]), "xl/styles.xml", lambda text: text + b" " * (9 << 20))

    with pytest.raises(Unreadable, match="too-long"):
        open_workbook(data)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no archive", b"\x00\x01"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        open_workbook(data)


def test_more_lines_than_a_register_holds_are_refused() -> None:
    with pytest.raises(Unreadable, match="too-long"):
        list(open_text(b"id\n" * (MOST_LINES + 1)).lines)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), min_size=1, max_size=40).filter(
    lambda text: text.strip() != ""
)
MOMENT = st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2199-01-01")).map(
    lambda at: at.replace(microsecond=0)
)
CELL = (
    st.none()
    | TEXT
    | st.integers(-(10**15) + 1, 10**15 - 1)
    | st.dates(date(1901, 1, 1), date(2199, 1, 1))
    | MOMENT.filter(lambda at: bool(at.hour + at.minute + at.second))
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=6), max_size=6))
def test_what_is_written_reads_back_as_it_was(rows: list[list[object]]) -> None:
    data = write_workbook(Sheet(name="a/b", head=["id"], rows=rows))

    found = dict(cells(data))

    assert found.pop(1) == ["id"]
    assert found == {number: _bare(row) for number, row in enumerate(rows, 2) if _bare(row)}


def _bare(row: Sequence[object]) -> list[object]:
    kept = list(row)
    while kept and kept[-1] is None:
        kept.pop()
    return kept


@given(st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "_x003D_1"]))
def test_no_text_becomes_a_formula(text: str) -> None:
    data = write_workbook(Sheet(name="s", head=[text], rows=[[text, Decimal("1.5")]]))

    with zipfile.ZipFile(BytesIO(data)) as archive:
        sheet = archive.read(SHEET)

    assert b"<f" not in sheet
    assert cells(data) == [(1, [text]), (2, [text, 1.5])]


def test_columns_are_called_as_a_spreadsheet_calls_them() -> None:
    assert [column_name(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]

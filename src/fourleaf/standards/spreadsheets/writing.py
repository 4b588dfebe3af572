# SPDX-License-Identifier: Apache-2.0
"""Writing: an XLSX with typed cells, line by line. There is no way to write a formula: a text stays a text."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from xml.sax.saxutils import escape

import msgspec

from fourleaf.standards.spreadsheets.lines import column_name

# What a spreadsheet would take for a sign by its number.
_NUMBERED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# A day counts from here; the two days before March 1900 that spreadsheets count otherwise are left to texts.
_START = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones
FIRST_YEAR = 1901
# A number of more digits would be rounded.
EXACT_DIGITS = 15
_TEXT, _HEAD, _DAY, _MOMENT = 1, 2, 3, 4

_HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # Texts carry the mark that an apostrophe leaves: whoever edits one does not make a formula of it.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A head and its rows. Cells: text, whole numbers, Decimal, days, moments without a zone, None."""

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[object]]


def write_workbook(sheet: Sheet) -> bytes:
    """The bytes of an XLSX with this one sheet, its head bold and in sight."""
    found = BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in _PARTS.items():
            archive.writestr(_entry(name), _HEADER + text)
        archive.writestr(_entry("xl/workbook.xml"), _HEADER + _book(sheet.name))
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w") as out:
            out.write((_HEADER + _before(len(sheet.head))).encode())
            out.write(_row(1, sheet.head, _HEAD).encode())
            for number, cells in enumerate(sheet.rows, start=2):
                out.write(_row(number, cells, _TEXT).encode())
            out.write(b"</sheetData></worksheet>")
    return found.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Without the time of writing: the same things give the same bytes."""
    entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _book(name: str) -> str:
    called = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", name).strip()[:31] or "Sheet1"
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(called, {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _before(width: int) -> str:
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{max(width, 1)}" width="16" customWidth="1"/></cols><sheetData>'
    )


def _row(number: int, cells: Sequence[object], style: int) -> str:
    found = [_cell(f"{column_name(index)}{number}", value, style) for index, value in enumerate(cells)]
    return f'<row r="{number}">{"".join(found)}</row>'


def _cell(at: str, value: object, style: int) -> str:
    match value:
        case None | "":
            return ""
        case datetime() if value.year >= FIRST_YEAR:
            return f'<c r="{at}" s="{_MOMENT}"><v>{_serial(value)}</v></c>'
        case date() if not isinstance(value, datetime) and value.year >= FIRST_YEAR:
            return f'<c r="{at}" s="{_DAY}"><v>{(datetime(value.year, value.month, value.day) - _START).days}</v></c>'  # noqa: DTZ001
        case int() | Decimal() if not isinstance(value, bool) and _digits(value) <= EXACT_DIGITS:
            return f'<c r="{at}"><v>{Decimal(value):f}</v></c>'
    text = escape(_NUMBERED.sub("_x005F_", str(value)), {"\r": "&#13;"})
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _serial(moment: datetime) -> str:
    """Days, with as many places as tell one second from the next."""
    since = moment - _START
    return f"{Decimal(since.days) + Decimal(since.seconds) / 86_400:.10f}"


def _digits(value: int | Decimal) -> int:
    return len(Decimal(value).as_tuple().digits)

# SPDX-License-Identifier: Apache-2.0
"""Workbook: the first visible sheet of an XLSX, line by line. A formula is told as one and never computed.

The archive itself has been looked into before: see `blobs.documents`.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time
from io import BytesIO
from typing import IO, Any
from xml.etree.ElementTree import Element, fromstring, iterparse

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import from_excel, from_ISO8601

from fourleaf.standards.spreadsheets.lines import MOST_COLUMNS, MOST_LINES, Line, Odd, Table, Unreadable, is_bare

# Unit: bytes when unpacked. Sheets are read line by line, the rest is held whole.
MOST_SHARED = 64 << 20
MOST_OTHER = 8 << 20
_SHEETS = "xl/worksheets/"
_SHARED = "xl/sharedStrings.xml"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
MOST_MERGED = 20_000
# Signs that no XML holds are written so, and what looks like it too.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TEXT, _RUN, _ENTRY = (f"{_NS}{name}" for name in ("t", "r", "si"))
_SHEET = re.compile(rb"<(?:\w+:)?worksheet\b[^>]*>")
_START = re.compile(rb"<((?:\w+:)?)sheetData\b[^>]*?(/?)>")
# Unit: bytes of text that are read and parsed at once; no row of a register is as long as the longest.
_PIECE, _LONGEST = 1 << 18, 16 << 20
_FORMULA, _VALUE, _INLINE = f"{_NS}f", f"{_NS}v", f"{_NS}is"
# What a file made to hurt, or by a careless program, makes the library stumble over.
_BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, SyntaxError)
_DAMAGED = (*_BROKEN, TypeError, ValueError, EOFError, Warning, zipfile.BadZipFile, zlib.error)

# Left, top, right, bottom, from 1.
Box = tuple[int, int, int, int]


def open_workbook(data: bytes) -> Table:
    """Raises: Unreadable"""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _opened(data)
    except Unreadable:
        raise
    except _DAMAGED as error:
        raise Unreadable("damaged") from error


def _opened(data: bytes) -> Table:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for entry in archive.infolist():
            limit = MOST_SHARED if entry.filename == _SHARED else MOST_OTHER
            if not entry.filename.startswith(_SHEETS) and entry.file_size > limit:
                raise Unreadable("too-long")
    # The library knows what a workbook consists of and which formats are dates; its reader of cells takes five times as long.
    reader = ExcelReader(BytesIO(data), read_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    sheets = [(sheet, link) for sheet, link in reader.parser.find_sheets() if link.Type.endswith("/worksheet")]
    seen = [(sheet.name, link.target) for sheet, link in sheets if sheet.state == "visible"]
    if not seen:
        raise Unreadable("no-sheet")
    (name, path), *others = seen
    return Table(lines=_lines(reader, path), sheet=name, others=tuple(one for one, _ in others))


def _lines(reader: Any, path: str) -> Iterator[Line]:
    try:
        cells, merged = _Cells(reader), _Merged(_boxes(reader.archive, path))
        with reader.archive.open(path) as source:
            for count, (number, row) in enumerate(_rows(source), start=1):
                if count > MOST_LINES:
                    raise Unreadable("too-long")
                found = cells.of(row)
                _hide(found, number, merged)
                if not is_bare(found):
                    yield Line(number, found)
    except Unreadable:
        raise
    except _DAMAGED as error:
        raise Unreadable("damaged") from error


def _rows(source: IO[bytes]) -> Iterator[tuple[int, Element]]:
    """The rows of a sheet with their numbers.

    Method: the text is cut behind rows and parsed piece by piece, each within the first mark of the sheet: an event for
    every cell would take twice as long, and nothing is kept of what was read.
    """
    text = _until(source, b"", _START)
    first, start = _SHEET.search(text), _START.search(text)
    if first is None or start is None:
        raise Unreadable("damaged")
    opened, prefix, number = text[: first.end()], start[1], 0
    closed, row_end, end = b"</%bworksheet>" % prefix, b"</%brow>" % prefix, re.compile(rb"</%bsheetData\s*>" % prefix)
    text = b"" if start[2] else text[start.end() :]
    ended = bool(start[2])
    while not ended:
        text = _until(source, text, end, enough=_PIECE)
        found = end.search(text)
        ended = found is not None
        cut = found.start() if found else text.rfind(row_end) + len(row_end)
        for row in fromstring(opened + text[:cut] + closed):  # noqa: S314 - a file with a document type is refused before
            number = int(row.get("r") or number + 1)
            yield number, row
        text = text[cut:]


def _until(source: IO[bytes], text: bytes, mark: re.Pattern[bytes], enough: int = 1 << 30) -> bytes:
    """Read on until the mark comes, or enough is there with the end of a row in it."""
    while not mark.search(text[-_PIECE - 100 :]) and (len(text) < enough or b"row>" not in text):
        chunk = source.read(_PIECE)
        if not chunk:
            raise Unreadable("damaged")
        text += chunk
        if len(text) > _LONGEST:
            raise Unreadable("too-long")
    return text


class _Cells:
    """What the cells of a workbook say."""

    def __init__(self, reader: Any) -> None:
        self._epoch, self._dates, self._spans = reader.wb.epoch, reader.wb._date_formats, reader.wb._timedelta_formats
        self._columns = dict[str, int]()
        self._shared = list[str]()
        if _SHARED in reader.valid_files:
            with reader.archive.open(_SHARED) as source:
                self._shared = _shared(source)

    def of(self, row: Element) -> list[object]:
        found = list[object]()
        for cell in row:
            value = self._value(cell)
            if value is not None:  # formats may reach far to the right of the last word
                column = self._column(cell.get("r"), len(found))
                found += [None] * (column + 1 - len(found))
                found[column] = value
        return found

    def _column(self, at: str | None, following: int) -> int:
        name = (at or "").rstrip("0123456789")
        if name not in self._columns:
            self._columns[name] = column_index_from_string(name) - 1 if name else following
        column = self._columns[name] if name else following
        if column >= MOST_COLUMNS:
            raise Unreadable("too-long")
        return column

    def _value(self, cell: Element) -> object:
        kind = cell.get("t", "n")
        if cell.find(_FORMULA) is not None:
            return Odd.FORMULA
        if kind == "inlineStr":
            inline = cell.find(_INLINE)
            return _text(inline) if inline is not None else None
        text = cell.findtext(_VALUE)
        if not text:
            return None
        if kind == "n":
            return self._number(text, int(cell.get("s", 0)))
        return self._shared[int(text)] if kind == "s" else _KINDS[kind](text)

    def _number(self, text: str, style: int) -> object:
        number = int(text) if text.lstrip("-").isdigit() else float(text)
        if style not in self._dates:
            return number
        found = from_excel(number, self._epoch, timedelta=style in self._spans)
        return found.date() if isinstance(found, datetime) and found.time() == time() else found


def _shared(source: IO[bytes]) -> list[str]:
    found = list[str]()
    for _, element in iterparse(source):  # noqa: S314 - as below
        if element.tag == _ENTRY:
            found.append(_text(element))
            element.clear()
    return found


def _text(element: Element) -> str:
    """A text, of one piece or of several that look differently; without what is said of its sound."""
    parts = [element.findtext(_TEXT), *(run.findtext(_TEXT) for run in element.findall(_RUN))]
    return _unescaped("".join(part for part in parts if part))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), text) if "_x" in text else text


_KINDS: Mapping[str, Callable[[str], object]] = {
    "b": lambda text: text != "0",
    "str": _unescaped,
    "e": lambda _: Odd.ERROR,
    "d": from_ISO8601,
}


def _hide(cells: list[object], number: int, merged: "_Merged") -> None:
    """Of a merged cell only the first says something."""
    for left, top, right, _ in merged.at(number):
        right = min(right, MOST_COLUMNS)
        cells += [None] * (right - len(cells))
        for column in range(left, right + 1):
            if (column, number) != (left, top):
                cells[column - 1] = Odd.MERGED


class _Merged:
    """The merged cells of a sheet, asked line by line from above."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._coming = sorted(boxes, key=lambda box: box[1], reverse=True)
        self._here = list[Box]()

    def at(self, number: int) -> Sequence[Box]:
        while self._coming and self._coming[-1][1] <= number:
            self._here.append(self._coming.pop())
        self._here = [box for box in self._here if box[3] >= number]
        widths = (min(right, MOST_COLUMNS) - min(left, MOST_COLUMNS) + 1 for left, _, right, _ in self._here)
        if sum(widths) > 2 * MOST_COLUMNS:  # they overlap, which no spreadsheet writes
            raise Unreadable("damaged")
        return self._here


def _boxes(archive: zipfile.ZipFile, path: str) -> list[Box]:
    """The merged cells of a sheet, which stand behind its lines."""
    found, rest = list[Box](), b""
    with archive.open(path) as source:
        while chunk := source.read(1 << 20):
            text = rest + chunk
            found += [range_boundaries(one.decode()) for one in _MERGED.findall(text)]
            # A mark that two chunks share is found whole with the second; one that was found is not found again.
            last = text.rfind(b"<")
            rest = text[last:] if last >= 0 and len(text) - last < 200 and b">" not in text[last:] else b""
            if len(found) > MOST_MERGED:
                raise Unreadable("too-long")
    return found

# SPDX-License-Identifier: Apache-2.0
"""Text: a CSV as spreadsheets write it: UTF-8 with or without a mark, or the national encoding; commas, semicolons or tabs."""

import csv
from collections.abc import Iterator
from io import StringIO

from fourleaf.standards.spreadsheets.lines import MOST_COLUMNS, MOST_LINES, Line, Table, Unreadable, is_bare

# GB 18030 holds all of GBK and GB 2312.
ENCODINGS = ("utf-8-sig", "gb18030")
# The first that stands most often in the head.
SEPARATORS = ",;\t"
# Cells may hold breaks, so lines are counted as they are read; what has this many breaks is refused before anything is.
MOST_BREAKS = 4 * MOST_LINES


def open_text(data: bytes) -> Table:
    """Raises: Unreadable"""
    if data.count(b"\n") > MOST_BREAKS:
        raise Unreadable("too-long")
    text = _decoded(data)
    head = text.lstrip().split("\n", 1)[0]
    separator = max(SEPARATORS, key=head.count)
    return Table(lines=_lines(text, separator))


def _decoded(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("damaged")


def _lines(text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    start = 1
    try:
        for count, cells in enumerate(reader, start=1):
            if len(cells) > MOST_COLUMNS or count > MOST_LINES:
                raise Unreadable("too-long")
            if not is_bare(cells):
                yield Line(start, cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable("damaged") from error

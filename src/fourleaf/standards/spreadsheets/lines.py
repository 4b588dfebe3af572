# SPDX-License-Identifier: Apache-2.0
"""Lines: what is read of a table, whatever it was written with. Pure."""

from collections.abc import Iterator, Sequence
from enum import Enum

import msgspec

# No table of ours has more; what is longer is another sort of file.
MOST_LINES = 250_000
MOST_COLUMNS = 300


class Odd(Enum):
    """A cell that says nothing by itself: a formula, an error of the spreadsheet, a part of a merged cell."""

    FORMULA = "formula"
    ERROR = "error"
    MERGED = "merged"


class Line(msgspec.Struct, frozen=True):
    """One line. number: as the spreadsheet counts, from 1; cells: text, numbers, yes or no, days and moments, None, Odd."""

    number: int
    cells: Sequence[object]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one sheet; empty ones are left out. others: visible sheets that are not read.

    The lines raise Unreadable where the file breaks off.
    """

    lines: Iterator[Line]
    sheet: str = ""
    others: tuple[str, ...] = ()


class Unreadable(Exception):
    """The bytes are no table that can be read. code: damaged, too-long or no-sheet."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def column_name(index: int) -> str:
    """What a spreadsheet calls its columns: 0 is A, 26 is AA."""
    name, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def is_bare(cells: Sequence[object]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)

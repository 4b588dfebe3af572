# SPDX-License-Identifier: Apache-2.0
"""Read: the texts of a pack into tables whose every part knows its place."""

import csv
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import Any

import msgspec

from fourleaf.pack.files import Folder, has_long_key
from fourleaf.pack.fit import is_deep, kept, unfit
from fourleaf.pack.positions import Path, Spot, positions
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.reasons import of_csv, of_toml

Table = dict[str, Any]


class Toml(msgspec.Struct, frozen=True):
    """A TOML file and where its keys stand."""

    file: str
    data: Table
    spots: dict[Path, Spot]

    def at(self, *path: str | int) -> Place:
        """Where a key stands; of a missing one, the table it is missing in."""
        while path and path not in self.spots:
            path = path[:-1]
        line, column = self.spots.get(path, (1, 1))
        return Place(self.file, line, column)

    def inside(self, path: Path) -> Callable[[str], Place]:
        """Where the keys of one table stand."""
        return lambda key: self.at(*path, key)

    def tables(self, key: str, problems: Problems) -> Iterator[tuple[Table, Path]]:
        """The tables of `[[key]]`."""
        found = self.data.get(key, [])
        for number, one in enumerate(found if isinstance(found, list) else [found]):
            if isinstance(one, dict):
                yield one, (key, number)
            else:
                blanks: Any = {"wanted_zh": f"[[{key}]]", "wanted_en": f"[[{key}]]"}
                problems.add("pack.wrong-type", self.at(key, number), key=key, value=one, **blanks)


class Row(msgspec.Struct, frozen=True):
    """One line of a CSV or GeoJSON file. whole: False when only the id could be read, and that has been told."""

    at: Place
    data: Table
    whole: bool = True


def read_toml(folder: Folder, file: str, problems: Problems) -> Toml | None:
    text = folder.texts[file]
    for number, line in enumerate(text.split("\n"), start=1):
        if has_long_key(line):
            problems.add("pack.too-deep", Place(file, number))
            return None
    try:
        data = tomllib.loads(text)
    except RecursionError:
        problems.add("pack.too-deep", Place(file))
        return None
    except ValueError as error:  # also numbers and days that cannot be
        problems.add("toml.syntax", _toml_place(file, text, str(error)), **of_toml(_WHERE.sub("", str(error))))
        return None
    if is_deep(data):
        problems.add("pack.too-deep", Place(file))
        return None
    bad = list[tuple[Path, object]]()
    toml = Toml(file, kept(data, bad), positions(text))
    for path, value in bad:
        problems.add("pack.unfit-value", toml.at(*path), value=value)
    return toml


_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _toml_place(file: str, text: str, said: str) -> Place:
    match = _WHERE.search(said)
    if match and match[1]:
        return Place(file, int(match[1]), int(match[2]))
    return Place(file, text.rstrip().count("\n") + 1 if match else 1)


def read_csv(folder: Folder, file: str, wanted: Sequence[str], also: Sequence[str], problems: Problems) -> list[Row]:
    """The rows of a CSV file by column; empty fields are left out. also: columns that may be missing."""
    rows = _numbered(folder.texts[file], file, problems)
    _, header = next(rows, (1, None))
    if header is None or not _check_header(header, file, wanted, also, problems):
        return []
    found = list[Row]()
    for line, fields in rows:
        at = Place(file, line)
        data = {name: field.strip() for name, field in zip(header, fields, strict=False) if field.strip()}
        if len(fields) != len(header):
            problems.add("csv.row-length", at, found=len(fields), wanted=len(header))
            found.append(Row(at, {"id": data.get("id", "")}, whole=False))
        elif bad := unfit(data):
            problems.add(bad.code, at, value=bad.value)
        else:
            found.append(Row(at, data))
    return found


def _check_header(header: list[str], file: str, wanted: Sequence[str], also: Sequence[str], problems: Problems) -> bool:
    known = [*wanted, *also]
    wrong = [one for one in header if one not in known] + [one for one in wanted if one not in header]
    if not wrong and len(set(header)) == len(header):
        return True
    said: Any = {"wanted": ",".join(wanted), "found": ",".join(header)}
    problems.add("csv.columns", Place(file, 1), (wrong[0] if wrong else "", known), **said)
    return False


# A file of which so many rows cannot be read is no CSV file.
MOST_BREAKS = 20


def _numbered(text: str, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they begin on; empty lines are left out. Behind a row that cannot be read, the next line is."""
    lines = list(StringIO(text, newline=""))
    start, told = 0, 0
    while start < len(lines):
        first = start
        reader = csv.reader(islice(lines, first, None), strict=True)
        try:
            for fields in reader:
                if fields:
                    yield start + 1, fields
                start = first + reader.line_num
            return
        except csv.Error as error:
            problems.add("csv.syntax", Place(file, start + 1), **of_csv(str(error)))
            start, told = start + 1, told + 1
            if start == 1 or told == MOST_BREAKS:  # without its header nothing of it can be read
                return

# SPDX-License-Identifier: Apache-2.0
"""GeoJSON: the features of a file, each with its place.

However a right file is laid out, it is read. A broken one with a feature a line is read line by line, so that every
broken line is told.
"""

import json
import re
from collections import Counter
from typing import Any, NamedTuple

from fourleaf.pack.files import Folder
from fourleaf.pack.fit import unfit
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Row, Table
from fourleaf.pack.reasons import COMMA_MISSING, COMMA_TOO_MANY, of_json


def read_features(folder: Folder, file: str, problems: Problems) -> list[Row]:
    """The features of a GeoJSON file. Report every mistake; of a feature among others on its line also the column."""
    text = folder.texts[file]
    try:
        parts = _Walk(text).features()
    except (ValueError, RecursionError):  # no JSON, or nothing that holds features
        return _by_line(file, text, problems)
    found = list[Row]()
    line, last = 1, 0
    for part in parts:
        newlines = text.count("\n", last, part.start)
        line, last = line + newlines, part.start
        alone = newlines > 0 or not found
        column = None if alone else part.start - text.rfind("\n", 0, part.start)
        _keep(part, Place(file, line, column), problems, found)
    return found


class _Part(NamedTuple):
    """One value of a text, where it begins, and a key that stands twice in it."""

    value: object
    start: int
    twice: str | None


class _Walk:
    """Steps through a FeatureCollection, to know where each feature begins."""

    _SPACE = re.compile(r"[ \t\r\n]*")

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._twice: str | None = None
        self._decoder = json.JSONDecoder(object_pairs_hook=self._table)

    def features(self) -> list[_Part]:
        """Raises: ValueError, RecursionError: the text is no FeatureCollection."""
        frame, features = dict[object, object](), list[_Part]()
        self._need("{")
        while not frame or self._take(","):
            key = self._part()
            self._need(":")
            if key.value in frame or key.twice:
                raise ValueError
            is_list = key.value == "features" and self._take("[")
            features = self._list() if is_list else features
            frame[key.value] = is_list or self._part().value
        self._need("}")
        if self._rest() or frame.get("type") != "FeatureCollection" or frame.get("features") is not True:
            raise ValueError
        return features

    def one(self) -> _Part:
        """The text as one value.

        Raises: ValueError, RecursionError
        """
        value = self._decoder.decode(self._text)
        return _Part(value, 0, self._twice)

    def _list(self) -> list[_Part]:
        found = list[_Part]()
        if self._take("]"):
            return found
        found.append(self._part())
        while self._take(","):
            found.append(self._part())
        self._need("]")
        return found

    def _part(self) -> _Part:
        self._skip()
        start, self._twice = self._at, None
        value, self._at = self._decoder.raw_decode(self._text, start)
        return _Part(value, start, self._twice)

    def _take(self, sign: str) -> bool:
        self._skip()
        found = self._text.startswith(sign, self._at)
        self._at += found
        return found

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise ValueError

    def _rest(self) -> bool:
        self._skip()
        return self._at < len(self._text)

    def _skip(self) -> None:
        match = self._SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _table(self, pairs: list[tuple[str, Any]]) -> Table:
        made = dict(pairs)
        if len(made) != len(pairs) and self._twice is None:
            self._twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        return made


def _keep(part: _Part, at: Place, problems: Problems, found: list[Row]) -> None:
    """Keep one feature, or tell why not."""
    if part.twice is not None:
        problems.add("json.duplicate-key", at, key=part.twice)
    if bad := unfit(part.value):
        problems.add(bad.code, at, value=bad.value)
    elif isinstance(part.value, dict) and part.value.get("type") == "Feature":
        found.append(Row(at, part.value))
    else:
        problems.add("geojson.not-a-feature", at)


def _by_line(file: str, text: str, problems: Problems) -> list[Row]:
    """The features of a file that is broken somewhere: one a line, if its first and last line say so."""
    lines = [line.strip() for line in text.split("\n")]
    last = max(number for number, line in enumerate(lines) if line)
    if last < 1 or not _is_frame(lines[0], lines[last]):
        part = _parsed(text, Place(file), problems)
        if part and part.twice is not None:
            problems.add("json.duplicate-key", Place(file), key=part.twice)
        elif part:
            problems.add("geojson.not-a-collection", Place(file))
        return []
    found = list[Row]()
    numbers = [number for number in range(1, last) if lines[number]]
    for number in numbers:
        line, at = lines[number], Place(file, number + 1)
        if line.endswith(",") == (number == numbers[-1]):
            why = COMMA_TOO_MANY if line.endswith(",") else COMMA_MISSING
            problems.add("json.syntax", Place(file, number + 1, len(line)), **why)
        part = _parsed(line.removesuffix(","), at, problems)
        if part:
            _keep(part, at, problems, found)
    return found


def _is_frame(first: str, last: str) -> bool:
    if not first.endswith("[") or "".join(last.split()) != "]}":
        return False
    try:
        frame = json.loads(first + "]}")
    except (ValueError, RecursionError):
        return False
    return isinstance(frame, dict) and frame.get("type") == "FeatureCollection" and frame.get("features") == []


def _parsed(text: str, at: Place, problems: Problems) -> _Part | None:
    """One JSON text, or None when it was reported."""
    try:
        return _Walk(text).one()
    except json.JSONDecodeError as error:
        problems.add("json.syntax", Place(at.file, at.line + error.lineno - 1, error.colno), **of_json(error.msg))
    except RecursionError:
        problems.add("pack.too-deep", at)
    except ValueError:  # a number of thousands of digits
        problems.add("pack.unfit-value", at, value="…")
    return None

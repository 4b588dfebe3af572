# SPDX-License-Identifier: Apache-2.0
"""Positions: at which line of a TOML text each key stands. The text has already been read by tomllib."""

import re
from bisect import bisect_right
from collections.abc import Iterator

Path = tuple[str | int, ...]
Spot = tuple[int, int]

_TOKEN = re.compile(
    r"""
    (?P<skip>[ \t\r]+|\#[^\n]*)
    |(?P<text>\"{3}(?:[^"\\]|\\.|"(?!""))*+\"{3}"{0,2}
             |'{3}(?:[^']|'(?!''))*+'{3}'{0,2}
             |"(?:[^"\\\n]|\\.)*+"
             |'[^'\n]*+')
    |(?P<mark>[\[\]{},=.\n])
    |(?P<word>[^\s\[\]{},=.\#"']+)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[btnfre"\\])')
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}

Token = tuple[str, str, int]


def positions(text: str) -> dict[Path, Spot]:
    """Where each key stands.

    Shape: path of keys, with numbers for places in arrays -> (line, column), both from 1; the first mention counts.
    Limits: the text is valid TOML; of any other text the answer means nothing, but it always ends.
    """
    return _Scanner(text).scan()


class _Scanner:
    """Walks the tokens once; open arrays and inline tables lie on a stack, so depth costs no recursion."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._next = 0
        self._found: dict[Path, Spot] = {}
        self._lengths: dict[Path, int] = {}

    def scan(self) -> dict[Path, Spot]:
        table: Path = ()
        while self._next < len(self._tokens):
            if self._mark() == "\n":
                self._next += 1
            elif self._mark() == "[":
                table = self._header()
            else:
                self._value(self._pair(table))
        return self._found

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`."""
        self._next += 1
        many = self._mark() == "["
        self._next += many
        at = self._spot()
        parts = self._key("]")
        path: Path = ()
        for number, part in enumerate(parts, start=1):
            path = (*path, part)
            if many and number == len(parts):
                self._lengths[path] = self._lengths.get(path, 0) + 1
            self._note(path, at)
            if path in self._lengths and (many or number < len(parts)):
                path = (*path, self._lengths[path] - 1)
                self._note(path, at)
        self._next += many
        return path

    def _pair(self, table: Path) -> Path:
        """`a.b =`; gives the path of the value."""
        at = self._spot()
        for part in self._key("="):
            table = (*table, part)
            self._note(table, at)
        return table

    def _key(self, end: str) -> list[str]:
        parts: list[str] = []
        while self._next < len(self._tokens) and self._mark() != end:
            kind, text, _ = self._tokens[self._next]
            if kind in ("word", "text"):
                parts.append(_unquoted(text) if kind == "text" else text)
            self._next += 1
        self._next += 1
        return parts

    def _value(self, path: Path) -> None:
        """Everything up to the end of one value. open: (path, next index), index None in an inline table."""
        opened: list[tuple[Path, int | None]] = []
        fresh = True  # a value, or the key before it, is awaited
        while self._next < len(self._tokens):
            mark = self._mark()
            if mark == "\n" and not opened:
                return
            if fresh and opened and mark not in ("\n", "]", "}"):
                path, fresh = self._entry(opened), False
                continue
            if mark in ("[", "{"):
                opened.append((path, 0 if mark == "[" else None))
                fresh = True
            elif mark in ("]", "}") and opened:
                opened.pop()
                fresh = False
            elif mark == ",":
                fresh = True
            self._next += 1

    def _entry(self, opened: list[tuple[Path, int | None]]) -> Path:
        path, index = opened[-1]
        if index is None:
            return self._pair(path)
        opened[-1] = (path, index + 1)
        self._note((*path, index), self._spot())
        return (*path, index)

    def _mark(self) -> str:
        kind, text, _ = self._tokens[self._next] if self._next < len(self._tokens) else ("", "", 0)
        return text if kind == "mark" else ""

    def _spot(self) -> Spot:
        start = self._tokens[min(self._next, len(self._tokens) - 1)][2]
        line = bisect_right(self._starts, start)
        return line, start - self._starts[line - 1] + 1

    def _note(self, path: Path, at: Spot) -> None:
        self._found.setdefault(path, at)


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup and match.lastgroup != "skip":
            yield match.lastgroup, match.group(), match.start()


def _unquoted(text: str) -> str:
    if text.startswith("'"):
        return text[1:-1]
    return _ESCAPE.sub(_sign, text[1:-1])


def _sign(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(min(int(code[1:], 16), 0x10FFFF)) if code[0] in "uU" else _SHORT[code]

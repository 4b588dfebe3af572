# SPDX-License-Identifier: Apache-2.0
"""Problems: what is wrong with a pack, where, and how to mend it, in both languages."""

from collections import Counter
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

import msgspec

from fourleaf.pack import (
    admission_sentences,
    credential_sentences,
    device_sentences,
    feed_sentences,
    geojson_sentences,
    register_sentences,
    sentences,
)
from fourleaf.pack.names import Both, kind_name

__all__ = ["CODES", "Like", "Place", "Problem", "Problems"]

CODES = sentences.CODES | geojson_sentences.CODES

# A word, and what it may have meant.
Like = tuple[object, Iterable[str]] | None

# After such a mistake some ids of the file are not known, or not as they should be.
LOSING = frozenset(
    {
        "csv.columns",
        "csv.syntax",
        "geojson.no-features",
        "geojson.not-a-collection",
        "geojson.not-a-feature",
        "json.duplicate-key",
        "json.syntax",
        "pack.bad-id",
        "pack.declaration",
        "pack.duplicate-id",
        "pack.empty-file",
        "pack.link-outside",
        "pack.missing-file",
        "pack.more",
        "pack.no-edition",
        "pack.not-a-file",
        "pack.not-utf8",
        "pack.too-deep",
        "pack.too-large",
        "pack.too-many-files",
        "pack.unfit-value",
        "pack.unreadable",
        "toml.syntax",
    }
)

# A broken file of a million lines is reported by its first mistakes.
MOST_A_FILE = 500
# Looking for similar words is slow among very many: so many words are compared in one check.
MOST_COMPARED = 200_000


class Place(msgspec.Struct, frozen=True):
    """Where in the pack. file: path inside the folder; line and column count from 1."""

    file: str
    line: int = 1
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake. The mend sentences say the one thing to do next."""

    file: str
    line: int
    column: int | None = None
    code: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


class _Following(msgspec.Struct, frozen=True):
    """A mistake that may only follow from those of other files. unless: patterns of their names."""

    unless: tuple[str, ...]
    code: str
    at: Place
    like: Like
    blanks: dict[str, Any]


class Problems:
    """Collects the mistakes of one check."""

    def __init__(self) -> None:
        self._found = list[Problem]()
        self._following = list[_Following]()
        self._by_file = Counter[tuple[str, tuple[str, ...]]]()
        self._told_once = set[tuple[Any, ...]]()
        # Files of which not every id is known.
        self._lossy = set[str]()
        self._compared = 0

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self._found or self._following)

    def add(
        self,
        code: str,
        at: Place,
        like: Like = None,
        *,
        unless: Collection[str] = (),
        once: bool = False,
        **blanks: Any,
    ) -> None:
        """Report one mistake; of one file no more than a reader can use. like: a word and what it may have meant.

        unless: patterns of names of files: it is told when of these every id is known, for else it may only follow.
        once: the same of the same file is told at its first place only.
        """
        said = (code, at.file, *map(str, blanks.values()))
        if once and said in self._told_once:
            return
        self._told_once |= {said} if once else set()
        if code in LOSING or (code == "pack.missing-key" and blanks.get("key") == "id"):
            self._lossy |= {at.file, getattr(blanks.get("first"), "file", at.file)}
        spot = (at.file, tuple(unless))
        self._by_file[spot] += 1
        if self._by_file[spot] > MOST_A_FILE:
            return
        if unless:
            self._following.append(_Following(tuple(unless), code, at, like, blanks))
        else:
            self._found.append(self._told(code, at, like, blanks))

    def of(self, file: str) -> bool:
        """Whether anything of a file has been reported."""
        return any(file == one for one, _ in self._by_file)

    def _told(self, code: str, at: Place, like: Like, blanks: dict[str, Any]) -> Problem:
        return _told(code, at, (self._near(*like) if like else {}) | blanks)

    def _near(self, word: object, known: Iterable[str]) -> dict[str, Any]:
        """The blanks of a "did you mean" sentence; empty when nothing is similar."""
        some = list(islice(known, MOST_COMPARED - self._compared))
        self._compared += len(some)
        found = get_close_matches(shown(word), some, 1)
        if not found:
            return {}
        return {"hint_zh": f"是否想写“{found[0]}”？", "hint_en": f"Did you mean '{found[0]}'?"}

    def listed(self) -> tuple[Problem, ...]:
        """In the order of files and lines; what names something that is not there comes last, for it may follow from the rest."""
        causes = {unless for _, unless in self._by_file if self._is_caused(unless)}
        found = [
            *self._found,
            *(
                self._told(one.code, one.at, one.like, one.blanks)
                for one in self._following
                if one.unless not in causes
            ),
            *(
                _told("pack.more", Place(file), {"count": count - MOST_A_FILE})
                for (file, unless), count in self._by_file.items()
                if count > MOST_A_FILE and unless not in causes
            ),
        ]
        return tuple(sorted(found, key=_order))

    def _is_caused(self, unless: tuple[str, ...]) -> bool:
        return any(fnmatchcase(file, pattern) for file in self._lossy for pattern in unless)


def _order(one: Problem) -> tuple[bool, str, int, int, str]:
    return one.code.endswith("unknown-reference"), one.file, one.line, one.column or 0, one.code


def shown(value: object) -> str:
    """A value of the pack as one short line, safe to print."""
    text = str(value)
    text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:81])
    return text if len(text) <= 80 else f"{text[:79]}…"


def _told(code: str, at: Place, blanks: dict[str, Any]) -> Problem:
    words = (
        CODES.get(code)
        or feed_sentences.CODES.get(code)
        or device_sentences.CODES.get(code)
        or admission_sentences.CODES.get(code)
        or credential_sentences.CODES.get(code)
        or register_sentences.CODES[code]
    )
    filled = {"hint_zh": "", "hint_en": ""} | blanks
    zh, en = ({name: _shown_in(language, name, value) for name, value in filled.items()} for language in ("zh", "en"))
    return Problem(
        file=at.file,
        line=at.line,
        column=at.column,
        code=code,
        zh=words.zh.format(**zh).strip(),
        en=words.en.format(**en),
        mend_zh=words.mend_zh.format(**zh).strip(),
        mend_en=words.mend_en.format(**en).strip(),
    )


def _shown_in(language: str, name: str, value: object) -> str:
    """What fills a blank: kinds by their names, all else as the pack writes it."""
    said = kind_name(str(value)) if name == "kind" else value
    if isinstance(said, dict) and language in said:
        said = said[language]
    return shown(getattr(said, language) if isinstance(said, Both) else said)

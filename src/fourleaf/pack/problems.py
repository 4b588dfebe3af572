# SPDX-License-Identifier: Apache-2.0
"""Problems: what is wrong with a pack, where, and how to mend it, in both languages."""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any

import msgspec

from fourleaf.pack import device_sentences, feed_sentences, geojson_sentences, register_sentences, sentences

__all__ = ["CODES", "Like", "Place", "Problem", "Problems"]

CODES = sentences.CODES | geojson_sentences.CODES

# A word, and what it may have meant.
Like = tuple[object, Iterable[str]] | None

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


class Problems:
    """Collects the mistakes of one check."""

    def __init__(self) -> None:
        self._found = list[Problem]()
        # Mistakes that may only follow from those of another file: where these are, and what they are.
        self._following = list[tuple[str, Problem]]()
        self._by_file = Counter[tuple[str, str]]()
        self._told_once = set[tuple[Any, ...]]()
        self._compared = 0

    def add(
        self, code: str, at: Place, like: Like = None, *, unless: str = "", once: bool = False, **blanks: Any
    ) -> None:
        """Report one mistake; of one file no more than a reader can use. like: a word and what it may have meant.

        unless: with what the names of other files begin that may be its cause: it is told when these are right.
        once: the same of the same file is told at its first place only.
        """
        said = (code, at.file, *blanks.values())
        if once and said in self._told_once:
            return
        self._told_once |= {said} if once else set()
        self._by_file[at.file, unless] += 1
        if self._by_file[at.file, unless] > MOST_A_FILE:
            return
        told = _told(code, at, (self._near(*like) if like else {}) | blanks)
        if unless:
            self._following.append((unless, told))
        else:
            self._found.append(told)

    def of(self, file: str) -> bool:
        """Whether anything of a file has been reported."""
        return any(file == one for one, _ in self._by_file)

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
        wrong = {one.file for one in self._found}
        caused = {unless for unless, _ in self._following if any(file.startswith(unless) for file in wrong)}
        found = self._found + [told for unless, told in self._following if unless not in caused]
        over = [
            _told("pack.more", Place(file), {"count": count - MOST_A_FILE})
            for (file, unless), count in self._by_file.items()
            if count > MOST_A_FILE and unless not in caused
        ]
        return tuple(sorted(found + over, key=_order))


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
        or register_sentences.CODES[code]
    )
    filled = {"hint_zh": "", "hint_en": ""} | {name: shown(value) for name, value in blanks.items()}
    return Problem(
        file=at.file,
        line=at.line,
        column=at.column,
        code=code,
        zh=words.zh.format(**filled),
        en=words.en.format(**filled),
        mend_zh=words.mend_zh.format(**filled).strip(),
        mend_en=words.mend_en.format(**filled).strip(),
    )

# SPDX-License-Identifier: Apache-2.0
"""Files: reads the files of a pack without trusting them."""

import os
import re
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from fourleaf.pack.problems import Like, Place, Problems
from fourleaf.pack.reasons import of_file

MOST_BYTES = {".toml": 1 << 20, ".csv": 32 << 20, ".geojson": 32 << 20, ".jsonl": 32 << 20}
MOST_FILES = 5_000
READ = frozenset(MOST_BYTES)
# Notes for people, which no program reads.
IGNORED = frozenset({".md", ".txt"})

# tomllib takes a square of the length of a dotted key.
_LONG_KEY = re.compile(
    r"""(?<![\w"'.-])(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')(?:[ \t]*+\.[ \t]*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')){32}"""
)


class Folder:
    """The texts of a pack by path inside the folder, as far as they could be read."""

    def __init__(self, root: Path, problems: Problems) -> None:
        self._root, self._problems = root, problems
        self.names = set[str]()  # also of files that could not be read
        self.texts: Mapping[str, str] = dict(self._read_all())

    def under(self, start: str, end: str) -> list[str]:
        """Paths that begin and end so, sorted."""
        return sorted(path for path in self.texts if path.startswith(start) and path.endswith(end))

    def _read_all(self) -> list[tuple[str, str]]:
        found = list[tuple[str, str]]()
        for number, path in enumerate(_walk(self._root)):
            name = shown_path(path.relative_to(self._root))
            if number >= MOST_FILES:
                self._problems.add("pack.too-many-files", Place(name), limit=MOST_FILES)
                break
            self.names.add(name)
            text = self._read(path, name)
            if text is not None:
                found.append((name, text))
        return found

    def _read(self, path: Path, name: str) -> str | None:
        at = Place(name)
        try:
            return self._trusted(path, at)
        except (
            OSError,
            RuntimeError,
            ValueError,
        ) as error:  # also a link that leads to itself, a name with a zero byte
            self._problems.add("pack.unreadable", at, **of_file(error))
        return None

    def _trusted(self, path: Path, at: Place) -> str | None:
        if not path.resolve(strict=True).is_relative_to(self._root.resolve()):
            return self._no("pack.link-outside", at)
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would never end, a linked folder may lead in circles
            return self._no("pack.not-a-file", at)
        if path.suffix in IGNORED:
            return None
        if path.suffix not in READ:
            return self._no("pack.unknown-file", at, name=path.name, like=(path.suffix, READ))
        limit = MOST_BYTES[path.suffix]
        if about.st_size > limit:
            return self._no("pack.too-large", at, size=about.st_size, limit=limit)
        with path.open("rb") as file:
            data = file.read(limit)
        return self._decoded(data, at)

    def _decoded(self, data: bytes, at: Place) -> str | None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            column = error.start - before.rfind(b"\n")
            return self._no("pack.not-utf8", Place(at.file, before.count(b"\n") + 1, column))
        return text if text.strip() else self._no("pack.empty-file", at)

    def _no(self, code: str, at: Place, like: Like = None, **blanks: Any) -> str | None:
        self._problems.add(code, at, like, **blanks)
        return None


def digest(root: Path) -> str | None:
    """Names every file of a pack and what is in it; None when one of them cannot be read or is missing."""
    problems = Problems()
    texts = Folder(root, problems).texts if root.is_dir() else {}
    if problems.listed() or not texts:
        return None
    found = sha256()
    for name, text in sorted(texts.items()):
        found.update(sha256(name.encode()).digest() + sha256(text.encode()).digest())
    return found.hexdigest()


def _walk(root: Path) -> list[Path]:
    """Every file and link, hidden ones left out; links are not followed."""
    found = list[Path]()
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += (here / name for name in folders if (here / name).is_symlink())
        found += (here / name for name in sorted(names) if not name.startswith("."))
        if len(found) > MOST_FILES:
            break
    return found


def shown_path(path: Path) -> str:
    return path.as_posix().encode("utf-8", "replace").decode()


def has_long_key(line: str) -> bool:
    return _LONG_KEY.search(line) is not None

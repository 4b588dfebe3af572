# SPDX-License-Identifier: Apache-2.0
"""Packs: an edition pack, checked when a file of it or of this release has changed, else as it was found last time."""

import logging
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from fourleaf.app.rooms import rooms
from fourleaf.app.speech import Speech
from fourleaf.pack import Edition, Problem
from fourleaf.pack import check as check_pack
from fourleaf.pack.files import digest
from fourleaf.pack.venue import Venue

log = logging.getLogger("fourleaf.packs")

# What was found right last, in the data folder.
FILE = "pack.checked"
SOURCE = Path(__file__).resolve().parents[1]


class BadPack(Exception):
    """The pack has mistakes; nothing was loaded. Carries the report in both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class _Found(msgspec.Struct, frozen=True):
    """of: names the files of the pack and of the release that found it right."""

    of: str
    edition: Edition


@lru_cache(maxsize=1)
def checked(folder: Path, data: Path | None = None) -> Edition:
    """Check once a process: `up` asks for the same pack twice. data: the folder that remembers what was found right.

    Raises: BadPack, with every mistake.
    """
    of = _names(folder) if data else None
    if data and of and (known := _remembered(data / FILE, of)):
        return known
    found = check_pack(folder, rooms().declares, rooms().permissions)
    if found.edition is None:
        raise BadPack(
            zh="\n".join(f"{_where(p)} {p.zh}{p.mend_zh}" for p in found.problems),
            en="\n".join(f"{_where(p)} {p.en} {p.mend_en}" for p in found.problems),
        )
    if data and of and _names(folder) == of:  # nobody wrote to it meanwhile
        _remember(data / FILE, _Found(of, found.edition))
    return found.edition


def check(folder: Path, speech: Speech) -> int:
    """Report every mistake of a pack, whatever was found before. Gives the exit code."""
    try:
        edition = checked(folder)
    except BadPack as bad:
        speech.fail(bad.zh, bad.en)
        return 1
    speech.say(f"届次包无误：{len(edition.values)} 项", f"The pack is right: {len(edition.values)} declarations")
    return 0


def _where(problem: Problem) -> str:
    """As editors and terminals take it."""
    column = f":{problem.column}" if problem.column else ""
    return f"{problem.file}:{problem.line}{column}"


def _names(folder: Path) -> str | None:
    """Of these very files and this very source; None for a folder with files that cannot be read."""
    of_pack = digest(folder)
    if of_pack is None:
        return None
    source = sha256()
    for file in sorted((*SOURCE.rglob("*.py"), *SOURCE.rglob("*.toml"))):
        source.update(file.read_bytes())
    return f"{of_pack} {source.hexdigest()}"


def _remembered(file: Path, of: str) -> Edition | None:
    try:
        found = msgspec.msgpack.decode(file.read_bytes(), type=_Found, dec_hook=_venue)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        log.warning("%s cannot be read and is made anew", file)
        return None
    return found.edition if found.of == of else None


def _remember(file: Path, found: _Found) -> None:
    """Whole or not at all. What cannot be kept is checked again next time."""
    draft = file.with_name(f".{FILE}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_bytes(msgspec.msgpack.encode(found, enc_hook=_kinds))
        draft.replace(file)
    except OSError as error:
        log.warning("%s was not kept: %s", file, error.strerror)
        draft.unlink(missing_ok=True)


def _kinds(venue: object) -> Any:
    assert isinstance(venue, Venue)
    return venue.kinds


def _venue(type_: type, kinds: Any) -> Venue:
    return Venue({kind: tuple(some) for kind, some in kinds.items()})

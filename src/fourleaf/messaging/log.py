# SPDX-License-Identifier: Apache-2.0
"""The server's log: the only place where it says what it refused a device, read on from where we stopped."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from fourleaf.messaging import keys, names
from fourleaf.messaging.names import Name

FORBIDDEN_PUBLISH, FORBIDDEN_SUBSCRIPTION, OVERSIZE = "forbidden-publish", "forbidden-subscription", "oversize"
# `[7] 2026/01/31 08:00:00.123456 [ERR] 127.0.0.1:5 - mid:8 - "client id" - Publish Violation - Subject "d.x.y.r"`
# A client id is one the door let in, so it holds no quotes; a subject is quoted as in Go.
_LINE = re.compile(r'^\[\d+\] \S+ \S+ \[ERR\] \S+ - mid:\d+ - "([A-Za-z0-9_-]+)" - (.+)$')
_SAID = (
    (FORBIDDEN_PUBLISH, re.compile(r'Publish Violation - .*?Subject ("(?:[^"\\]|\\.)*")')),
    (FORBIDDEN_SUBSCRIPTION, re.compile(r'Subscription Violation - .*?Subject ("(?:[^"\\]|\\.)*")')),
    (OVERSIZE, re.compile(r"maximum payload exceeded: (\d+ vs \d+)")),
)
MOST_AT_ONCE = 1_000_000


class Refused(NamedTuple):
    """The server refused something of a device. about: the topic, or the size."""

    name: Name
    reason: str
    about: str


class _Place(msgspec.Struct):
    inode: int
    offset: int


def read(lines: Iterable[str]) -> list[Refused]:
    """What these lines tell of refused devices."""
    return [one for line in lines if (one := _one(line)) is not None]


def _one(line: str) -> Refused | None:
    found = _LINE.match(line)
    name = names.of_client_id(found[1]) if found else None
    if found is None or name is None:
        return None
    for reason, pattern in _SAID:
        if about := pattern.match(found[2]):
            return Refused(name, reason, about[1] if reason == OVERSIZE else _topic(about[1]))
    return None


def _topic(subject: str) -> str:
    """As the device wrote it. Go quotes almost as JSON does; what it quotes otherwise stays as it is."""
    try:
        text = str(json.loads(subject))
    except ValueError:
        text = subject.strip('"')
    return text.replace("//", "\0").replace(".", "/").replace("\0", ".").replace("*", "+").replace(">", "#")


class Reader:
    """Reads a log that grows and is put aside when it is long. What is read is noted, so that a start goes on from there."""

    def __init__(self, log: Path, data: Path) -> None:
        self._log, self._noted = log, keys.folder(data) / "log-read.json"
        self._place: _Place | None = None

    def more(self) -> list[str]:
        """The lines since the last call. Noted as read by `done`."""
        try:
            with self._log.open("rb") as file:
                inode = self._inode()
                place = self._place or self._begin(inode)
                offset = place.offset if place.inode == inode and place.offset <= self._size() else 0
                file.seek(offset)
                whole = file.read(MOST_AT_ONCE).rpartition(b"\n")
        except FileNotFoundError:
            return []
        self._place = _Place(inode, offset + len(whole[0]) + len(whole[1]))
        return whole[0].decode(errors="replace").splitlines()

    def done(self) -> None:
        if self._place:
            keys.put(self._noted, msgspec.json.encode(self._place))

    def _begin(self, inode: int) -> _Place:
        try:
            return msgspec.json.decode(self._noted.read_bytes(), type=_Place)
        except (OSError, msgspec.DecodeError):
            return _Place(inode, 0)

    def _inode(self) -> int:
        return self._log.stat().st_ino

    def _size(self) -> int:
        return self._log.stat().st_size

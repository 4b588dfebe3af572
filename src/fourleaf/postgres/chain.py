# SPDX-License-Identifier: Apache-2.0
"""Chain: how the hashes of the log's rows are linked and closed into seals. Pure.

A link is sha256(link before, position, wall time, row hash). The head of a seal is sha256(last link, number, time of the
seal), and the next link starts from it. So a head stands for the whole log up to its position: whoever has kept one
elsewhere can tell that what came before it was rewritten.
"""

from collections.abc import Iterable
from hashlib import sha256
from itertools import accumulate

import msgspec

from fourleaf.kernel.position import START, Position

# Of each link so many bytes are kept: enough to say at which row the chain broke.
_MARK = 8


class Link(msgspec.Struct, frozen=True):
    """One row as the chain takes it. honest: whether the row has the hash it carries; known to who verifies."""

    position: Position
    written_at: str
    hash: bytes
    fact: str = ""
    honest: bool = True

    def after(self, link: bytes) -> bytes:
        return sha256(link + f"{self.position} {self.written_at}".encode() + self.hash).digest()


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """marks: the beginning of every link, to name the row where the chain breaks. The chain starts from an empty seal."""

    no: int = 0
    position: Position = START
    facts: int = 0
    marks: bytes = b""
    head: bytes = bytes(32)
    sealed_at: str = ""

    def closes(self, link: bytes) -> bool:
        return self.head == closed(link, self.no, self.sealed_at)

    def marks_all(self) -> bool:
        return 0 < self.facts * _MARK == len(self.marks)

    def marks_right(self, at: int, link: bytes) -> bool:
        return self.marks[at * _MARK : (at + 1) * _MARK] == link[:_MARK]


def linked(head: bytes, rows: Iterable[Link]) -> list[bytes]:
    """The link of each row, from the head of the seal before."""
    return list(accumulate(rows, lambda link, row: row.after(link), initial=head))[1:]


def closed(link: bytes, no: int, sealed_at: str) -> bytes:
    return sha256(link + f"{no} {sealed_at}".encode()).digest()


def marks(links: Iterable[bytes]) -> bytes:
    return b"".join(link[:_MARK] for link in links)

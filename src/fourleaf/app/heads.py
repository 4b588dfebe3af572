# SPDX-License-Identifier: Apache-2.0
"""Heads: those of the seals, kept in a file outside of the database, one JSON line each.

Who can write to the database can rewrite a log with all its seals. The file should lie where they cannot write.
"""

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from fourleaf.postgres import seals
from fourleaf.postgres.pool import RunPool
from fourleaf.postgres.runs import Run
from fourleaf.postgres.seals import Head

log = logging.getLogger("fourleaf.worker")
_LINE = msgspec.json.Decoder(Head)


class Heads:
    """Appends the head of every seal that the file does not hold yet. file: None keeps nothing."""

    def __init__(self, file: Path | None) -> None:
        self._file, self._writing = file, asyncio.Lock()
        self._known: set[Head] | None = None
        # Up to which seal all is in the file, by run and the time the run was made.
        self._kept: dict[tuple[str, object], int] = {}

    async def keep(self, pool: RunPool, run: Run) -> None:
        """Write what is new. A file that cannot be written to stops nobody: it is said, and tried again the next time."""
        if self._file is None:
            return
        key = run.run, run.created_at
        async with pool.connection() as connection:
            found = await seals.heads(connection, run.run, after=self._kept.get(key, 0))
        if not found:
            return
        try:
            async with self._writing:  # one at a time: a mount that hangs holds up one thread and no connection
                await self._write(self._file, found)
        except OSError as error:
            log.error("seals cannot be kept in %s: %s", self._file, error, extra={"run": run.run})
        else:
            self._kept[key] = found[-1].no

    async def _write(self, file: Path, found: Sequence[Head]) -> None:
        if self._known is None:
            self._known = set((await asyncio.to_thread(read, file))[0])
        await asyncio.to_thread(_append, file, [head for head in found if head not in self._known])


def line(head: Head) -> bytes:
    return msgspec.json.encode(head)


def read(file: Path) -> tuple[list[Head], int]:
    """The heads in a file, and how many of its lines are none: a line that was cut short by a crash stands there for good.

    Raises: OSError, but not for a file that is not there yet.
    """
    found, torn = list[Head](), 0
    for text in file.read_bytes().splitlines() if file.exists() else ():
        try:
            found.append(_LINE.decode(text))
        except msgspec.DecodeError:
            torn += 1
    return found, torn


def _append(file: Path, fresh: Iterable[Head]) -> None:
    """Append whole lines, and come back when they are on the disk."""
    text = b"".join(line(head) + b"\n" for head in fresh)
    if not text:
        return
    there = file.exists()
    with file.open("a+b") as out:
        if out.tell():
            out.seek(-1, os.SEEK_END)
            text = text if out.read(1) == b"\n" else b"\n" + text
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if not there:
        folder = os.open(file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

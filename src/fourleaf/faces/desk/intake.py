# SPDX-License-Identifier: Apache-2.0
"""Intake: what every import of a table has in common: the file that waits, what it would do, and how far it is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from litestar import Request
from litestar.response import Stream

from fourleaf.blobs.keep import Given
from fourleaf.blobs.sniff import CSV, XLSX
from fourleaf.engines.world import actions
from fourleaf.engines.world.actions import Book, Outlook
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.standards.spreadsheets import Table, open_text, open_workbook

Step = int | Outlook | Refusal
# So many bytes are read through while the page is awaited: some thousand lines. A longer table tells how far it is.
BRIEF = {XLSX: 120_000, CSV: 300_000}
TABLES = frozenset(BRIEF)


class File(msgspec.Struct, frozen=True):
    """A table that waits to be read."""

    data: bytes
    media: str

    @property
    def brief(self) -> bool:
        return len(self.data) <= BRIEF[self.media]

    def __call__(self) -> Table:
        return open_workbook(self.data) if self.media == XLSX else open_text(self.data)


def sender(principal: Principal) -> str:
    """The label of who sends a table: until it is taken in nobody else reads it."""
    return f"person:{principal.id.removeprefix('account:')}"


def table_of(given: Given | Refusal) -> File | Refusal:
    """A kept file as a table."""
    if isinstance(given, Refusal):
        return given
    return File(given.data, given.blob.media) if given.blob.media in BRIEF else Refusal("world.table-damaged")


async def looking(book: Book, opened: File | Refusal) -> AsyncIterator[Step]:
    """What a file would do."""
    if isinstance(opened, Refusal):
        yield opened
        return
    async for step in actions.look(book, opened):
        yield step


async def carrying(book: Book, opened: File | Refusal, request: Request[Any, Any, Any]) -> AsyncIterator[Step]:
    """Do what was seen: the form says what that was, and whether wrong lines are left out."""
    if isinstance(opened, Refusal):
        yield opened
        return
    form = await request.form()
    seen, rest = str(form.get("seen", "")), form.get("rest") == "yes"
    async for step in actions.carry_out(book, opened, seen=seen, rest=rest):
        yield step


async def last(steps: AsyncIterator[Step]) -> Outlook | Refusal | None:
    """What comes at the end."""
    found: Outlook | Refusal | None = None
    async for step in steps:
        found = None if isinstance(step, int) else step
    return found


def telling(
    steps: AsyncIterator[Step],
    part: Callable[[Outlook | Refusal], Awaitable[str]],
    done: Callable[[Outlook], str] | None = None,
) -> Stream:
    """The steps line by line as JSON: how far it is, and at last a part of the page, or where to look when it is done."""

    async def told() -> AsyncIterator[bytes]:
        async for step in steps:
            match step:
                case int():
                    yield _line(lines=abs(step)) if step < 0 or done is None else _line(written=step)
                case Outlook() if done is not None:
                    yield _line(see=done(step))
                case _:
                    yield _line(html=await part(step))

    return Stream(told(), media_type="application/x-ndjson")


def _line(**said: object) -> bytes:
    return msgspec.json.encode(said) + b"\n"

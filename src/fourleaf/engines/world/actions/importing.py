# SPDX-License-Identifier: Apache-2.0
"""Importing: a table is looked at, and taken in when somebody says so. Nothing is decided here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Protocol

import msgspec

from fourleaf.engines.world import store
from fourleaf.engines.world.actions.keeping import FACTS_A_COMMIT, appending
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.rules import importing
from fourleaf.engines.world.rules.importing import Alone, Head, Said, Verdict, Wrongness
from fourleaf.engines.world.state import Standing, start
from fourleaf.kernel.fact import Body
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Append, Request
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection
from fourleaf.standards.spreadsheets import Line, Table, Unreadable

# So many are shown of each sort; the rest is counted.
SHOWN = 50
SHOWN_WRONG = 300
_UNREADABLE = {
    "damaged": Refusal("world.table-damaged"),
    "too-long": Refusal("world.table-too-long"),
    "no-sheet": Refusal("world.table-no-sheet"),
}


class Outlook(msgspec.Struct, kw_only=True):
    """What a table would do to a register. writes: every line that would write; seen: names exactly these writes.

    shown: the first of the new and changed lines; wrong: the first mistakes; counts: lines by what they would do.
    """

    head: Head
    sheet: str = ""
    others: tuple[str, ...] = ()
    counts: dict[str, int] = msgspec.field(default_factory=lambda: {"new": 0, "changed": 0, "same": 0, "wrong": 0})
    wrong_cells: int = 0
    wrong: list[Wrongness] = msgspec.field(default_factory=list)
    shown: dict[str, list[Verdict]] = msgspec.field(default_factory=lambda: {"new": [], "changed": []})
    writes: list[Verdict] = msgspec.field(default_factory=list)
    seen: str = ""

    @property
    def lines(self) -> int:
        return sum(self.counts.values())


class Book(Protocol):
    """What a table is held against and written to: a register of the world, or a list that another part keeps."""

    register: Register
    zone: str
    lines_a_commit: int

    async def judged(self, said: Sequence[Said]) -> list[Verdict]:
        """What each line would do."""

    async def take(self, some: Sequence[Verdict]) -> Refusal | None:
        """Write some of them, all or nothing; a repeat writes nothing twice."""


async def look(book: Book, opened: Callable[[], Table]) -> AsyncIterator[int | Outlook | Refusal]:
    """Read a table through and hold it against the book. Gives the number of lines read, again and again, and at last
    what was found. Nothing is written."""
    register = book.register
    try:
        table = await asyncio.to_thread(opened)
        found = await asyncio.to_thread(_headed, register, table)
        if found is None:
            yield Refusal("world.table-no-head")
            return
        alone = Alone(register)
        while lines := await asyncio.to_thread(_some, found.head, table.lines):
            said = await asyncio.to_thread(_read, register, found.head, lines, alone, book.zone)
            verdicts = await book.judged(said)
            await asyncio.to_thread(_note, found, register, verdicts)
            yield found.lines
    except Unreadable as error:
        yield _UNREADABLE[error.code]
        return
    found.seen = sha256(b"".join(map(_named, found.writes))).hexdigest()[:40]
    yield found if found.lines else Refusal("world.table-empty")


def _headed(register: Register, table: Table) -> Outlook | None:
    for line in islice(table.lines, importing.HEAD_WITHIN):
        head = importing.head_of(register, line.cells)
        if head is not None:
            return Outlook(head=head, sheet=table.sheet, others=table.others)
    return None


def _some(head: Head, lines: Iterator[Line]) -> list[Line]:
    return list(islice((line for line in lines if not importing.is_note(head, line)), FACTS_A_COMMIT))


def _read(register: Register, head: Head, lines: Sequence[Line], alone: Alone, zone: str) -> list[Said]:
    return [alone.check(importing.read_line(register, head, line, zone)) for line in lines]


def _note(found: Outlook, register: Register, verdicts: Sequence[Verdict]) -> None:
    for one in verdicts:
        found.counts[one.what] += 1
        if one.what == "wrong":
            found.wrong_cells += len(one.wrong)
            if len(found.wrong) < SHOWN_WRONG:
                found.wrong += importing.tell(register, found.head, one)
        if one.fact is not None:
            found.writes.append(one)
            if len(found.shown[one.what]) < SHOWN:
                found.shown[one.what].append(one)


def _named(one: Verdict) -> bytes:
    return msgspec.json.encode([one.item.thing, one.item.version, one.fact], order="sorted")


async def take_in(book: Book, writes: Sequence[Verdict]) -> AsyncIterator[int | Refusal]:
    """Write what was looked at, so many lines a commit.

    Gives the number written, again and again; a refusal ends it, and what was written before stays.
    """
    done = 0
    for first in range(0, len(writes), book.lines_a_commit):
        some = writes[first : first + book.lines_a_commit]
        told = await book.take(some)
        if isinstance(told, Refusal):
            yield told
            return
        done += len(some)
        yield done


async def carry_out(
    book: Book, opened: Callable[[], Table], *, seen: str, rest: bool
) -> AsyncIterator[int | Outlook | Refusal]:
    """Look again, and take in exactly what was seen. rest: leave wrong lines out, instead of writing nothing.

    Gives the number of lines looked at (below nothing) or written, again and again, and at last what was done.
    """
    found: Outlook | None = None
    async for step in look(book, opened):
        if isinstance(step, Outlook):
            found = step
        else:
            yield -step if isinstance(step, int) else step
    if found is None:
        return
    if found.counts["wrong"] and not rest:
        yield Refusal("world.import-wrong", {"count": found.counts["wrong"]})
    elif found.seen != seen:
        yield Refusal("world.import-other")
    else:
        async for done in take_in(book, found.writes):
            yield done
            if isinstance(done, Refusal):
                return
        yield found


def request_of(actor: str, some: Sequence[Verdict]) -> Request:
    """Some lines are one request, named by what they would do."""
    named = sha256(b"".join(map(_named, some))).hexdigest()[:40]
    return Request.of(actor, f"import:{named}", len(some))


class Things:
    """A register of the world as the book of an import."""

    lines_a_commit = FACTS_A_COMMIT

    def __init__(self, site: Site, principal: Principal, register: Register, name: str) -> None:
        self.register, self.zone = register, site.run.zone
        self._site, self._principal, self._name = site, principal, name

    async def judged(self, said: Sequence[Said]) -> list[Verdict]:
        register, name = self.register, self._name
        wanted, alone = importing.asks(register, said)
        async with self._site.connection() as connection:
            standings = await store.standings(connection, [f"{name}.{one.id}" for one in said])
            known = await store.known(connection, name, wanted, alone)
        items = [(standings.get(f"{name}.{one.id}") or start(f"{name}.{one.id}")).item for one in said]
        return [importing.judge(register, name, one, item, known) for one, item in zip(said, items, strict=True)]

    async def take(self, some: Sequence[Verdict]) -> Refusal | None:
        """One request, so that a repeat writes nothing twice."""
        site, actor, labels = self._site, self._principal.id, self.register.see
        now = await site.now()

        async def decide(connection: Connection) -> Append | Refusal:
            standings = await store.standings(connection, [one.item.thing for one in some])
            ruled = list[tuple[Standing, Body]]()
            for one in some:
                before = standings.get(one.item.thing) or start(one.item.thing)
                if before.item.version != one.item.version:
                    return Refusal("world.changed-meanwhile", {"item": one.item.thing.partition(".")[2]})
                assert one.fact is not None
                ruled.append((before, one.fact))
            return appending(site.run.run, ruled, labels=labels, actor=actor, now=now)

        asked = request_of(actor, some)
        async with site.connection() as connection:
            answer = await site.journal.command(connection, asked, decide, constraints=store.CONSTRAINTS)
        return answer if isinstance(answer, Refusal) else None

# SPDX-License-Identifier: Apache-2.0
"""Importing: an organization's table, some hundred lines a commit. Each commit is one request with its answer kept, so that an
import that broke off goes on where it stood, says the same of what it did before, and doubles nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from fourleaf.engines.credentials import rules, store
from fourleaf.engines.credentials.actions.applying import KEYS, lacking, quota_lock
from fourleaf.engines.credentials.actions.writing import appending
from fourleaf.engines.credentials.rules import Applicant, Book, Places
from fourleaf.engines.credentials.rules import importing as rule
from fourleaf.engines.credentials.rules.importing import Bad, Line
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.fact import Body
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append, Request, first_answer
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection
from fourleaf.standards.spreadsheets import Table, Unreadable
from fourleaf.vault.fields import normal
from fourleaf.vault.persons import Vault

# So many lines a commit: each is encrypted while its transaction is open, and none may last a second.
LINES = 400
_UNREADABLE = {
    "damaged": Refusal("credentials.table-damaged"),
    "too-long": Refusal("credentials.table-too-long"),
    "no-sheet": Refusal("credentials.table-no-sheet"),
}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Who imports which file for whom. file: the hash of its bytes; type: the category where the table names none."""

    actor: str
    organization: str
    file: str
    type: str = ""


class Done(msgspec.Struct, kw_only=True):
    """What became of some lines. applied: new applications; merged: of these, for a holder who was known before; same: lines whose
    holder has that credential from this organization already; refused: line, code, what fills its sentence."""

    lines: int = 0
    applied: int = 0
    merged: int = 0
    same: int = 0
    refused: list[tuple[int, str, dict[str, object]]] = msgspec.field(default_factory=list)


async def take_in(site: Site, vault: Vault, order: Order, opened: Callable[[], Table]) -> AsyncIterator[Done | Refusal]:
    """Read a table and apply for each line. Gives what became of each part as soon as it is written; a refusal ends it."""
    try:
        table = await asyncio.to_thread(opened)
        lines = iter(table.lines)
        head = next((head for line in islice(lines, rule.HEAD_WITHIN) if (head := rule.head_of(line.cells))), None)
        if head is None:
            yield Refusal("credentials.table-no-head")
            return
        while some := await asyncio.to_thread(lambda: list(islice(lines, LINES))):
            read = [rule.read(head, line.number, line.cells, order.type) for line in some]
            for part in _parts(read):
                yield await _take(site, vault, order, part)
    except Unreadable as error:
        yield _UNREADABLE[error.code]


def _parts(read: Sequence[Line | Bad]) -> list[list[Line | Bad]]:
    """By category, for each is counted under a lock of its own; wrong lines go with the first."""
    by_type: dict[str, list[Line | Bad]] = {}
    for one in read:
        key = one.type if isinstance(one, Line) else next(iter(by_type), "")
        by_type.setdefault(key, []).append(one)
    return list(by_type.values())


async def _take(site: Site, vault: Vault, order: Order, part: Sequence[Line | Bad]) -> Done:
    lines = [one for one in part if isinstance(one, Line)]
    type_ = lines[0].type if lines else ""
    name = f"import:{order.file[:32]}:{order.organization}:{type_[:40]}:{part[0].number}"
    request = Request.of(order.actor, name, [order.organization, len(part)])
    now = await site.now()

    async def decide(connection: Connection) -> Append | Refusal:
        book = await store.book(connection, type_, site.run.zone)
        applicant = await store.applicant(connection, order.organization)
        done = Done(lines=len(part))
        done.refused = [(one.number, one.refusal.code, one.refusal.detail) for one in part if isinstance(one, Bad)]
        ruled = await _ruled(connection, vault, book, applicant, lines, done, now)
        if isinstance(ruled, Refusal):
            return ruled
        given = appending(site.run.run, ruled, actor=order.actor, now=now)
        return msgspec.structs.replace(given, answer=msgspec.to_builtins(done))

    async with site.connection() as connection:
        # What is done already is not decided again: it would be refused line by line.
        answer = await first_answer(connection, request) or await site.journal.command(
            connection, request, decide, lock=quota_lock(order.organization, type_)
        )
    if isinstance(answer, Answer):
        return msgspec.convert(answer.value, Done)
    return Done(lines=len(part), refused=[(one.number, answer.code, answer.detail) for one in part])


async def _ruled(
    connection: Connection,
    vault: Vault,
    book: Book,
    applicant: Applicant,
    lines: Sequence[Line],
    done: Done,
    now: datetime,
) -> list[tuple[Credential, Body]] | Refusal:
    """What each line becomes; who is new is put into the vault."""
    kind = KEYS[book.type.of] if book.type else "document"
    good = list[Line]()
    for line in lines:
        refusal = (
            lacking(book.type.of, line.details)
            if book.type
            else Refusal("credentials.unknown-type", {"type": book.key})
        )
        if refusal:
            done.refused.append((line.number, refusal.code, refusal.detail))
        else:
            good.append(line)
    await store.hold(connection, [f"{kind}:{number:02d}" for number in range(store.STRIPES)])
    holders, fresh = await _holders(connection, vault, kind, good)
    ruled, people = await _applied(
        connection, book, applicant, good, [holders[key_of(kind, one)] for one in good], done, fresh, now
    )
    if people and (refusal := await vault.put(connection, people)):
        return refusal
    return ruled


def key_of(kind: str, line: Line) -> str:
    return normal(kind, line.details[kind], country="")


async def _holders(
    connection: Connection, vault: Vault, kind: str, lines: Sequence[Line]
) -> tuple[dict[str, str], set[str]]:
    """Whose document it is: known holders, and numbers for new ones. Gives document -> holder, and who is new."""
    keys = list(dict.fromkeys(key_of(kind, line) for line in lines))
    known = await vault.find_all(connection, kind, keys)
    unknown = [key for key in keys if key not in known]
    numbers = await store.numbers(connection, "holder", len(unknown)) if unknown else []
    made = {key: f"h{number}" for key, number in zip(unknown, numbers, strict=True)}
    return {key: found[0] for key, found in known.items()} | made, set(made.values())


async def _applied(
    connection: Connection,
    book: Book,
    applicant: Applicant,
    lines: Sequence[Line],
    holders: Sequence[str],
    done: Done,
    fresh: set[str],
    now: datetime,
) -> tuple[list[tuple[Credential, Body]], dict[str, dict[str, str]]]:
    """Apply for each line in turn, each seeing what those before it took."""
    held = await store.held(connection, [one for one in holders if one not in fresh], book.key)
    used = await store.used(connection, applicant.id, book.key)
    numbers = iter(await store.numbers(connection, "credential", len(lines)) if lines else [])
    ruled, people = list[tuple[Credential, Body]](), dict[str, dict[str, str]]()
    for line, holder in zip(lines, holders, strict=True):
        mine = held.get(holder, [])
        body = rules.apply(
            book, applicant, holder, line.documents, Places(slots=[slot for slot, _ in mine], used=used), now
        )
        if not isinstance(body, Refusal):
            ruled.append((Credential(credential=f"c{next(numbers)}"), body))
            held.setdefault(holder, []).append((body.slot, applicant.id))
            used, done.applied = used + 1, done.applied + 1
            if holder in fresh:
                people.setdefault(holder, line.details)
            else:
                done.merged += 1
        elif applicant.id in [of for _, of in mine]:
            done.same += 1
        else:
            done.refused.append((line.number, body.code, body.detail))
    return ruled, people

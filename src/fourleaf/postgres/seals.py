# SPDX-License-Identifier: Apache-2.0
"""Seals: made over the log by the worker, handed out to be kept elsewhere, and verified."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, Literal

import msgspec

from fourleaf.kernel.fact import InexactNumber, canonical_hash
from fourleaf.kernel.position import Position
from fourleaf.postgres import log
from fourleaf.postgres.chain import Link, Seal, closed, linked, marks
from fourleaf.postgres.pool import Connection

# A seal covers at most this many facts, so that making one is quick.
FACTS_A_SEAL = 5_000
# What the chain takes of a row of the log.
_CHAINED = "epoch, txid::text as txid_text, seq, extract(epoch from written_at)::text, hash"
_HASHED = (
    *("run", "stream", "version", "kind", "schema", "occurred_at", "recorded_at"),
    *("actor", "agency", "cause", "labels", "body"),
)
# A time that no calendar of ours holds was not written by us.
_TIME = "case when {0} between '0001-01-02 00:00Z' and '9999-12-30 00:00Z' then {0} end"
_SELECTED = {
    "occurred_at": _TIME.format("occurred_at"),
    "recorded_at": _TIME.format("recorded_at"),
    "body": "body::text",
}
_COLUMNS = ", ".join(_SELECTED.get(name, name) for name in _HASHED)
# Stands for a row where it is the seal itself that is wrong.
_THE_SEAL = -1
_END = Seal(position=Position(2**31, 2**63, 2**63))


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The head of one seal, to be kept elsewhere. facts: how many it stands for, from the first one on.

    made_at: when the run was made; rehearsals are dropped, and their names come again.
    """

    run: str
    made_at: str
    no: int
    facts: int
    position: str
    sealed_at: str
    head: str


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing wrong: which row or seal, and how.

    what: `altered` may also mean that the row stood elsewhere; `added` that it does not belong where it stands; `rewritten`
    that a head kept elsewhere is not this seal's.
    seal: the number of the seal; 0 for a row that no seal covers yet.
    """

    what: Literal["altered", "added", "missing", "seal-altered", "seal-missing", "rewritten"]
    fact: str = ""
    after: str = ""
    seal: int = 0


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """facts: rows found in order; sealed: of them under a seal; head: that of the last seal found in order."""

    facts: int
    sealed: int
    head: str
    broken: Broken | None = None


async def seal(connection: Connection, run: str, *, limit: int = FACTS_A_SEAL) -> int:
    """Seal the next settled facts. Gives how many. Only the worker of the run calls this."""
    async with connection.transaction():
        before = next(iter(await _stored(connection, "order by no desc limit 1")), Seal())
        cursor = await connection.execute(
            f"select {_CHAINED} from fourleaf.log where run = %(run)s and {log.AFTER} and {log.SETTLED}"
            " order by epoch, txid, seq limit %(limit)s",
            {"run": run, "limit": limit} | log.after_values(before.position),
        )
        rows = [_link(row) for row in await cursor.fetchall()]
        if rows:
            await _add(connection, before, rows)
    return len(rows)


async def _add(connection: Connection, before: Seal, rows: Sequence[Link]) -> None:
    cursor = await connection.execute("select at, extract(epoch from at)::text from clock_timestamp() at")
    at, sealed_at = await cursor.fetchone() or (None, "")
    links = linked(before.head, rows)
    values = {
        "no": before.no + 1,
        "facts": len(rows),
        "marks": marks(links),
        "head": closed(links[-1], before.no + 1, sealed_at),
        "at": at,
    }
    await connection.execute(
        "insert into seal (no, epoch, txid, seq, facts, marks, head, sealed_at)"
        " values (%(no)s, %(epoch)s, %(txid)s::text::xid8, %(seq)s, %(facts)s, %(marks)s, %(head)s, %(at)s)",
        values | log.after_values(rows[-1].position),
    )


def _link(row: Sequence[Any]) -> Link:
    """A row that begins with what is _CHAINED."""
    return Link(Position(row[0], int(row[1]), row[2]), row[3], bytes(row[4]))


async def _stored(connection: Connection, order: str = "order by no") -> list[Seal]:
    cursor = await connection.execute(
        f"select no, epoch, txid::text as txid_text, seq, facts, marks, head, extract(epoch from sealed_at)::text from seal {order}"
    )
    return [
        Seal(
            no=row[0],
            position=Position(row[1], int(row[2]), row[3]),
            facts=row[4],
            marks=bytes(row[5]),
            head=bytes(row[6]),
            sealed_at=row[7],
        )
        for row in await cursor.fetchall()
    ]


_HEADS = f"""
select r.run, r.created_at, s.no, s.so_far, s.epoch, s.txid::text as txid_text, s.seq, {_TIME.format("s.sealed_at")}, s.head
from (select *, (sum(facts) over (order by no))::bigint as so_far from seal) s, fourleaf.run r
where r.run = %s and s.no > %s order by s.no"""


async def heads(connection: Connection, run: str, *, after: int = 0) -> list[Head]:
    """The heads of the seals after a number, oldest first."""
    cursor = await connection.execute(_HEADS, [run, after])
    return [
        Head(
            run=row[0],
            made_at=utc(row[1]),
            no=row[2],
            facts=row[3],
            position=str(Position(row[4], int(row[5]), row[6])),
            sealed_at=utc(row[7]) if row[7] else "",
            head=bytes(row[8]).hex(),
        )
        for row in await cursor.fetchall()
    ]


def utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


async def verify(connection: Connection, run: str, *, kept: Iterable[Head] = ()) -> Verified:
    """Read the whole log of a run; check every row, every seal and every stream's versions.

    kept: heads that were kept elsewhere; each must still be that of its seal.
    """
    found = await _stored(connection)
    facts, last, before = 0, "", Seal()
    async with aclosing(_links(connection, run)) as links:
        for this, following in zip_longest(found, found[1:]):
            some = await _take(links, this.facts)
            broken = await _broken(connection, run, (before, this, following), some, last)
            if broken:
                return Verified(facts=facts, sealed=facts, head=before.head.hex(), broken=broken)
            facts, last, before = facts + len(some), some[-1].fact, this
        sealed, head = facts, before.head.hex()
        async for link in links:
            if not link.honest:
                broken = Broken(what="altered", fact=link.fact, after=last)
                return Verified(facts=facts, sealed=sealed, head=head, broken=broken)
            facts, last = facts + 1, link.fact
    broken = await _gap(connection, run) or _rewritten(found, kept)
    return Verified(facts=facts, sealed=sealed, head=head, broken=broken)


def _wrong(before: Seal, this: Seal, links: Sequence[Link]) -> int | None:
    """From which row on a seal does not hold; None when it holds.

    The marks say where the chain leaves its way. When it arrives all the same, the marks were changed.
    """
    chain = linked(before.head, links)
    lied = [at for at, link in enumerate(links) if not link.honest]
    left = [at for at, link in enumerate(chain) if not this.marks_right(at, link)]
    if not this.marks_all():
        return _THE_SEAL
    if len(chain) == this.facts and this.closes(chain[-1]):
        holds = not left and links[-1].position == this.position
        return lied[0] if lied else None if holds else _THE_SEAL
    if lied or left:
        return min(lied + left)
    return len(links) if len(links) < this.facts else _THE_SEAL


async def _broken(
    connection: Connection, run: str, around: tuple[Seal, Seal, Seal | None], links: Sequence[Link], last: str
) -> Broken | None:
    """What is wrong with a seal, if anything is. around: the one before, this one and the next; last: the fact before."""
    before, this, following = around
    if this.no != before.no + 1:
        return Broken(what="seal-missing", seal=before.no + 1, after=last)
    at = _wrong(before, this, links)
    if at is None:
        return None
    last = links[at - 1].fact if at > 0 else last
    if 0 <= at < len(links) and not links[at].honest:
        return Broken(what="altered", fact=links[at].fact, after=last, seal=this.no)
    if at == _THE_SEAL or not before.position < this.position < (following or _END).position:
        return Broken(what="seal-altered", seal=this.no, after=last)
    rows = await _rows_between(connection, run, before, this)
    if rows < this.facts or at == len(links):
        found = await _gap(connection, run) or Broken(what="missing", after=last)
        return msgspec.structs.replace(found, seal=this.no)
    return Broken(what="added" if rows > this.facts else "altered", fact=links[at].fact, after=last, seal=this.no)


async def _rows_between(connection: Connection, run: str, before: Seal, this: Seal) -> int:
    """How many rows there are now where a seal was made."""
    cursor = await connection.execute(
        f"select count(*) from fourleaf.log where run = %(run)s and {log.AFTER}"
        " and (epoch, txid, seq) <= (%(to_epoch)s, %(to_txid)s::text::xid8, %(to_seq)s)",
        {"run": run}
        | log.after_values(before.position)
        | {f"to_{name}": value for name, value in log.after_values(this.position).items()},
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


def _rewritten(found: Sequence[Seal], kept: Iterable[Head]) -> Broken | None:
    heads = {seal.no: seal.head.hex() for seal in found}
    wrong = min((head.no for head in kept if heads.get(head.no) != head.head), default=None)
    return None if wrong is None else Broken(what="rewritten", seal=wrong)


async def _gap(connection: Connection, run: str) -> Broken | None:
    """The first version missing inside a stream, in the order of the log."""
    cursor = await connection.execute(
        "select stream, prev from (select stream, version, epoch, txid, seq, lag(version, 1, 0::bigint) over"
        " (partition by stream order by version) as prev from fourleaf.log where run = %s) v"
        " where version <> prev + 1 order by epoch, txid, seq limit 1",
        [run],
    )
    row = await cursor.fetchone()
    return Broken(what="missing", fact=f"{row[0]}@{row[1] + 1}", after=f"{row[0]}@{row[1]}") if row else None


async def _links(connection: Connection, run: str) -> AsyncGenerator[Link, None]:
    """Every row of the run in order."""
    query = f"select {_CHAINED}, {_COLUMNS} from fourleaf.log where run = %s order by epoch, txid, seq"
    async with connection.transaction(), connection.cursor(name="verify") as cursor:
        # Only reading, it holds back nobody, however long the thinking between two pages takes.
        await connection.execute("set local idle_in_transaction_session_timeout = 0")
        await cursor.execute(query, [run])
        while rows := await cursor.fetchmany(FACTS_A_SEAL):
            for row in rows:
                chained, kept = _link(row), dict(zip(_HASHED, row[-len(_HASHED) :], strict=True))
                honest = _hash(kept) == chained.hash
                yield Link(
                    chained.position, chained.written_at, chained.hash, f"{kept['stream']}@{kept['version']}", honest
                )


def _hash(kept: dict[str, Any]) -> bytes | None:
    """The hash a row should carry; None where it holds what nobody can have appended."""
    try:
        return canonical_hash(kept | {"body": msgspec.json.decode(kept["body"])})
    except (InexactNumber, msgspec.DecodeError):
        return None


async def _take(links: AsyncGenerator[Link, None], count: int) -> list[Link]:
    some: list[Link] = []
    while len(some) < count and (link := await anext(links, None)):
        some.append(link)
    return some

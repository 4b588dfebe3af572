# SPDX-License-Identifier: Apache-2.0
"""Seals: a chain over (position, hash), so that a changed or missing row of the log is found and named."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from hashlib import sha256
from typing import Any, Literal

import msgspec

from fourleaf.kernel.fact import canonical_hash
from fourleaf.kernel.position import START, Position
from fourleaf.postgres import log
from fourleaf.postgres.pool import Connection

# A seal covers at most this many facts, so that making one is quick.
FACTS_A_SEAL = 5_000
# Of each row's link so many bytes are kept: enough to say where the chain broke.
_MARK = 8
_ROOT = bytes(32)

_COLUMNS = (
    "run, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, cause, labels, body::text,"
    " hash, epoch, txid::text as txid_text, seq"
)


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing wrong: which row, and how."""

    what: Literal["altered", "missing", "seal-altered"]
    fact: str
    position: str
    after: str = ""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """facts: rows checked; sealed: of them under a seal; head: the chain's last link, to keep elsewhere."""

    facts: int
    sealed: int
    head: str
    broken: Broken | None = None


class _Link(msgspec.Struct, frozen=True):
    fact: str
    position: Position
    hash: bytes
    honest: bool


async def seal(connection: Connection, run: str) -> int:
    """Seal the next settled facts. Gives how many. Only the worker of the run calls this."""
    async with connection.transaction():
        cursor = await connection.execute(
            "select no, epoch, txid::text as txid_text, seq, head from seal order by no desc limit 1"
        )
        row = await cursor.fetchone()
        no, at, head = (row[0], Position(row[1], int(row[2]), row[3]), bytes(row[4])) if row else (0, START, _ROOT)
        cursor = await connection.execute(
            f"select epoch, txid::text as txid_text, seq, hash from fourleaf.log where run = %(run)s and {log.AFTER} and {log.SETTLED}"
            " order by epoch, txid, seq limit %(limit)s",
            {"run": run, "limit": FACTS_A_SEAL} | log.after_values(at),
        )
        found = [(Position(row[0], int(row[1]), row[2]), bytes(row[3])) for row in await cursor.fetchall()]
        if not found:
            return 0
        marks, head = chain(head, found)
        last = found[-1][0]
        await connection.execute(
            "insert into seal (no, epoch, txid, seq, facts, marks, head)"
            " values (%(no)s, %(epoch)s, %(txid)s::text::xid8, %(seq)s, %(facts)s, %(marks)s, %(head)s)",
            {"no": no + 1, "facts": len(found), "marks": marks, "head": head} | log.after_values(last),
        )
    return len(found)


def chain(head: bytes, rows: Iterable[tuple[Position, bytes]]) -> tuple[bytes, bytes]:
    """Each link is sha256(previous link, position, row hash). Gives the marks of all links, and the last link."""
    marks = bytearray()
    for position, row_hash in rows:
        head = sha256(head + str(position).encode() + row_hash).digest()
        marks += head[:_MARK]
    return bytes(marks), head


async def verify(connection: Connection, run: str, *, expected_head: str | None = None) -> Verified:
    """Read the whole log of a run and check every row, every stream's versions and every seal.

    expected_head: a head exported earlier; it must still be one of the seals.
    """
    seals = await (await connection.execute("select no, facts, marks, head from seal order by no")).fetchall()
    marks = b"".join(bytes(row[2]) for row in seals)
    sealed = len(marks) // _MARK
    heads = {bytes(row[3]).hex() for row in seals}
    head, count, before = _ROOT, 0, ""
    async with aclosing(_links(connection, run)) as links:
        async for link in links:
            broken = None
            if not link.honest:
                broken = Broken(what="altered", fact=link.fact, position=str(link.position), after=before)
            elif count < sealed:
                head = sha256(head + str(link.position).encode() + link.hash).digest()
                if head[:_MARK] != marks[count * _MARK : (count + 1) * _MARK]:
                    broken = await _what_broke(connection, run, link, before)
            if broken:
                return Verified(facts=count, sealed=min(count, sealed), head=head.hex(), broken=broken)
            count, before = count + 1, link.fact
    broken = _at_the_end(count, sealed, before, head, seals, expected_head, heads) or await _gap(connection, run)
    return Verified(facts=count, sealed=sealed, head=head.hex(), broken=broken)


def _at_the_end(
    count: int, sealed: int, before: str, head: bytes, seals: list[Any], expected_head: str | None, heads: set[str]
) -> Broken | None:
    if count < sealed:
        return Broken(what="missing", fact="", position="", after=before)
    if seals and head != bytes(seals[-1][3]):
        return Broken(what="seal-altered", fact="", position="", after=before)
    if expected_head and expected_head not in heads:
        return Broken(what="seal-altered", fact="", position="", after=expected_head)
    return None


async def _links(connection: Connection, run: str) -> AsyncGenerator[_Link, None]:
    async with connection.transaction(), connection.cursor(name="verify") as cursor:
        await cursor.execute(f"select {_COLUMNS} from fourleaf.log where run = %s order by epoch, txid, seq", [run])
        while rows := await cursor.fetchmany(5_000):
            for row in rows:
                yield _link(row)


def _link(row: Any) -> _Link:
    names = (
        "run",
        "stream",
        "version",
        "kind",
        "schema",
        "occurred_at",
        "recorded_at",
        "actor",
        "agency",
        "cause",
        "labels",
    )
    kept = dict(zip(names, row[:11], strict=True)) | {"body": msgspec.json.decode(row[11])}
    stored = bytes(row[12])
    return _Link(f"{row[1]}@{row[2]}", Position(row[13], int(row[14]), row[15]), stored, canonical_hash(kept) == stored)


async def _what_broke(connection: Connection, run: str, link: _Link, before: str) -> Broken:
    """The chain broke here: a row before this one is gone, or this one (and its hash) was changed or added."""
    gap = await _gap(connection, run)
    if gap:
        return gap
    return Broken(what="altered", fact=link.fact, position=str(link.position), after=before)


async def _gap(connection: Connection, run: str) -> Broken | None:
    """The first version missing inside a stream."""
    cursor = await connection.execute(
        "select stream, version, prev from (select stream, version, lag(version, 1, 0::bigint) over (partition by stream order by version)"
        " as prev from fourleaf.log where run = %s) v where version <> prev + 1 order by stream, version limit 1",
        [run],
    )
    row = await cursor.fetchone()
    return (
        Broken(what="missing", fact=f"{row[0]}@{row[2] + 1}", position="", after=f"{row[0]}@{row[2]}") if row else None
    )

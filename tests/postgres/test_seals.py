# SPDX-License-Identifier: Apache-2.0
"""Seals: whatever is done to the log or to its seals behind our back is found, and the place is named."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.kernel.fact import canonical_hash
from fourleaf.kernel.position import Position
from fourleaf.postgres import runs, seals
from fourleaf.postgres.append import append
from fourleaf.postgres.chain import Link, Seal, closed, linked, marks
from fourleaf.postgres.migrate import numbered
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.seals import Broken
from tests.postgres.conftest import make_run
from tests.postgres.tally import Tally, bumped

pytestmark = pytest.mark.postgres
FACTS, A_SEAL = 60, 10
# The log begins n0@1, n1@1 … n6@1, n0@2 …; the third seal holds the facts 20 to 29: n6@3, n0@4 … n6@4, n0@5, n1@5.
THIRD = "stream = 'tally:n3' and version = 4"
HERE = Broken(what="altered", fact="tally:n3@4", after="tally:n2@4", seal=3)


def fact(number: int) -> str:
    return f"tally:n{number % 7}@{number // 7 + 1}"


async def fill(db: Connection, run: str, facts: int, start: int = 0) -> None:
    for number in range(start, start + facts):
        before = Tally(name=f"n{number % 7}", version=number // 7, value=0)
        await append(db, bumped(run, before, color=("red", "蓝")[number % 2], by=number % 2))


@pytest.fixture(scope="module")
def sealed(dsn: str) -> Iterator[tuple[str, str]]:
    """Two runs that did the same, each under six seals."""
    names = ("seals.r1", "seals.r2")

    async def make() -> None:
        async with connect(dsn) as connection:
            for name in names:
                await make_run(connection, name)
        for name in names:
            async with connect(dsn, name) as db:
                await fill(db, name, FACTS)
                while await seals.seal(db, name, limit=A_SEAL):
                    pass

    async def drop() -> None:
        async with connect(dsn) as connection:
            for name in names:
                await runs.drop(connection, name)

    asyncio.run(make())
    yield names
    asyncio.run(drop())


@asynccontextmanager
async def tampered(dsn: str, names: tuple[str, str], statement: str) -> AsyncIterator[Connection]:
    """The first run after somebody with the server's keys did this to it. All is as it was in the end."""
    one, other = names
    async with connect(dsn, one) as db, db.transaction(force_rollback=True):
        for name in names:
            await db.execute(f'alter table fourleaf."log {name}" disable trigger user')
        named = statement.format(log=f'fourleaf."log {one}"', other=f'fourleaf."log {other}"', one=one, two=other)
        await db.execute(named.encode())
        yield db


async def found(dsn: str, names: tuple[str, str], statement: str) -> Broken | None:
    async with tampered(dsn, names, statement) as db:
        return (await seals.verify(db, names[0])).broken


async def test_an_honest_log_passes(dsn: str, sealed: tuple[str, str]) -> None:
    async with connect(dsn, sealed[0]) as db:
        verified = await seals.verify(db, sealed[0])
        heads = await seals.heads(db, sealed[0])

    assert (verified.facts, verified.sealed, verified.broken) == (FACTS, FACTS, None)
    assert verified.head == heads[-1].head
    assert [(head.no, head.facts) for head in heads] == [(no, no * A_SEAL) for no in range(1, 7)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("stream", "'tally:other'"),
        ("version", "99"),
        ("kind", "'tally.Other'"),
        ("schema", "1"),
        ("occurred_at", "occurred_at + interval '1 microsecond'"),
        ("occurred_at", "'infinity'"),
        ("recorded_at", "recorded_at - interval '1 day'"),
        ("recorded_at", "'0044-03-15 00:00Z BC'"),
        ("written_at", "written_at + interval '1 microsecond'"),
        ("written_at", "'infinity'"),
        ("actor", "'somebody'"),
        ("agency", "'other'"),
        ("cause", "'tally:n0@1'"),
        ("labels", "'{{public}}'"),
        ("labels", "'{{office,NULL}}'"),
        ("body", "jsonb_set(body, '{{by}}', '7')"),
        ("body", "jsonb_set(body, '{{by}}', '1.0')"),
        ("body", "jsonb_set(body, '{{by}}', '1e400')"),
        ("body", "body || '{{\"more\": 1}}'"),
        ("hash", "sha256('x')"),
    ],
)
async def test_a_column_of_a_fact_that_was_altered_is_found(
    dsn: str, sealed: tuple[str, str], column: str, value: str
) -> None:
    broken = await found(dsn, sealed, f"update {{log}} set {column} = {value} where {THIRD}")

    named = {"stream": "tally:other@4", "version": "tally:n3@99"}.get(column, HERE.fact)
    assert broken == Broken(what="altered", fact=named, after="tally:n2@4", seal=3)


async def test_a_fact_that_was_forged_with_its_hash_is_found(dsn: str, sealed: tuple[str, str]) -> None:
    async with tampered(dsn, sealed, "select 1") as db:
        await forge(db, sealed[0])
        broken = (await seals.verify(db, sealed[0])).broken

    assert broken == HERE


async def forge(db: Connection, run: str) -> None:
    """Another body for one fact, with the hash that goes with it."""
    names = "run stream version kind schema occurred_at recorded_at actor agency cause labels".split()  # noqa: SIM905
    row = await (
        await db.execute(f"select {', '.join(names)} from fourleaf.log where run = %s and {THIRD}", [run])
    ).fetchone()
    assert row is not None
    body = {"color": "red", "by": 1_000}
    forged = canonical_hash(dict(zip(names, row, strict=True)) | {"body": body})
    text = msgspec.json.encode(body).decode()
    await db.execute(f"update fourleaf.log set body = %s, hash = %s where run = %s and {THIRD}", [text, forged, run])


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        # Of its place: the next fact stands where it should be.
        ("epoch = 0", Broken(what="added", fact="tally:n3@4", seal=1)),
        ("epoch = 9", Broken(what="missing", after="tally:n2@4", seal=3)),
        ("txid = '1'", Broken(what="added", fact="tally:n3@4", seal=1)),
        ("seq = seq + 1000", HERE),
    ],
)
async def test_a_fact_that_was_moved_is_found(
    dsn: str, sealed: tuple[str, str], statement: str, broken: Broken
) -> None:
    assert await found(dsn, sealed, f"update {{log}} set {statement} where {THIRD}") == broken


async def test_two_facts_that_changed_places_are_found(dsn: str, sealed: tuple[str, str]) -> None:
    swap = (
        "update {{log}} l set txid = o.txid, seq = o.seq from {{log}} o where (l.stream, l.version, o.stream, o.version) in"
        " (('tally:n3', 4, 'tally:{0}', {1}), ('tally:{0}', {1}, 'tally:n3', 4))"
    )

    near, far = [await found(dsn, sealed, swap.format("n5", version)) for version in (4, 6)]

    assert near == Broken(what="altered", fact="tally:n5@4", after="tally:n2@4", seal=3)
    assert far == Broken(what="altered", fact="tally:n5@6", after="tally:n2@4", seal=3)


@pytest.mark.parametrize(
    ("where", "broken"),
    [
        ("stream = 'tally:n0' and version = 1", Broken(what="missing", fact="tally:n0@1", after="tally:n0@0", seal=1)),
        (THIRD, Broken(what="missing", fact="tally:n3@4", after="tally:n3@3", seal=3)),
        # The last of its stream leaves no gap in the versions; the last of a seal; the last of all.
        ("stream = 'tally:n4' and version = 8", Broken(what="missing", after=fact(52), seal=6)),
        ("stream = 'tally:n1' and version = 5", Broken(what="missing", fact="tally:n1@5", after="tally:n1@4", seal=3)),
        ("stream = 'tally:n3' and version = 9", Broken(what="missing", after=fact(58), seal=6)),
        ("version between 4 and 5", Broken(what="missing", fact="tally:n0@4", after="tally:n0@3", seal=3)),
        ("true", Broken(what="missing", seal=1)),
    ],
)
async def test_a_fact_that_was_deleted_is_found(dsn: str, sealed: tuple[str, str], where: str, broken: Broken) -> None:
    assert await found(dsn, sealed, f"delete from {{log}} where {where}") == broken


async def test_a_fact_that_was_put_in_is_found(dsn: str, sealed: tuple[str, str]) -> None:
    statement = (
        "insert into {{log}} (run, epoch, txid, seq, stream, version, kind, schema, occurred_at, recorded_at, actor, agency,"
        " labels, body, hash) select run, epoch, txid, seq + 1, 'tally:more', 1, kind, schema, occurred_at, recorded_at, actor,"
        " agency, labels, body, {0} from {{log}} where " + THIRD
    )

    broken = await found(dsn, sealed, statement.format("hash"))

    assert broken == Broken(what="altered", fact="tally:more@1", after="tally:n3@4", seal=3)


async def test_facts_and_seals_of_another_run_are_found(dsn: str, sealed: tuple[str, str]) -> None:
    taken = "update {log} l set body = o.body, hash = o.hash, written_at = o.written_at from {other} o"
    one_fact = (
        taken + " where (o.stream, o.version) = (l.stream, l.version) and l.stream = 'tally:n3' and l.version = 4"
    )
    facts = (
        "delete from {log}; alter table {log} drop constraint one_run; alter table fourleaf.log detach partition {log};"
    )
    facts += " insert into {log} select * from {other}; update {log} set run = '{one}';"
    facts += " alter table fourleaf.log attach partition {log} for values in ('{one}')"
    chain = 'delete from "{one}".seal; insert into "{one}".seal select * from "{two}".seal'

    assert await found(dsn, sealed, one_fact) == HERE
    assert await found(dsn, sealed, facts) == Broken(what="altered", fact="tally:n0@1", seal=1)
    assert await found(dsn, sealed, chain) == Broken(what="added", fact="tally:n0@1", seal=1)
    assert await found(dsn, sealed, facts + ";" + chain) == Broken(what="altered", fact="tally:n0@1", seal=1)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update seal set no = 9 where no = 3", Broken(what="seal-missing", seal=3, after=fact(19))),
        ("update seal set epoch = 2 where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set txid = '1' where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set seq = seq + 1 where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set facts = 9 where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set facts = 0 where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set facts = 2000000000 where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set marks = set_byte(marks, 24, get_byte(marks, 24) # 1) where no = 3",
         Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set marks = '' where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set head = sha256('x') where no = 3", Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set head = sha256('x') where no = 6", Broken(what="seal-altered", seal=6, after=fact(49))),
        ("update seal set sealed_at = sealed_at - interval '1 hour' where no = 3",
         Broken(what="seal-altered", seal=3, after=fact(19))),
        ("update seal set sealed_at = 'infinity' where no = 6", Broken(what="seal-altered", seal=6, after=fact(49))),
        ("update seal set facts = 9, marks = substr(marks, 1, 72) where no = 6",
         Broken(what="seal-altered", seal=6, after=fact(49))),
        ("update seal set no = -no where no in (3, 4); update seal set no = 7 + no where no < 0",
         Broken(what="seal-altered", seal=3, after=fact(19))),
        ("delete from seal where no = 3", Broken(what="seal-missing", seal=3, after=fact(19))),
        ("delete from seal where no = 1", Broken(what="seal-missing", seal=1)),
    ],
)  # fmt: skip
async def test_a_seal_that_was_altered_is_found(
    dsn: str, sealed: tuple[str, str], statement: str, broken: Broken
) -> None:
    assert await found(dsn, sealed, statement) == broken


async def test_what_no_seal_covers_yet_is_checked_row_by_row(dsn: str, sealed: tuple[str, str]) -> None:
    last_seal = "delete from seal where no = 6;"
    altered = f"{last_seal} update {{log}} set actor = 'x' where stream = 'tally:n4' and version = 8"
    deleted = f"{last_seal} delete from {{log}} where stream = 'tally:n1' and version = 8"

    assert await found(dsn, sealed, last_seal) is None
    assert await found(dsn, sealed, altered) == Broken(what="altered", fact="tally:n4@8", after="tally:n3@8")
    assert await found(dsn, sealed, deleted) == Broken(what="missing", fact="tally:n1@8", after="tally:n1@7")


@pytest.mark.parametrize(
    ("done", "wrong"),
    [
        ("forged", 3),
        # The end of the log, cut off with its seals.
        ("delete from {log} l using seal s where s.no = 4 and l.seq > s.seq; delete from seal where no > 4", 5),
        ("delete from seal", 1),
    ],
)
async def test_who_rewrites_the_whole_chain_is_found_by_a_head_kept_elsewhere(
    dsn: str, sealed: tuple[str, str], done: str, wrong: int
) -> None:
    run = sealed[0]
    async with tampered(dsn, sealed, "select 1" if done == "forged" else done) as db:
        kept = await _honest_heads(dsn, run)
        if done == "forged":
            await forge(db, run)
            await db.execute("delete from seal where no > 2")
        while await seals.seal(db, run, limit=A_SEAL if done == "forged" else 7):
            pass
        alone, against = await seals.verify(db, run), await seals.verify(db, run, kept=kept)

    assert alone.broken is None
    assert against.broken == Broken(what="rewritten", seal=wrong)


async def _honest_heads(dsn: str, run: str) -> list[seals.Head]:
    async with connect(dsn, run) as other:
        heads = await seals.heads(other, run)
        assert (await seals.verify(other, run, kept=heads)).broken is None
    return heads


async def test_a_log_without_seals_is_checked_row_by_row(db: Connection, run: str) -> None:
    nothing = await seals.verify(db, run)
    await append(db, bumped(run, Tally(name="a")))

    assert (nothing.facts, nothing.sealed, nothing.broken) == (0, 0, None)
    assert await seals.verify(db, run) == seals.Verified(facts=1, sealed=0, head=Seal().head.hex(), broken=None)


async def test_a_log_that_went_on_keeps_the_heads_it_had(db: Connection, run: str) -> None:
    await fill(db, run, 20)
    await seals.seal(db, run, limit=10)
    kept = await seals.heads(db, run)
    await fill(db, run, 5, start=20)
    await seals.seal(db, run)

    verified = await seals.verify(db, run, kept=kept)

    assert (verified.facts, verified.sealed, verified.broken) == (25, 25, None)
    assert [head.facts for head in await seals.heads(db, run, after=1)] == [25]


async def test_an_upgrade_seals_the_runs_of_an_older_release_anew(dsn: str, sealed: tuple[str, str]) -> None:
    async with tampered(dsn, sealed, "update seal set head = sha256('as chained then')") as db:
        await db.execute(numbered()[7].encode())
        while await seals.seal(db, sealed[0]):
            pass
        verified = await seals.verify(db, sealed[0])

    assert (verified.sealed, verified.broken) == (FACTS, None)


hashes = st.binary(min_size=32, max_size=32)
rows = st.lists(st.tuples(hashes, st.integers(0, 9)), min_size=1, max_size=8)


@given(rows, st.data())
def test_a_chain_is_another_after_any_change_of_any_row(found: list[tuple[bytes, int]], data: st.DataObject) -> None:
    number = count(1)
    links = [Link(Position(1, step, next(number)), str(step), given) for given, step in found]
    at = data.draw(st.integers(0, len(links) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                links[:at] + links[at + 1 :],
                [*links[:at], msgspec.structs.replace(links[at], written_at="later"), *links[at + 1 :]],
                [*links[:at], msgspec.structs.replace(links[at], hash=bytes(31) + b"x"), *links[at + 1 :]],
                [*links[:at], msgspec.structs.replace(links[at], position=Position(9, 9, 9)), *links[at + 1 :]],
                [*links, links[at]],
            ]
        )
    )
    chain, other = linked(bytes(32), links), linked(bytes(32), changed)
    seal = Seal(no=1, facts=len(links), marks=marks(chain), head=closed(chain[-1], 1, "now"), sealed_at="now")

    assert seal.closes(chain[-1])
    assert changed == links or not other or not seal.closes(other[-1])
    assert all(seal.marks_right(at, link) for at, link in enumerate(chain))
    assert chain[:at] == other[:at]

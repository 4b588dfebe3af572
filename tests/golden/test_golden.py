# SPDX-License-Identifier: Apache-2.0
"""Golden log: whatever a release of ours has ever written stays readable, and gives the rows it always gave."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pytest
from psycopg.rows import dict_row

from fourleaf.app.rooms import folded, rooms
from fourleaf.kernel.clock import RunClock
from fourleaf.kernel.fact import Body, Kinds
from fourleaf.kernel.fold import Row
from fourleaf.postgres import rebuild, runs, seals
from fourleaf.postgres.pool import Connection, connect
from tests.golden import golden
from tests.golden.golden import Line, complaints, lines, plain, shape, shapes, tables, tables_of

AGAIN = "Is the other row right? Then run `make golden` and look at what it changes in rows.json."


def test_every_fact_has_the_shape_that_was_written_down() -> None:
    wrong = list(complaints(rooms().kinds, shapes(), rooms().kinds))

    assert wrong == [], "\n".join(wrong)


def test_every_shape_that_was_written_down_has_a_fact() -> None:
    there = {(line.kind, line.schema) for line in lines()}

    assert there == {(kind, int(schema)) for kind, found in shapes().items() for schema in found}


def test_every_line_is_as_it_was_hashed_and_says_that_it_is_synthetic() -> None:
    for line in lines():
        assert line.hash == line.hashed(), f"{line.run} {line.stream}@{line.version} was altered"
        assert line.synthetic


def test_every_fact_is_read_by_this_release() -> None:
    facts = [line.fact(rooms().kinds) for line in lines()]

    assert {type(fact.body) for fact in facts} == {body for body in rooms().kinds if body.KIND in shapes()}
    assert [fact.body.KIND for fact in facts] == [line.kind for line in lines()]


def test_every_stream_and_total_folds_into_the_rows_that_were_written_down() -> None:
    found = tables_of(rooms(), [line.fact(rooms().kinds) for line in lines()])

    assert plain(found) == tables(), AGAIN


@pytest.fixture(params=sorted({line.run for line in lines()}))
async def run(request: pytest.FixtureRequest, connection: Connection) -> AsyncIterator[str]:
    """An empty run of the name that the lines were hashed with."""
    at = datetime(2024, 11, 5, tzinfo=UTC)
    made = runs.Run(
        run=request.param,
        edition="golden",
        kind="rehearsal",
        state="running",
        seed=1,
        sample_ppm=1_000_000,
        day=at.date(),
        zone="Asia/Shanghai",
        created_at=at,
    )
    clock = RunClock(edition_at=at, wall_at=at, speed=0.0)
    await runs.create(connection, made, cache_schema=f"{rooms().schema}\n{rooms().kept_schema}", clock=clock)
    yield request.param
    await runs.drop(connection, request.param)


@pytest.mark.postgres
async def test_a_database_that_holds_these_facts_verifies_and_is_rebuilt_into_these_rows(dsn: str, run: str) -> None:
    async with connect(dsn, run) as db:
        for line in lines():
            if line.run == run:
                await _put(db, line)
        while await seals.seal(db, run, limit=10):
            pass
        verified = await seals.verify(db, run)
    await rebuild.rebuild(dsn, run, folded)
    async with connect(dsn, run) as db:
        found = {table: await _rows(db, row) for table, row in _tables().items()}

    count = sum(line.run == run for line in lines())
    assert (verified.facts, verified.sealed, verified.broken) == (count, count, None)
    assert plain({table: rows for table, rows in found.items() if rows}) == tables()[run], AGAIN


async def _put(db: Connection, line: Line) -> None:
    """As a restore does: written in another cluster, in an older epoch."""
    await db.execute(
        "insert into fourleaf.log (run, epoch, txid, seq, stream, version, kind, schema, occurred_at, recorded_at, written_at, actor,"
        " agency, cause, labels, body, hash) select run, 0, txid::text::xid8, seq, stream, version, kind, schema, occurred_at,"
        " recorded_at, written_at, actor, agency, cause, labels, body, decode(hash, 'hex') from jsonb_to_record(%s::text::jsonb)"
        " as l(run text, txid bigint, seq bigint, stream text, version bigint, kind text, schema int, occurred_at timestamptz,"
        " recorded_at timestamptz, written_at timestamptz, actor text, agency text, cause text, labels text[], body jsonb, hash text)",
        [msgspec.json.encode(line).decode()],
    )


def _tables() -> dict[str, type[Row]]:
    found = [*(row for stream in rooms().streams for row in stream.tables), *(total.row for total in rooms().totals)]
    return {row.TABLE: row for row in found}


async def _rows(db: Connection, row: type[Row]) -> list[Row]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(f"select {', '.join(row.__struct_fields__)} from {row.TABLE}".encode())
        found = [msgspec.convert(record, row) for record in await cursor.fetchall()]
    return sorted(found, key=lambda one: str(one.key()))


class Before(Body, frozen=True, kw_only=True):
    """As the first release wrote it."""

    KIND: ClassVar[str] = "ferry.Sailed"
    ship: str
    seats: int = 9


class Gained(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "ferry.Sailed"
    ship: str
    seats: int = 9
    crew: int | None = None


class Lost(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "ferry.Sailed"
    ship: str


class OtherType(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "ferry.Sailed"
    ship: str
    seats: str = "9"


class OtherDefault(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "ferry.Sailed"
    ship: str
    seats: int = 10


class Reworded(Body, frozen=True, kw_only=True):
    """Other words are no other shape."""

    KIND: ClassVar[str] = "ferry.Sailed"
    ship: str
    seats: int = 9


class Raised(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "ferry.Sailed"
    SCHEMA: ClassVar[int] = 2
    ship: str
    crew: int


FIRST = {"ferry.Sailed": {"1": shape(Before)}}
BOTH = {"ferry.Sailed": {"1": shape(Before), "2": shape(Raised)}}
UPCASTS = {("ferry.Sailed", 1): lambda body: {"ship": body["ship"], "crew": 1}}


@pytest.mark.parametrize("changed", [Gained, Lost, OtherType, OtherDefault])
def test_a_field_that_changes_without_a_new_schema_is_found_and_the_way_to_mend_it_said(changed: type[Body]) -> None:
    (said,) = complaints([changed], FIRST, Kinds((changed,)))

    assert said.startswith("ferry.Sailed has other fields")
    assert "SCHEMA to 2" in said
    assert '("ferry.Sailed", 1) to UPCASTS' in said
    assert "make golden" in said


def test_other_words_are_no_other_shape() -> None:
    assert list(complaints([Reworded], FIRST, Kinds((Reworded,)))) == []


def test_a_new_schema_needs_an_upcaster_and_to_be_written_down() -> None:
    neither = list(complaints([Raised], FIRST, Kinds((Raised,))))
    unwritten = list(complaints([Raised], FIRST, Kinds((Raised,), UPCASTS)))
    both = list(complaints([Raised], BOTH, Kinds((Raised,), UPCASTS)))

    assert [said.split(":")[0] for said in neither] == [
        "ferry.Sailed (schema 2) is not written down yet",
        "ferry.Sailed",
    ]
    assert unwritten == neither[:1]
    assert both == []


def test_a_kind_that_is_new_or_gone_is_named() -> None:
    (new,) = complaints([Before], {}, Kinds((Before,)))
    (gone,) = complaints([], FIRST, Kinds(()))

    assert "make golden" in new
    assert gone.startswith("ferry.Sailed is gone")


def test_a_line_of_an_older_schema_is_read_through_its_upcaster() -> None:
    kept: dict[str, Any] = {name: "" for name in Line.__struct_fields__}
    at = datetime(2024, 11, 5, tzinfo=UTC)
    kept |= {"synthetic": True, "kind": "ferry.Sailed", "schema": 1, "labels": ["office"], "cause": None, "version": 1}
    kept |= dict.fromkeys(("occurred_at", "recorded_at", "written_at"), at) | dict.fromkeys(("epoch", "txid", "seq"), 1)
    line = Line(**kept | {"body": {"ship": "Lu", "seats": 9}})

    assert line.fact(Kinds((Raised,), UPCASTS)).body == Raised(ship="Lu", crew=1)
    assert line.hashed() != msgspec.structs.replace(line, body={"ship": "Lu", "seats": 10}).hashed()


def test_the_files_hold_one_engine_each() -> None:
    for file in (golden.FOLDER / "facts").glob("*.jsonl"):
        kinds = {msgspec.json.decode(text)["kind"] for text in file.read_bytes().splitlines()}
        assert {golden.engine(kind) for kind in kinds} == {file.stem}

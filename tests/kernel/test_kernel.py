# SPDX-License-Identifier: Apache-2.0
"""Kernel values: positions, clocks, labels, canonical hashes, upcasters, folds."""

from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.kernel.clock import (
    ANCHOR_HOLDS,
    FASTER_BELOW_S,
    SLOW_ABOVE_S,
    TOLD_HOLDS,
    Backlog,
    RunClock,
    SteppedClock,
    next_speed,
)
from fourleaf.kernel.fact import Body, Fact, InexactNumber, Kinds, UnknownKind, canonical_hash, columns
from fourleaf.kernel.fold import Change, Row, differences, row_stream
from fourleaf.kernel.labels import visible
from fourleaf.kernel.position import START, Position

AT = datetime(2024, 11, 5, 1, tzinfo=UTC)
numbers = st.integers(min_value=0, max_value=2**62)
positions = st.builds(Position, epoch=numbers, txid=numbers, seq=numbers)


class Said(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "test.Said"
    SCHEMA: ClassVar[int] = 3
    words: str
    count: int = 0


class Line(Row, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "line"
    KEY: ClassVar[tuple[str, ...]] = ("no",)
    no: int
    text: str = ""


@given(positions)
def test_a_position_survives_its_text(position: Position) -> None:
    assert Position.parse(str(position)) == position


@given(positions, positions)
def test_positions_order_by_epoch_then_transaction_then_serial(one: Position, other: Position) -> None:
    as_numbers = [(position.epoch, position.txid, position.seq) for position in (one, other)]

    assert (one < other) == (as_numbers[0] < as_numbers[1])
    assert one >= START


@pytest.mark.parametrize(
    "text", ["", "1.2", "1.2.3.4", "a.b.c", "-1.2.3", "1.2.3 ", "1..3", "٣.1.1", "1.1." + "9" * 40]
)
def test_a_made_up_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a position"):
        Position.parse(text)


@given(st.floats(min_value=0, max_value=600), st.integers(min_value=0, max_value=3000))
def test_a_run_clock_runs_at_its_speed_while_its_anchor_holds(speed: float, milliseconds: int) -> None:
    clock = RunClock(edition_at=AT, wall_at=AT, speed=speed)
    elapsed = timedelta(milliseconds=milliseconds)

    assert clock.at(AT + elapsed) == AT + elapsed * speed


def test_a_run_clock_stands_still_when_its_worker_is_gone_and_at_its_end() -> None:
    clock = RunClock(edition_at=AT, wall_at=AT, speed=60, ends_at=AT + timedelta(hours=1))

    assert clock.at(AT + timedelta(days=3)) == AT + ANCHOR_HOLDS * 60
    assert clock.at(AT - timedelta(days=3)) == AT
    assert (
        RunClock(edition_at=AT, wall_at=AT, speed=3600, ends_at=clock.ends_at).at(AT + timedelta(seconds=2))
        == clock.ends_at
    )


def test_a_stepped_clock_moves_only_when_told() -> None:
    clock = SteppedClock(AT)

    clock.step(timedelta(minutes=5))

    assert clock.now() == AT + timedelta(minutes=5)


@given(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd")))
def test_one_label_in_common_is_enough_and_no_label_means_nobody(labels: set[str], held: set[str]) -> None:
    assert visible(labels, held) == bool(labels & held)


def _fact(**changed: object) -> Fact:
    given: dict[str, object] = {
        "run": "r",
        "stream": "s:1",
        "version": 1,
        "body": Said(words="你好"),
        "occurred_at": AT,
        "recorded_at": AT,
        "actor": "me",
    }
    return Fact(**given | changed)  # type: ignore[arg-type]


def test_the_hash_does_not_depend_on_the_zone_a_time_is_written_in() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))

    assert canonical_hash(columns(_fact(occurred_at=shanghai))) == canonical_hash(columns(_fact()))


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"actor": "you"},
        {"cause": "x@1"},
        {"labels": ("public",)},
        {"body": Said(words="你好", count=1)},
    ],
)
def test_the_hash_changes_with_every_column(changed: dict[str, object]) -> None:
    assert canonical_hash(columns(_fact(**changed))) != canonical_hash(columns(_fact()))


@pytest.mark.parametrize("value", [1.5, -0.0, 1e16, 5e-324, float("nan"), float("inf"), [1, {"y": 0.1}]])
def test_a_float_anywhere_in_a_body_is_refused(value: object) -> None:
    with pytest.raises(InexactNumber):
        canonical_hash(columns(_fact()) | {"body": {"x": value}})


@pytest.mark.parametrize("value", ["1.5", "at 12:30:05.25", "9e9", None, [3, -4], 10**40])
def test_what_only_looks_like_a_float_is_not_refused(value: object) -> None:
    assert canonical_hash(columns(_fact()) | {"body": {"x": value}})


def test_upcasters_are_applied_one_step_after_the_other() -> None:
    kinds = Kinds(
        (Said,),
        {("test.Said", 1): lambda old: {"text": old["t"]}, ("test.Said", 2): lambda old: {"words": old["text"]}},
    )

    assert kinds.decode("test.Said", 1, '{"t": "a"}') == Said(words="a")
    assert kinds.decode("test.Said", 2, '{"text": "b"}') == Said(words="b")
    assert kinds.decode("test.Said", 3, '{"words": "c", "count": 2}') == Said(words="c", count=2)


def test_a_stored_body_is_read_only_when_every_step_is_there_and_leaves_nothing_behind() -> None:
    first, second = ("test.Said", 1), ("test.Said", 2)

    with pytest.raises(UnknownKind, match="no upcaster from schema 2"):
        Kinds((Said,), {first: lambda old: old}).decode("test.Said", 1, '{"words": "a"}')
    with pytest.raises(msgspec.ValidationError, match="unknown field `t`"):
        Kinds((Said,), {second: lambda old: old | {"words": old["t"]}}).decode("test.Said", 2, '{"t": "a"}')
    with pytest.raises(msgspec.ValidationError, match="missing required field `words`"):
        Kinds((Said,), {second: lambda old: {}}).decode("test.Said", 2, '{"t": "a"}')


@given(st.integers(1, 3), st.text(max_size=5))
def test_a_body_reads_the_same_from_whichever_schema_it_was_written_in(schema: int, words: str) -> None:
    upcasts = {
        ("test.Said", 1): lambda old: {"text": old["t"], "times": 1},
        ("test.Said", 2): lambda old: {"words": old["text"], "count": old["times"]},
    }
    written = {1: {"t": words}, 2: {"text": words, "times": 1}, 3: {"words": words, "count": 1}}[schema]

    read = Kinds((Said,), upcasts).decode("test.Said", schema, msgspec.json.encode(written))

    assert read == Said(words=words, count=1)


@pytest.mark.parametrize(("kind", "schema"), [("test.Other", 1), ("test.Said", 1), ("test.Said", 4)])
def test_what_this_release_cannot_read_is_named(kind: str, schema: int) -> None:
    with pytest.raises(UnknownKind, match=kind):
        Kinds((Said,)).decode(kind, schema, "{}")


def test_a_body_with_unknown_fields_is_not_read() -> None:
    with pytest.raises(msgspec.ValidationError):
        Kinds((Said,)).decode("test.Said", 3, '{"words": "c", "more": 1}')


rows = st.dictionaries(st.integers(0, 9), st.text(max_size=3)).map(
    lambda found: [Line(no=no, text=text) for no, text in found.items()]
)


@given(rows, rows)
def test_applying_the_differences_gives_the_rows_after(before: list[Line], after: list[Line]) -> None:
    table = {row.key(): row for row in before}

    changes = differences(before, after)
    for change in changes:
        if change.row is None:
            del table[change.key]
        else:
            assert isinstance(change.row, Line)
            table[change.key] = change.row

    assert table == {row.key(): row for row in after}
    assert all(isinstance(change, Change) for change in changes)
    assert differences(after, after) == ()


@given(st.floats(0, 600), st.floats(0.1, 600), st.floats(0, 100))
def test_a_clock_never_runs_faster_than_wanted_nor_slower_than_real_time(
    speed: float, wanted: float, lag_s: float
) -> None:
    after = next_speed(speed, wanted=wanted, lag_s=lag_s)

    assert after <= wanted
    if lag_s > SLOW_ABOVE_S:
        assert after >= min(1.0, wanted)


def test_a_clock_slows_while_the_tail_is_behind_and_comes_back_when_it_caught_up() -> None:
    speeds = [60.0]
    for lag_s in [SLOW_ABOVE_S + 1] * 8 + [0.0] * 30:
        speeds.append(next_speed(speeds[-1], wanted=60, lag_s=lag_s))

    assert speeds[8] == 1.0
    assert speeds[-1] == 60.0
    assert next_speed(30, wanted=60, lag_s=(SLOW_ABOVE_S + FASTER_BELOW_S) / 2) == 30


def test_a_backlog_told_a_while_ago_counts_as_growing_since() -> None:
    told = Backlog(waiting_s=2.0, told_at=AT)

    assert told.at(AT) == 2.0
    assert told.at(AT + TOLD_HOLDS) == 2.0
    assert told.at(AT + TOLD_HOLDS + timedelta(seconds=5)) == 7.0


class Lamp(Row, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "lamp"
    KEY: ClassVar[tuple[str, ...]] = ("lamp",)
    lamp: str
    version: int = 0


def test_a_stream_of_one_row_starts_by_its_name_and_has_no_row_before_its_first_fact() -> None:
    lamps = row_stream("lamp", Lamp, lambda lamp, fact: msgspec.structs.replace(lamp, version=fact.version))
    before = lamps.start("lamp:hall:7")

    after = lamps.step(before, _fact(version=1))

    assert (before, tuple(lamps.rows(before))) == (Lamp(lamp="hall:7"), ())
    assert (after, tuple(lamps.rows(after))) == (Lamp(lamp="hall:7", version=1), (after,))

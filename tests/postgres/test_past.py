# SPDX-License-Identifier: Apache-2.0
"""Past: an instant is what the changes up to it add up to, whoever asks and however they are paged; marks say what mattered."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.labels import visible
from fourleaf.kernel.position import START
from fourleaf.postgres import past, pictures
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.past import After, Stretch
from fourleaf.postgres.pool import Connection
from tests.postgres.tally import AT

pytestmark = pytest.mark.postgres
NAMES = ["public", "office", "group:legal", "protected:1"]

labels = st.frozensets(st.sampled_from(NAMES))
# The step of the clock, backwards too (a worker that took over), and of each thing its new labels, or None when it goes.
writes = st.tuples(
    st.integers(-2, 9), st.dictionaries(st.sampled_from("abc"), st.none() | labels.filter(bool), min_size=1)
)
histories = st.lists(writes, min_size=1, max_size=8)


async def _write(db: Connection, at: datetime, things: dict[str, frozenset[str] | None], number: int) -> None:
    changes = [
        ("l", Pictured(thing=name, place="p", props={"n": number}, labels=tuple(held)) if held else None, name)
        for name, held in things.items()
    ]
    await pictures.write(db, changes, at=at, position=START)


async def _at(db: Connection, at: datetime, held: Collection[str]) -> dict[str, Any]:
    return {one.thing: one.props for one in await pictures.instant(db, at, sorted(held))}


async def _all(db: Connection, stretch: Stretch, held: Collection[str], limit: int) -> list[tuple[int, pictures.Shown]]:
    found, after = await past.frames(db, stretch, sorted(held), limit=limit)
    while after:
        page, after = await past.frames(db, stretch, sorted(held), After.parse(str(after)), limit=limit)
        found += page
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=histories,
    held=labels,
    start_s=st.integers(0, 20),
    length_s=st.integers(0, 40),
    every_s=st.integers(1, 11),
    limit=st.integers(1, 4),
)
async def test_what_changed_up_to_an_instant_adds_up_to_what_that_instant_shows(
    db: Connection,
    history: list[tuple[int, dict[str, frozenset[str] | None]]],
    held: frozenset[str],
    start_s: int,
    length_s: int,
    every_s: int,
    limit: int,
) -> None:
    """Things change their labels, go and come back; the viewer's own labels stay those he holds now."""
    await db.execute("truncate picture_change")
    clock = AT
    for number, (step_s, things) in enumerate(history):
        clock = max(AT, clock + timedelta(seconds=step_s))
        await _write(db, clock, things, number)
    start = AT + timedelta(seconds=start_s)
    stretch = Stretch(start=start, end=start + timedelta(seconds=length_s), every_s=every_s)

    changes = await _all(db, stretch, held, limit)

    state = await _at(db, start, held)
    for frame in range(1, -(-length_s // every_s) + 1):
        for _, one in (change for change in changes if change[0] == frame):
            assert visible(one.labels, held)
            state[one.thing] = one.props
        state = {name: props for name, props in state.items() if props is not None}
        assert state == await _at(db, stretch.ends(frame), held)
    assert len({(frame, one.thing) for frame, one in changes}) == len(changes)


async def test_nothing_is_shown_before_the_first_picture(db: Connection) -> None:
    assert await past.first(db) is None

    await _write(db, AT + timedelta(minutes=5), {"a": frozenset({"office"})}, 1)
    await _write(db, AT + timedelta(minutes=9), {"a": None}, 2)

    assert await past.first(db) == AT + timedelta(minutes=5)


async def test_marks_are_told_page_by_page_to_those_who_saw_what_they_mark(db: Connection) -> None:
    seen, hidden = frozenset({"office"}), frozenset({"protected:1"})
    for minute, (thing, held) in enumerate([("a", seen), ("b", hidden), ("a", None), ("c", seen)]):
        what = Pictured(thing=thing, place="p", props={"n": minute}, labels=tuple(held)) if held else None
        mark = {"status": "watch" if held else "over", "says": {"n": minute}}
        at = AT + timedelta(minutes=minute)
        await pictures.write(db, [("l", what, thing)], at=at, position=START, marks={("l", thing): mark})
    await _write(db, AT + timedelta(minutes=4), {"c": seen}, 4)

    whole, rest = await past.marks(db, AT, AT + timedelta(hours=1), ["office", "public"])
    first, after = await past.marks(db, AT, AT + timedelta(hours=1), ["office"], limit=2)
    assert after
    second, end = await past.marks(db, AT, AT + timedelta(hours=1), ["office"], After.parse(str(after)), limit=2)

    assert [(one.thing, one.status, one.says) for one in whole] == [
        ("a", "watch", {"n": 0}),
        ("a", "over", {"n": 2}),
        ("c", "watch", {"n": 3}),
    ]
    assert (first + second, rest, end) == (whole, None, None)


async def test_the_new_words_of_a_thing_that_changes_its_labels_are_not_told_under_the_old_ones(db: Connection) -> None:
    for minute, label in enumerate(("office", "protected:1")):
        what = Pictured(thing="a", place="p", props={"n": minute}, labels=(label,))
        marks = {("l", "a"): {"status": "watch", "says": {"n": minute}}}
        await pictures.write(db, [("l", what, "a")], at=AT + timedelta(minutes=minute), position=START, marks=marks)

    told = {held: await past.marks(db, AT, AT + timedelta(hours=1), [held]) for held in ("office", "protected:1")}

    assert [[one.says for one in found] for found, _ in told.values()] == [[{"n": 0}], [{"n": 1}]]


async def test_the_changes_of_a_stretch_are_found_by_their_index(db: Connection) -> None:
    await db.execute(
        "insert into picture_change (epoch, layer, thing, place, props, labels, shown_from, log_position)"
        " select 1, 'l', 't' || n, '', '{}', '{office}', %s + n * interval '1 s', '1.1.1' from generate_series(1, 20000) n",
        [AT],
    )
    await db.execute("analyze picture_change")
    values = {"start": AT, "end": AT + timedelta(minutes=1), "every_s": 1, "held": ["office"], "limit": 10}

    cursor = await db.execute(f"explain {past._FRAMES}", values | {"frame": 0, "after": 0})

    plan = "\n".join(row[0] for row in await cursor.fetchall())
    assert "picture_from" in plan
    assert "Seq Scan" not in plan


async def test_the_pictures_of_an_earlier_release_get_their_marks_and_their_index(db: Connection, run: str) -> None:
    await _write(db, AT, {"a": frozenset({"office"})}, 1)
    await db.execute("alter table picture_change drop column mark")
    await db.execute("drop index picture_from")
    for other in await _others(db, run):
        await db.execute(f'alter table "{other}".picture_change drop column if exists mark')
        await db.execute(f'drop index if exists "{other}".picture_from')
    await db.execute("delete from fourleaf.migration where no = 9")

    await migrate(db)

    await _write(db, AT + timedelta(minutes=1), {"a": None}, 2)
    assert await _at(db, AT, ["office"]) == {"a": {"n": 1}}
    assert await past.marks(db, AT, AT + timedelta(minutes=2), ["office"]) == ([], None)


async def _others(db: Connection, run: str) -> list[str]:
    cursor = await db.execute("select run from fourleaf.run join pg_namespace on nspname = run where run <> %s", [run])
    return [row[0] for row in await cursor.fetchall()]

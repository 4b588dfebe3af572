# SPDX-License-Identifier: Apache-2.0
"""Pictures: now, any instant and what was missed agree with one another, and nothing leaks."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourleaf.app.stream import coalesce
from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.labels import visible
from fourleaf.kernel.position import START, Position
from fourleaf.postgres import pictures
from fourleaf.postgres.pictures import Shown
from fourleaf.postgres.pool import Connection
from tests.postgres.tally import AT

pytestmark = pytest.mark.postgres
LABELS = {"a": ("public", "office"), "b": ("office",), "c": ("group:legal",), "d": ("protected:1", "group:legal")}


async def _show(db: Connection, minute: int, things: Mapping[str, int | None]) -> None:
    changes = [
        ("l", None if n is None else Pictured(thing=name, place="p", props={"n": n}, labels=LABELS[name]), name)
        for name, n in things.items()
    ]
    await pictures.write(db, changes, at=AT + timedelta(minutes=minute), position=Position(1, minute, 1))


def _values(shown: list[Shown]) -> dict[str, object]:
    return {one.thing: one.props and one.props["n"] for one in shown}


async def test_now_shows_the_last_word_on_each_thing(db: Connection) -> None:
    await _show(db, 0, {"a": 1, "b": 1})
    await _show(db, 1, {"a": 2})
    await _show(db, 2, {"b": None})

    _, shown = await pictures.now(db)

    assert _values(shown) == {"a": 2}


async def test_an_instant_shows_what_stood_then(db: Connection) -> None:
    await _show(db, 0, {"a": 1, "b": 1})
    await _show(db, 5, {"a": 2})
    await _show(db, 9, {"b": None})

    seen = [
        _values(await pictures.instant(db, AT + timedelta(minutes=minute), ["office"])) for minute in (-1, 0, 4, 5, 9)
    ]

    assert seen == [{}, {"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 2}]


async def test_an_instant_shows_a_thing_to_those_who_might_see_it_then(db: Connection) -> None:
    for minute, labels in ((0, ("office",)), (5, ("group:legal",)), (9, ("office", "public"))):
        shown = Pictured(thing="a", place="p", props={"n": minute}, labels=labels)
        await pictures.write(db, [("l", shown, "a")], at=AT + timedelta(minutes=minute), position=START)

    async def seen(held: str) -> list[dict[str, object]]:
        minutes = (1, 5, 8, 9)
        return [_values(await pictures.instant(db, AT + timedelta(minutes=minute), [held])) for minute in minutes]

    assert await seen("office") == [{"a": 0}, {}, {}, {"a": 9}]
    assert await seen("group:legal") == [{}, {"a": 5}, {"a": 5}, {}]


async def test_a_change_from_an_earlier_time_does_not_show_a_thing_twice_at_one_instant(db: Connection) -> None:
    await _show(db, 0, {"a": 1})
    await _show(db, 5, {"a": 2})
    await _show(db, 4, {"a": 3})

    instants = [await pictures.instant(db, AT + timedelta(minutes=minute), ["office"]) for minute in (3, 4, 5)]

    assert [[one.props and one.props["n"] for one in shown] for shown in instants] == [[1], [1], [3]]


async def test_what_was_missed_brings_an_old_screen_to_now(db: Connection) -> None:
    await _show(db, 0, {"a": 1, "b": 1})
    position, before = await pictures.now(db)
    await _show(db, 1, {"a": 2, "b": None})
    await _show(db, 2, {"a": 3})

    reached, missed = await pictures.since(db, position)

    screen = _values(before) | {
        change["thing"]: change["props"] and change["props"]["n"] for change in coalesce(missed, ["office"])
    }
    assert {name: n for name, n in screen.items() if n is not None} == {"a": 3}
    assert reached == await pictures.last(db)


async def test_a_made_up_position_is_not_known(db: Connection) -> None:
    await _show(db, 0, {"a": 1})
    position = await pictures.last(db)

    assert await pictures.knows(db, position)
    assert not await pictures.knows(db, Position(position.epoch, position.txid, position.seq + 1))
    assert not await pictures.knows(db, Position(position.epoch + 1, position.txid, position.seq))
    assert not await pictures.knows(db, START)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_what_get_refuses_is_never_pushed(db: Connection, data: st.DataObject) -> None:
    """Random principals, random changes: what push gives over GET's beginning is what GET gives at the end."""
    held = data.draw(st.sets(st.sampled_from(["public", "office", "group:legal", "protected:1", "agency:x"])))
    steps = data.draw(
        st.lists(st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers(0, 9), min_size=1), max_size=5)
    )
    await db.execute("truncate picture_change")
    await _show(db, 0, {"a": 0, "c": 0})
    position, first = await pictures.now(db, sorted(held))
    screen = _values(first)
    for minute, step in enumerate(steps, 1):
        await _show(db, minute, step)

    _, missed = await pictures.since(db, position)
    for change in coalesce(missed, held):
        assert visible(LABELS[change["thing"]], held)
        if change["gone"]:
            screen.pop(change["thing"], None)
        else:
            screen[change["thing"]] = change["props"]["n"]

    assert screen == _values((await pictures.now(db, sorted(held)))[1])

# SPDX-License-Identifier: Apache-2.0
"""Stream: what is pushed adds up to what GET shows, whatever breaks, and tells nobody of what is not theirs to see."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourleaf.app.directory import Directory
from fourleaf.app.stream import Feed
from fourleaf.app.tasks import end
from fourleaf.app.waker import Waker
from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import START
from fourleaf.postgres import pictures, runs
from fourleaf.postgres.pool import Connection, Pools, connect
from tests.postgres.conftest import make_run
from tests.postgres.tally import AT

pytestmark = pytest.mark.postgres
NAMES = ["public", "office", "group:legal", "protected:1"]
EVERY_S = 0.01

held_labels = st.frozensets(st.sampled_from(NAMES), max_size=3)
# Of each thing: its new labels, or None when it goes.
writes = st.dictionaries(st.sampled_from("abcd"), st.none() | st.frozensets(st.sampled_from(NAMES)), min_size=1)
steps = st.lists(st.tuples(st.lists(writes, max_size=3), st.sets(st.integers(0, 2)), st.booleans()), max_size=7)


@pytest.fixture
async def run(connection: Connection, run_name: str) -> AsyncIterator[str]:
    yield await make_run(connection, run_name)
    await runs.drop(connection, run_name)


@pytest.fixture
async def pools(dsn: str, run: str) -> AsyncIterator[Pools]:
    opened = Pools(dsn)
    yield opened
    await opened.close()


@pytest.fixture
async def db(dsn: str, run: str) -> AsyncIterator[Connection]:
    async with connect(dsn, run) as opened:
        yield opened


class Map:
    """The map as it is, and all that ever was on it. Each thing drawn has a number of its own."""

    def __init__(self, db: Connection) -> None:
        self._db, self._minute = db, 0
        self.shown: dict[str, tuple[int, frozenset[str]]] = {}
        self.drawn: list[frozenset[str]] = []
        self.once: dict[str, frozenset[str]] = {}

    async def write(self, things: Mapping[str, frozenset[str] | None]) -> None:
        changes = [("l", None if labels is None else self._draw(name, labels), name) for name, labels in things.items()]
        self._minute += len(self.drawn) % 2  # now and then two changes at one instant
        await pictures.write(self._db, changes, at=AT + timedelta(minutes=self._minute), position=START)
        for name in things.keys() - {change[2] for change in changes if change[1]}:
            self.shown.pop(name, None)

    def _draw(self, name: str, labels: frozenset[str]) -> Pictured:
        self.shown[name] = (len(self.drawn), labels)
        self.once[name] = self.once.get(name, frozenset()) | labels
        self.drawn.append(labels)
        return Pictured(thing=name, place="p", props={"n": self.shown[name][0]}, labels=tuple(labels))

    def seen_by(self, held: Collection[str]) -> dict[str, int]:
        return {name: n for name, (n, labels) in self.shown.items() if labels & set(held)}


class Screen:
    """One browser: applies what it is sent, breaks off, and comes back with its position."""

    def __init__(self, feed: Feed, held: frozenset[str]) -> None:
        self._feed, self.held, self._task = feed, held, None
        self.state: dict[str, int] = {}
        self.position: str | None = None
        self.told: set[tuple[str, int | None]] = set()
        self.events: list[str] = []

    _task: asyncio.Task[None] | None

    @property
    def connected(self) -> bool:
        return self._task is not None and not self._task.done()

    def open(self) -> None:
        if not self.connected:
            self._task = asyncio.create_task(self._read())

    async def toggle(self) -> None:
        if self.connected:
            await self.close()
        else:
            self.open()

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _read(self) -> None:
        stream = self._feed.screen(self.held, self.position)
        try:
            async for text in stream:
                self.take(text)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    def take(self, text: bytes) -> None:
        fields = dict(line.split(": ", 1) for line in text.decode().splitlines() if line)
        data = json.loads(fields["data"])
        self.events.append(fields["event"])
        if fields["event"] == "snapshot":
            self.state = {}
        for one in data.get("things", []) + data.get("changes", []):
            self._keep(one)
        self.position = fields.get("id", self.position)

    def _keep(self, one: Mapping[str, Any]) -> None:
        number = None if one.get("gone") else one["props"]["n"]
        self.told.add((one["thing"], number))
        if number is None:
            self.state.pop(one["thing"], None)
        else:
            self.state[one["thing"]] = number


async def _got(feed: Feed, held: frozenset[str]) -> dict[str, int]:
    _, whole = await feed.snapshot(held)
    return {one["thing"]: one["props"]["n"] for one in whole["things"]}


async def _agrees(feed: Feed, screen: Screen) -> bool:
    """Wait for the screen to show what GET gives, and a little more for a late push that would spoil it."""
    wanted = await _got(feed, screen.held)
    for _ in range(500):
        if screen.state == wanted and screen.position:
            break
        await asyncio.sleep(EVERY_S)
    await asyncio.sleep(2 * EVERY_S)
    return screen.state == wanted


async def _all_agree(feed: Feed, drawn: Map, screens: list[Screen]) -> None:
    for screen in screens:
        assert await _got(feed, screen.held) == drawn.seen_by(screen.held)
        assert not screen.connected or await _agrees(feed, screen)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(holders=st.lists(held_labels, min_size=3, max_size=3), steps=steps)
async def test_what_is_pushed_adds_up_to_what_get_shows_and_to_no_more(
    db: Connection, pools: Pools, run: str, holders: list[frozenset[str]], steps: list[Any]
) -> None:
    """Things change their labels, go and come back; screens break off and resume while that happens."""
    await db.execute("truncate picture_change")
    feed, drawn = Feed(run, pools, Directory(pools), every_s=EVERY_S), Map(db)
    screens = [Screen(feed, held) for held in holders]
    for screen in screens:
        screen.open()

    for changes, toggled, waits in steps:
        for change in changes:
            await drawn.write(change)
        for number in toggled:
            await screens[number].toggle()
        if waits:
            await _all_agree(feed, drawn, screens)
    for screen in screens:
        screen.open()
    await _all_agree(feed, drawn, screens)

    for screen in screens:
        await screen.close()
        assert all(drawn.once[thing] & screen.held for thing, _ in screen.told)
        assert all(drawn.drawn[number] & screen.held for _, number in screen.told if number is not None)


@pytest.mark.parametrize("breaks_off", [False, True])
async def test_a_thing_that_changes_its_labels_is_gone_for_those_who_may_no_longer_see_it(
    db: Connection, pools: Pools, run: str, breaks_off: bool
) -> None:
    feed, drawn = Feed(run, pools, Directory(pools), every_s=EVERY_S), Map(db)
    office, legal, other = (Screen(feed, frozenset({name})) for name in ("office", "group:legal", "agency:x"))
    await drawn.write({"a": frozenset({"office"})})
    for screen in (office, legal, other):
        screen.open()
        assert await _agrees(feed, screen)
        if breaks_off:
            await screen.close()

    await drawn.write({"a": frozenset({"group:legal"})})
    for screen in (office, legal, other):
        if breaks_off:
            screen.open()
        assert await _agrees(feed, screen)
        await screen.close()

    assert (office.state, legal.state, other.state) == ({}, {"a": 1}, {})
    assert [screen.events.count("snapshot") for screen in (office, legal, other)] == [1, 1, 1]
    assert (("a", None) in office.told, legal.told, other.told) == (True, {("a", 1)}, set())


async def test_a_screen_that_does_not_read_loses_nothing_when_it_comes_back(
    db: Connection, pools: Pools, run: str
) -> None:
    feed, drawn = Feed(run, pools, Directory(pools), every_s=EVERY_S, room=3), Map(db)
    held = frozenset({"office"})
    slow, quick = Screen(feed, held), [Screen(feed, held) for _ in range(3)]
    await drawn.write({"z": held})
    reading = feed.screen(held, None)
    for _ in ("snapshot", "pulse", "pulse"):  # what waits next is a change
        slow.take(await anext(reading))
    for screen in quick:
        screen.open()

    for name in "abcdefg":
        await drawn.write({name: held})
        assert await _agrees(feed, quick[0])
    async for text in reading:
        slow.take(text)
    slow.open()

    assert await _agrees(feed, slow)
    assert slow.events.count("snapshot") == 1
    for screen in (slow, *quick):
        await screen.close()


async def test_what_is_written_is_sent_at_once_and_not_at_the_next_look(
    db: Connection, pools: Pools, run: str, dsn: str
) -> None:
    waker, drawn, held = Waker(dsn, pictures.CHANNEL), Map(db), frozenset({"office"})
    listening = asyncio.create_task(waker.listen())
    feed = Feed(run, pools, Directory(pools), waker.event(run), every_s=3_600)
    screen = Screen(feed, held)
    screen.open()
    while not screen.position:
        await asyncio.sleep(EVERY_S)

    for _ in range(500):  # until the waker listens
        if screen.state:
            break
        await drawn.write({"a": held})
        await asyncio.sleep(EVERY_S)
    await screen.close()
    await end([listening])

    assert set(screen.state) == {"a"}
    assert screen.events.count("snapshot") == 1


class Late(Feed):
    """A feed whose snapshots are read late."""

    async def snapshot(self, held: frozenset[str]) -> Any:
        await self.meanwhile()
        return await super().snapshot(held)

    async def meanwhile(self) -> None: ...


async def test_a_change_older_than_the_snapshot_is_not_sent_after_it(db: Connection, pools: Pools, run: str) -> None:
    feed, drawn, held = Late(run, pools, Directory(pools), every_s=EVERY_S), Map(db), frozenset({"office"})
    first, second = Screen(feed, held), Screen(feed, held)
    first.open()
    assert await _agrees(feed, first)

    async def changed_twice() -> None:
        await drawn.write({"a": held})
        while not first.state:
            await asyncio.sleep(EVERY_S)
        await drawn.write({"a": frozenset({"group:legal"})})

    feed.meanwhile = changed_twice  # type: ignore[method-assign]
    second.open()
    while not second.position or first.state:
        await asyncio.sleep(EVERY_S)
    await asyncio.sleep(2 * EVERY_S)
    for screen in (first, second):
        await screen.close()

    assert first.told == {("a", 0), ("a", None)}
    assert ("a", 0) not in second.told

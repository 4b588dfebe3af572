# SPDX-License-Identifier: Apache-2.0
"""Sums of halls that are kept: whatever comes in whatever order, they are what summing the whole day anew gives."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourleaf.engines.sensing import actions, rules, store
from fourleaf.engines.sensing.rules.intake import Counted
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres.pool import connect
from tests.engines.at_work import AT, AtWork
from tests.engines.sensing.test_intake import WORDS

pytestmark = pytest.mark.postgres

HALLS = ("1.1", "2.1")
DOORS = {"1.1-a": "1.1", "1.1-b": "1.1", "2.1-a": "2.1"}
SHANGHAI = ZoneInfo("Asia/Shanghai")

# Every minute of the day summed, as it was done before anything was kept.
_ANEW = """
with told as (
  select hall, min(last) as upto from reading_door d
  where last >= %(since)s and last > (select max(last) from reading_door) - %(silent)s::interval group by hall),
running as (
  select m.hall, m.minute, sum(m.change) over (partition by m.hall order by m.minute) as inside
  from reading_hall_minute m join told t using (hall) where m.minute between %(since)s and least(t.upto, %(now)s)),
latest as (
  select hall, max(minute) as last, max(inside)::int as peak, (array_agg(inside order by minute desc))[1]::int as occupancy
  from running group by hall)
select h.hall, coalesce(l.occupancy, 0), coalesce(greatest(l.peak, 0), 0), l.last
from sensing_hall h left join latest l using (hall) order by h.hall"""

# Mostly of the last half hour, some from about the midnight before, some ahead of the clock.
minutes = st.integers(-30, 12) | st.sampled_from([-1201, -900, -541, -540, -539, -400])
counts = st.tuples(st.sampled_from(sorted(DOORS)), minutes, st.integers(0, 9), st.integers(0, 9))
steps = st.one_of(
    st.tuples(st.just("tell"), st.lists(counts, min_size=1, max_size=6)),
    st.tuples(st.just("carry on"), st.none()),
    st.tuples(st.just("clock"), st.sampled_from([1, 1, 5, 16, 300, 890, 1200, -3])),
    st.tuples(st.just("move"), st.tuples(st.sampled_from(sorted(DOORS)), st.sampled_from(HALLS))),
)
Shown = list[tuple[str, int, int, datetime | None]]


@pytest.fixture
async def halls(at_work: AtWork) -> AtWork:
    for hall in HALLS:
        await at_work.declare("hall", hall, thresholds=[8_000, 10_000], zone="food")
    for door, hall in DOORS.items():
        await at_work.declare("door", door, hall=hall)
    return at_work


async def _anew(halls: AtWork) -> Shown:
    midnight = halls.at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)
    values = {"since": midnight, "now": halls.at, "silent": rules.SILENT_AFTER}
    async with halls.site.connection() as connection:
        return await (await connection.execute(_ANEW, values)).fetchall()


async def _shown(halls: AtWork) -> Shown:
    async with halls.site.connection() as connection:
        views = await store.halls.halls(connection, None, halls.at)
    return [(view.hall, view.occupancy, view.peak, view.last) for view in views.values()]


async def _tell(halls: AtWork, counted: Sequence[Counted]) -> None:
    async with halls.site.connection() as connection, connection.transaction():
        await store.add_counts(connection, counted)


async def _carry_on(halls: AtWork) -> None:
    async with halls.site.connection() as connection:
        await store.halls.carry_on(connection, halls.at)


async def _kept(halls: AtWork) -> dict[str, tuple[int, int, datetime]]:
    async with halls.site.connection() as connection:
        cursor = await connection.execute("select hall, occupancy, peak, last from reading_hall")
        return {row[0]: row[1:] for row in await cursor.fetchall()}


async def _move(halls: AtWork, door: str, hall: str) -> None:
    async with halls.site.connection() as connection:
        row = await (
            await connection.execute("select version from declared where kind = 'door' and key_name = %s", [door])
        ).fetchone()
    assert row is not None
    body = Declared(kind="door", key=door, value={"hall": hall})
    await halls.site.record("pack", DECLARATIONS, f"door/{door}", Declaration(version=row[0]), body)


async def _start_over(halls: AtWork) -> None:
    halls.at = AT
    async with halls.site.connection() as connection:
        await connection.execute("truncate reading, reading_hall_minute, reading_door, reading_hall")
    for door, hall in DOORS.items():
        await _move(halls, door, hall)


async def _do(halls: AtWork, what: str, with_: Any) -> None:
    match what:
        case "tell":
            at = [(door, halls.at + timedelta(minutes=minute), n_in, n_out) for door, minute, n_in, n_out in with_]
            told = {one[:2]: one for one in at}
            await _tell(halls, [Counted(*one, 1) for one in told.values()])
        case "carry on":
            await _carry_on(halls)
        case "clock":
            halls.at += timedelta(minutes=with_)
        case "move":
            await _move(halls, *with_)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(steps, max_size=14))
async def test_a_kept_sum_is_what_summing_anew_gives_after_any_order_of_counts(halls: AtWork, done: list[Any]) -> None:
    await _start_over(halls)

    for what, with_ in done:
        await _do(halls, what, with_)

        assert await _shown(halls) == await _anew(halls)


async def test_nobody_of_yesterday_is_counted_in_the_morning(halls: AtWork) -> None:
    afternoon = AT - timedelta(hours=15)
    await _tell(halls, [Counted("2.1-a", afternoon + timedelta(minutes=ago), 0, 90, ago) for ago in range(60)])
    halls.at = afternoon + timedelta(hours=1)
    await _carry_on(halls)
    evening = (await _shown(halls))[1]

    halls.at = AT
    before = (await _shown(halls))[1]
    await _tell(halls, [Counted("2.1-a", AT - timedelta(minutes=ago), 40, 0, 100 - ago) for ago in (3, 2, 1)])
    await _carry_on(halls)

    assert evening[1] == 0 - 60 * 90
    assert before == ("2.1", 0, 0, None)
    assert (await _shown(halls))[1] == ("2.1", 120, 120, AT - timedelta(minutes=1))


async def test_a_look_sums_only_what_came_since_the_sum_was_kept(halls: AtWork) -> None:
    await _tell(halls, [Counted("2.1-a", AT - timedelta(minutes=ago), 5, 0, ago) for ago in range(30, 10, -1)])
    await _carry_on(halls)
    await _tell(halls, [Counted("2.1-a", AT - timedelta(minutes=10), 0, 30, 10)])

    shown, kept = await _shown(halls), await _kept(halls)
    async with halls.site.connection() as connection:
        await connection.execute("delete from reading_hall_minute where minute < %s", [AT - timedelta(minutes=10)])

    assert shown[1] == ("2.1", 70, 100, AT - timedelta(minutes=10))
    assert kept == {"2.1": (100, 100, AT - timedelta(minutes=11))}
    assert await _shown(halls) == shown


async def test_a_minute_that_comes_late_takes_the_kept_sum_of_its_hall_away_and_no_other(halls: AtWork) -> None:
    await _tell(halls, [Counted(door, AT - timedelta(minutes=5), 5, 0, 1) for door in ("2.1-a", "1.1-a")])
    await _carry_on(halls)

    await _tell(halls, [Counted("2.1-a", AT - timedelta(minutes=6), 3, 0, 1)])
    await _tell(halls, [Counted("1.1-a", AT - timedelta(minutes=5), 3, 0, 1)])

    assert set(await _kept(halls)) == {"1.1"}
    assert await _shown(halls) == [
        ("1.1", 5, 5, AT - timedelta(minutes=5)),
        ("2.1", 8, 8, AT - timedelta(minutes=5)),
    ]


async def test_a_door_that_counts_for_another_hall_now_is_waited_for_there(halls: AtWork) -> None:
    await _tell(halls, [Counted("1.1-a", AT - timedelta(minutes=5), 5, 0, 1)])

    await _move(halls, "1.1-a", "2.1")
    await _tell(halls, [Counted("1.1-a", AT - timedelta(minutes=4), 2, 0, 2)])

    assert (await _shown(halls))[1] == ("2.1", 2, 2, AT - timedelta(minutes=4))


async def test_a_clock_that_goes_back_shows_no_count_of_what_is_its_future_then(halls: AtWork) -> None:
    await _tell(halls, [Counted("2.1-a", AT + timedelta(minutes=minute), 5, 0, minute) for minute in (1, 2, 3)])
    halls.at = AT + timedelta(minutes=3)
    await _carry_on(halls)

    halls.at = AT + timedelta(minutes=1)

    assert (await _shown(halls))[1] == ("2.1", 5, 5, AT + timedelta(minutes=1))


async def test_a_hall_waits_again_for_a_door_that_is_declared_to_fall_silent_later(halls: AtWork) -> None:
    told = [("1.1-b", 20), ("1.1-a", 20), ("1.1-a", 4)]
    await _tell(halls, [Counted(door, AT - timedelta(minutes=ago), 5, 0, ago) for door, ago in told])
    await _carry_on(halls)
    before = (await _shown(halls))[0]

    speaks = {"name": WORDS, "of": "door", "counts": True, "interval_s": 60, "silent_after_s": 1_800}
    limits = [{"key": key, "name": WORDS, "min": 0, "max": 100} for key in ("in", "out")]
    await halls.declare("device_type", "counter", **speaks, quantity=limits)

    assert before == ("1.1", 15, 15, AT - timedelta(minutes=4))
    assert (await _shown(halls))[0] == ("1.1", 10, 10, AT - timedelta(minutes=20))


async def test_no_sum_is_kept_while_a_minute_that_may_belong_to_it_is_on_its_way(halls: AtWork) -> None:
    await _tell(halls, [Counted("1.1-a", AT - timedelta(minutes=3), 5, 0, 1)])

    async with halls.site.connection() as connection, connection.transaction():
        await store.add_counts(connection, [Counted("1.1-a", AT - timedelta(minutes=4), 2, 0, 1)])
        await _carry_on(halls)
        kept = await _kept(halls)

    assert kept == {}
    assert (await _shown(halls))[0] == ("1.1", 7, 7, AT - timedelta(minutes=3))


async def test_a_rebuild_leaves_the_sums_as_they_are(halls: AtWork) -> None:
    await _tell(halls, [Counted("2.1-a", AT - timedelta(minutes=5), 5, 0, 1)])
    await _carry_on(halls)
    before = await _shown(halls), await _kept(halls)

    await halls.rebuild()

    assert (await _shown(halls), await _kept(halls)) == before


async def test_many_who_tell_of_the_same_halls_at_once_lose_no_minute_and_never_wait_crosswise(
    halls: AtWork, dsn: str
) -> None:
    chance = Random(7)
    told = [
        Counted(door, AT - timedelta(minutes=ago), chance.randrange(9), chance.randrange(9), ago)
        for door in DOORS
        for ago in range(60)
    ]
    batches = [chance.sample(told, 12) for _ in range(60)]

    async def tell(mine: Sequence[Sequence[Counted]]) -> None:
        async with connect(dsn, halls.run) as connection:
            for batch in mine:
                async with connection.transaction():
                    await store.add_counts(connection, batch)

    telling = asyncio.gather(*(tell(batches[number::4]) for number in range(4)))
    while not telling.done():
        await _carry_on(halls)
        await asyncio.sleep(0)
    await telling

    assert await _shown(halls) == await _anew(halls)
    await _carry_on(halls)
    assert await _shown(halls) == await _anew(halls)


async def test_a_look_of_the_worker_keeps_the_sums(halls: AtWork) -> None:
    await _tell(halls, [Counted("2.1-a", AT - timedelta(minutes=5), 5, 0, 1)])

    await actions.watch_halls(halls.site)

    assert await _kept(halls) == {"2.1": (5, 5, AT - timedelta(minutes=5))}

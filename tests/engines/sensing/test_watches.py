# SPDX-License-Identifier: Apache-2.0
"""Sensing at work: what the worker's looks record of halls and doors, once."""

import asyncio
from datetime import timedelta

import pytest

from fourleaf.app.rooms import rooms
from fourleaf.app.tasks import end
from fourleaf.app.waker import Waker
from fourleaf.engines.sensing import actions, rules
from fourleaf.engines.sensing.facts import FellSilent, LevelChanged, SpokeAgain
from fourleaf.postgres.journal import CHANNEL, Bell, Journal, Site
from fourleaf.postgres.pool import Pools
from tests.engines.at_work import AT, AtWork

pytestmark = pytest.mark.postgres


@pytest.fixture
async def hall(at_work: AtWork) -> AtWork:
    """A hall with one door, for the day's readings."""
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    await at_work.declare("door", "8.1-D1", hall="8.1")
    async with at_work.site.connection() as connection:
        await connection.execute(
            "create table reading_20241105 partition of reading"
            " for values from ('2024-11-05 00:00+08') to ('2024-11-05 24:00+08')"
        )
    return at_work


async def _count(hall: AtWork, minute: int, n_in: int) -> int:
    return await actions.take_counts(hall.site, "8.1-D1", minute, [(AT + timedelta(minutes=minute), n_in, 0)])


async def test_counts_wake_the_worker_of_their_run(hall: AtWork, dsn: str) -> None:
    waker, pools, bare = Waker(dsn, CHANNEL), Pools(dsn), hall.site
    listening, bell = asyncio.create_task(waker.listen()), waker.event(hall.run)
    journal = Journal(hall.run, rooms().kinds, rooms().inline, Bell(await pools.of(None)))
    hall.site = Site(bare.run, journal, bare.pool, bare.now)

    for minute in range(500):  # until the waker listens
        if bell.is_set():
            break
        await _count(hall, minute, 1)
        await asyncio.sleep(0.02)
    await end([listening])
    await pools.close()

    assert bell.is_set()


async def test_a_crowded_hall_is_recorded_once_with_who_saw_it(hall: AtWork) -> None:
    await _count(hall, 0, 8_500)

    rounds = [await actions.watch_halls(hall.site) for _ in range(2)]

    assert rounds == [1, 0]
    assert await hall.facts("hall:8.1") == [
        LevelChanged(hall="8.1", before="calm", after="watch", occupancy=8_500, threshold=8_000)
    ]
    assert set(await hall.picture("attention")) == {"level:8.1"}


async def test_a_door_that_falls_silent_and_speaks_again_is_recorded_once_each(hall: AtWork) -> None:
    await _count(hall, 0, 5)

    hall.at = AT + rules.SILENT_AFTER + timedelta(minutes=1)
    silent = [await actions.watch_doors(hall.site) for _ in range(2)]
    await _count(hall, 16, 5)
    again = [await actions.watch_doors(hall.site) for _ in range(2)]

    assert (silent, again) == ([1, 0], [1, 0])
    assert await hall.facts("door:8.1-D1") == [
        FellSilent(door="8.1-D1", hall="8.1", last=AT),
        SpokeAgain(door="8.1-D1", hall="8.1"),
    ]


async def test_how_long_a_door_may_be_silent_is_what_its_type_of_devices_declares(hall: AtWork) -> None:
    words = {"zh": "门", "en": "door"}
    limits = [{"key": key, "name": words, "min": 0, "max": 100} for key in ("in", "out")]
    said = {"name": words, "of": "door", "counts": True, "interval_s": 20, "quantity": limits}
    await hall.declare("device_type", "counter", **said, silent_after_s=60)
    await _count(hall, 0, 5)

    hall.at = AT + timedelta(seconds=61)

    assert await actions.watch_doors(hall.site) == 1

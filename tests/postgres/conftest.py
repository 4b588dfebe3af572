# SPDX-License-Identifier: Apache-2.0
"""A run of the tests' own tiny engine."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fourleaf.kernel.clock import RunClock
from fourleaf.postgres import runs
from fourleaf.postgres.pool import Connection, connect
from tests.postgres.tally import AT, SCHEMA


async def make_run(connection: Connection, name: str) -> str:
    made = runs.Run(
        run=name,
        edition="test",
        kind="rehearsal",
        state="running",
        seed=1,
        sample_ppm=1_000_000,
        day=AT.date(),
        zone="Asia/Shanghai",
        created_at=AT,
    )
    clock = RunClock(edition_at=AT, wall_at=AT, speed=1.0, ends_at=AT + timedelta(hours=9))
    await runs.create(connection, made, cache_schema=SCHEMA, clock=clock)
    return name


@pytest.fixture
async def run(connection: Connection, run_name: str) -> AsyncIterator[str]:
    yield await make_run(connection, run_name)
    await runs.drop(connection, run_name)


@pytest.fixture
async def db(dsn: str, run: str) -> AsyncIterator[Connection]:
    """A connection whose search_path is the run's."""
    async with connect(dsn, run) as opened:
        yield opened

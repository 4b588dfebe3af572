# SPDX-License-Identifier: Apache-2.0
"""Levels: record which steps of declared levels were reached and left."""

from datetime import datetime

from fourleaf.engines.sensing import store
from fourleaf.engines.sensing.declares import Level
from fourleaf.engines.sensing.facts import LevelReached
from fourleaf.engines.sensing.rules import levels as ruled
from fourleaf.engines.sensing.state import REACHED, LevelState
from fourleaf.engines.sensing.store.levels import Undecided
from fourleaf.postgres.journal import Site

ACTOR = "worker:sensing"


async def watch_levels(site: Site) -> int:
    """Record every change of every declared level. Gives how many things changed."""
    now = await site.now()
    async with site.connection() as connection:
        declared = await store.levels.levels(connection)
        due = [
            (name, level, await store.levels.undecided(connection, name, level, now))
            for name, level in declared.items()
        ]
    return sum([await _decide(site, name, level, looking, now) for name, level, looking in due if looking])


async def _decide(site: Site, name: str, level: Level, looking: list[Undecided], now: datetime) -> int:
    async with site.connection() as connection:
        found = await store.levels.samples(connection, level, {row.source for row, _ in looking}, now)
    count, settled = 0, list[Undecided]()
    for one in looking:
        row, samples = one.row, found.get((one.row.source, one.row.thing), ())
        bodies = _bodies(name, level, row, ruled.passed(level, row, samples, now))
        if bodies:
            count += await site.record(ACTOR, REACHED, row.name, row, bodies, occurred_at=now, labels=level.see)
        if ruled.is_settled(level, samples):
            settled.append(one)
    async with site.connection() as connection:
        await store.levels.looked(connection, settled)
    return count


def _bodies(name: str, level: Level, row: LevelState, steps: list[ruled.Passed]) -> list[LevelReached]:
    found, before = list[LevelReached](), row.state
    for step in steps:
        found.append(ruled.body(level, name, row, before, step))
        before = step.after
    return found

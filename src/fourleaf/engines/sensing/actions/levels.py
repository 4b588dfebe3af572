# SPDX-License-Identifier: Apache-2.0
"""Levels: record which steps of declared levels were reached and left."""

from fourleaf.engines.sensing import store
from fourleaf.engines.sensing.declares import Level
from fourleaf.engines.sensing.facts import LevelReached
from fourleaf.engines.sensing.rules import levels as ruled
from fourleaf.engines.sensing.state import REACHED, LevelState
from fourleaf.postgres.journal import Site

ACTOR = "worker:sensing"


async def watch_levels(site: Site) -> int:
    """Record every change of every declared level. Gives how many things changed."""
    async with site.connection() as connection:
        declared = await store.levels.levels(connection)
    return sum([await _watch(site, name, level) for name, level in declared.items()])


async def _watch(site: Site, name: str, level: Level) -> int:
    now = await site.now()
    async with site.connection() as connection:
        rows = await store.levels.undecided(connection, name, level, now)
        found = await store.levels.samples(connection, level, {row.source for row in rows}, now) if rows else {}
    count = 0
    for row in rows:
        bodies = _bodies(name, level, row, ruled.passed(level, row, found.get((row.source, row.thing), ()), now))
        if bodies:
            count += await site.record(ACTOR, REACHED, row.name, row, bodies, occurred_at=now, labels=level.see)
    return count


def _bodies(name: str, level: Level, row: LevelState, steps: list[ruled.Passed]) -> list[LevelReached]:
    found, before = list[LevelReached](), row.state
    for step in steps:
        found.append(ruled.body(level, name, row, before, step))
        before = step.after
    return found

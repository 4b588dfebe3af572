# SPDX-License-Identifier: Apache-2.0
"""A whole edition: its log read, folded and rebuilt, and verified."""

from time import monotonic

from bench.ground import Ground
from bench.result import Measured
from fourleaf.app.rooms import folded, rooms
from fourleaf.postgres import log, seals
from fourleaf.postgres import rebuild as rebuilding
from fourleaf.postgres.pool import connect

FULL = 3_000_000
BAR_S = 60.0


async def measure(ground: Ground) -> list[Measured]:
    facts = ground.size(FULL, 600)
    async with ground.run() as run:
        await ground.fill(run, facts)
        floor_s, read = await _read(ground, run)
        began = monotonic()
        rebuilt = await rebuilding.rebuild(ground.dsn, run, folded)
        rebuild_s = monotonic() - began
        began = monotonic()
        async with connect(ground.dsn, run) as connection:
            verified = await seals.verify(connection, run)
        verify_s = monotonic() - began
    assert rebuilt == read == verified.facts
    assert verified.broken is None
    return [
        Measured(
            bench="rebuild",
            what="3 million facts folded and rebuilt",
            unit="s",
            better="low",
            value=rebuild_s * FULL / rebuilt,
            floor=floor_s * FULL / read,
            floor_is="the same rows read and decoded, not folded",
            bar=BAR_S,
            projected=rebuilt < FULL,
            limited_by="two Python processes and their servers share the cores: reading, folding, and writing the rows back",
            detail={"facts": rebuilt, "facts_per_s": rebuilt / rebuild_s},
        ),
        _rate("facts read in log order", read, floor_s, "one Python process decodes the rows"),
        _rate("facts verified", read, verify_s, "one Python process hashes every row again"),
    ]


async def _read(ground: Ground, run: str) -> tuple[float, int]:
    began, count = monotonic(), 0
    async with connect(ground.dsn, run) as connection:
        async for page in log.pages(connection, rooms().kinds, run):
            count += len(page)
    return monotonic() - began, count


def _rate(what: str, facts: int, took_s: float, limited_by: str) -> Measured:
    return Measured(
        bench="rebuild",
        what=what,
        unit="facts/s",
        better="high",
        value=facts / took_s,
        limited_by=limited_by,
        detail={"facts": facts},
    )

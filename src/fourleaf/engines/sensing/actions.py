# SPDX-License-Identifier: Apache-2.0
"""Sensing: take counts in, and record what changed. Nothing is decided here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fourleaf.engines.sensing import rules, store
from fourleaf.engines.sensing.state import DoorVoice, HallLevel, fold_level, fold_voice
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.fold import Row, differences
from fourleaf.postgres.append import Append, StaleStream
from fourleaf.postgres.journal import Site

ACTOR = "worker:sensing"


async def take_counts(site: Site, door: str, sequence: int, counts: Sequence[tuple[datetime, int, int]]) -> int:
    """Gives how many of the counts were new."""
    async with site.connection() as connection:
        return await store.add_counts(connection, door, sequence, counts)


async def watch_halls(site: Site) -> int:
    """Record every hall whose level changed. Gives how many did."""
    now = await site.now()
    async with site.connection() as connection:
        views: Mapping[str, Any] = await store.halls(connection, None, now)
    changed = [(view, body) for view in views.values() if (body := rules.level_changed(view))]
    for view, body in changed:
        row = HallLevel(hall=view.hall, version=view.version, level=view.level, since=view.since)
        fact = _fact(site, f"hall:{view.hall}", view.version + 1, body, now)
        await _append(site, fact, row, fold_level(row, fact))
    return len(changed)


async def watch_doors(site: Site) -> int:
    """Record every door that fell silent or spoke again. Gives how many did."""
    now = await site.now()
    async with site.connection() as connection:
        views: Mapping[str, Any] = await store.doors(connection, None, now)
    changed = [(view, body) for view in views.values() if (body := rules.voice_changed(view, now))]
    for view, body in changed:
        row = DoorVoice(door=view.door, version=view.version, hall=view.hall, silent_since=view.silent_since)
        fact = _fact(site, f"door:{view.door}", view.version + 1, body, now)
        await _append(site, fact, row, fold_voice(row, fact))
    return len(changed)


def _fact(site: Site, stream: str, version: int, body: Body, now: datetime) -> Fact:
    return Fact(
        run=site.run.run,
        stream=stream,
        version=version,
        body=body,
        occurred_at=now,
        recorded_at=now,
        actor=ACTOR,
        labels=("public", "office"),
    )


async def _append(site: Site, fact: Fact, before: Row, after: Row) -> None:
    async with site.connection() as connection:
        try:
            await site.journal.append(connection, Append(facts=(fact,), changes=differences([before], [after])))
        except StaleStream:
            return  # somebody recorded it first; the next round sees it

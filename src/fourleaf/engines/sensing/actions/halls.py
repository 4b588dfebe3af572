# SPDX-License-Identifier: Apache-2.0
"""Halls: take counts in, and record what changed. Nothing is decided here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fourleaf.engines.sensing import rules, store
from fourleaf.engines.sensing.rules.intake import Counted, Heard, Sifted
from fourleaf.engines.sensing.state import LEVELS, VOICES, DoorVoice, HallLevel
from fourleaf.postgres.journal import Site

ACTOR = "worker:sensing"
_SEEN_BY = ("public", "office")


async def take_counts(
    site: Site, door: str, sequence: int, counts: Sequence[tuple[datetime, int, int]], received: datetime | None = None
) -> int:
    """Gives how many of the counts were new. received: wall time, if that is known."""
    counted = [Counted(door, *count, sequence) for count in counts]
    heard = {f"door:{door}": Heard(max(one.minute for one in counted), received, sequence, None)} if received else {}
    async with site.connection() as connection:
        kept = (await store.keep(connection, site.run.zone, Sifted(counted=counted, heard=heard))).kept
    if kept:
        site.journal.ring()
    return kept


async def watch_halls(site: Site) -> int:
    """Record every hall whose level changed. Gives how many did."""
    now = await site.now()
    async with site.connection() as connection:
        await store.halls.carry_on(connection, now)
        views: Mapping[str, Any] = await store.halls.halls(connection, None, now)
    changed = [(view, body) for view in views.values() if (body := rules.level_changed(view))]
    for view, body in changed:
        row = HallLevel(hall=view.hall, version=view.version, level=view.level, since=view.since)
        await site.record(ACTOR, LEVELS, view.hall, row, body, occurred_at=now, labels=_SEEN_BY)
    return len(changed)


async def watch_doors(site: Site) -> int:
    """Record every door that fell silent or spoke again. Gives how many did."""
    now = await site.now()
    async with site.connection() as connection:
        views: Mapping[str, Any] = await store.doors(connection, None, now)
    changed = [(view, body) for view in views.values() if (body := rules.voice_changed(view, now))]
    for view, body in changed:
        row = DoorVoice(door=view.door, version=view.version, hall=view.hall, silent_since=view.silent_since)
        await site.record(ACTOR, VOICES, view.door, row, body, occurred_at=now, labels=_SEEN_BY)
    return len(changed)

# SPDX-License-Identifier: Apache-2.0
"""World: which things are closed or moved, as the facts about each say."""

from datetime import datetime
from typing import ClassVar

import msgspec

from fourleaf.engines.world.facts import Closed, Moved, Reopened
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, row_stream


class Thing(Row, frozen=True, kw_only=True):
    """What differs from the pack's venue for one thing. place: "" where it stands as the pack says."""

    TABLE: ClassVar[str] = "world_thing"
    KEY: ClassVar[tuple[str, ...]] = ("thing",)
    thing: str
    version: int = 0
    closed: bool = False
    closed_at: datetime | None = None
    until: datetime | None = None
    reason_zh: str = ""
    reason_en: str = ""
    level: str | None = None
    lon: str = ""
    lat: str = ""


def fold(thing: Thing, fact: Fact) -> Thing:
    thing = msgspec.structs.replace(thing, version=fact.version)
    match fact.body:
        case Closed() as body:
            return msgspec.structs.replace(
                thing,
                closed=True,
                closed_at=fact.occurred_at,
                until=body.until,
                reason_zh=body.reason_zh,
                reason_en=body.reason_en,
            )
        case Reopened():
            return msgspec.structs.replace(thing, closed=False, closed_at=None, until=None, reason_zh="", reason_en="")
        case Moved() as body:
            return msgspec.structs.replace(thing, level=body.level, lon=body.lon, lat=body.lat)
    return thing


THINGS = row_stream("thing", Thing, fold)
STREAMS = (THINGS,)

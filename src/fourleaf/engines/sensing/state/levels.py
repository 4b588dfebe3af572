# SPDX-License-Identifier: Apache-2.0
"""Levels: which declared level each thing stands at."""

from datetime import datetime
from typing import ClassVar

import msgspec

from fourleaf.engines.sensing.facts import LevelReached
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, row_stream


class LevelState(Row, frozen=True, kw_only=True):
    """A declared level of one thing. name: `<level>/<source>/<thing>`; state: calm, unknown or a step of the declaration; was: before."""

    TABLE: ClassVar[str] = "sensing_level"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    version: int = 0
    level: str = ""
    source: str = ""
    thing: str = ""
    quantity: str = ""
    state: str = "calm"
    value: str = ""
    threshold: str = ""
    since: datetime | None = None
    at: datetime | None = None
    was: str = ""


def fold(row: LevelState, fact: Fact) -> LevelState:
    row = msgspec.structs.replace(row, version=fact.version)
    match fact.body:
        case LevelReached() as body:
            return msgspec.structs.replace(
                row,
                level=body.level,
                source=body.source,
                thing=body.thing,
                quantity=body.quantity,
                state=body.after,
                value=body.value,
                threshold=body.threshold,
                since=fact.occurred_at,
                at=body.at,
                was=body.before,
            )
    return row


REACHED = row_stream("level", LevelState, fold)
STREAMS = (REACHED,)

# SPDX-License-Identifier: Apache-2.0
"""Feeds: how each one stands, since when, and why."""

from datetime import datetime
from typing import ClassVar

import msgspec

from fourleaf.engines.sensing.facts import (
    FeedFell,
    FeedRecovered,
    FeedState,
    FeedTokenMade,
    GrantEnded,
    SentByHand,
)
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, row_stream

replace = msgspec.structs.replace


class FeedNow(Row, frozen=True, kw_only=True):
    """One feed. reason: why it fell; sent_by: who last sent it by hand."""

    TABLE: ClassVar[str] = "sensing_feed"
    KEY: ClassVar[tuple[str, ...]] = ("feed",)
    feed: str
    version: int = 0
    state: FeedState = "awaited"
    reason: str = ""
    count: int = 0
    about: str = ""
    since: datetime | None = None
    token_at: datetime | None = None
    sent_at: datetime | None = None
    sent_by: str = ""


def fold(row: FeedNow, fact: Fact) -> FeedNow:
    row, at = replace(row, version=fact.version), fact.occurred_at
    match fact.body:
        case FeedFell(state=state, reason=reason, count=count, about=about):
            return replace(row, state=state, reason=reason, count=count, about=about, since=at)
        case FeedRecovered():
            return replace(row, state="fresh", reason="", count=0, about="", since=at)
        case GrantEnded(until=until):
            return replace(row, state="ended", reason="grant-ended", count=0, about=until.isoformat(), since=at)
        case FeedTokenMade():
            return replace(row, token_at=at)
        case SentByHand():
            return replace(row, sent_at=at, sent_by=fact.actor)
    return row


FEEDS = row_stream("feed", FeedNow, fold)
STREAMS = (FEEDS,)

# SPDX-License-Identifier: Apache-2.0
"""Feed standing: whether a feed is fresh, late, broken or suspicious, or its grant is over; and which fact that makes. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.facts import FeedFell, FeedRecovered, FeedState, GrantEnded
from fourleaf.engines.sensing.rules.feed_reading import Finding, granted
from fourleaf.engines.sensing.state.feeds import FeedNow


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the deliveries of a feed. All times are edition time.

    since: from when on we listen; last_at: the newest value's own time; tried_at: of the last delivery, good or not;
    failed: why that one could not be used, "" when it could; findings: what was suspicious about it.
    spans: (thing, quantity) -> since when its value is the same; things: thing -> the newest time of it.
    """

    feed: str
    since: datetime
    last_at: datetime | None = None
    tried_at: datetime | None = None
    failed: str = ""
    about: str = ""
    findings: Sequence[Finding] = ()
    same_since: Mapping[tuple[str, str], datetime] = {}
    things: Mapping[str, datetime] = {}


class Standing(NamedTuple):
    """How a feed stands. reason: a code; "" when it is fresh."""

    state: FeedState
    reason: str = ""
    times: int = 0
    about: str = ""


FRESH = Standing("fresh")


def standing(feed: Feed, heard: Heard, now: datetime, zone: str) -> Standing:
    """How a feed stands. What stands first hides what stands after it."""
    first, end = granted(feed, zone)
    if now >= end:
        return Standing("ended", "grant-ended", 0, feed.grant.until.isoformat())
    if now < first:
        return Standing("awaited", "grant-not-begun", 0, feed.grant.from_day.isoformat())
    if heard.failed:
        return Standing("broken", heard.failed, 1, heard.about)
    age = now - (heard.last_at or heard.since)
    if age > timedelta(seconds=feed.late_after_s):
        return Standing("late", "late" if heard.last_at else "never-came", int(age.total_seconds()) // 60)
    if heard.last_at is None:
        return Standing("awaited", "awaited")
    found = [*heard.findings, *_stuck(feed, heard), *_missing(feed, heard, now)]
    return Standing("suspicious", *found[0]) if found else FRESH


def _stuck(feed: Feed, heard: Heard) -> list[Finding]:
    """Values that have not moved for longer than their quantity does."""
    limits = {one.key: timedelta(seconds=one.stuck_after_s) for one in feed.quantities if one.stuck_after_s}
    stuck = [
        f"{thing} {quantity}"
        for (thing, quantity), since in sorted(heard.same_since.items())
        if quantity in limits and thing in heard.things and heard.things[thing] - since >= limits[quantity]
    ]
    return [Finding("stuck", len(stuck), ", ".join(stuck[:3]))] if stuck else []


def _missing(feed: Feed, heard: Heard, now: datetime) -> list[Finding]:
    """Things of which nothing came any more, while others did."""
    after = timedelta(seconds=feed.late_after_s)
    missing = [thing.key for thing in feed.things if now - heard.things.get(thing.key, heard.since) > after]
    return [Finding("missing", len(missing), ", ".join(missing[:6]))] if missing else []


def changed(row: FeedNow, found: Standing) -> FeedFell | FeedRecovered | None:
    """The fact to record, if a feed stands otherwise than before. The end of a grant is a fact of its own."""
    if found.state in ("ended", "awaited") or (found.state, found.reason) == (row.state, row.reason):
        return None
    if found.state == "fresh":
        return FeedRecovered(feed=row.feed, before=row.state) if row.state not in ("fresh", "awaited") else None
    return FeedFell(feed=row.feed, state=found.state, reason=found.reason, count=found.times, about=found.about)


def ended(row: FeedNow, found: Standing, feed: Feed, dropped: int) -> GrantEnded | None:
    """The fact of a grant that is over, once."""
    if found.state != "ended" or row.state == "ended":
        return None
    return GrantEnded(feed=row.feed, until=feed.grant.until, after=feed.grant.after, dropped=dropped)

# SPDX-License-Identifier: Apache-2.0
"""Feeds: what they tell of things on the map, and those that are late, broken or suspicious."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from fourleaf.engines.sensing.declares.feed import Feed, FeedThing
from fourleaf.engines.sensing.declares.words import Words
from fourleaf.engines.sensing.picture.feed_words import NEXT, STATES, reason
from fourleaf.engines.sensing.state.feeds import FeedNow
from fourleaf.kernel.fold import Picture, Pictured

_SEVERITY = {"late": "unknown", "broken": "unknown", "suspicious": "watch"}


class Shown(Protocol):
    """A feed as it stands."""

    @property
    def declared(self) -> Feed: ...
    @property
    def row(self) -> FeedNow: ...


class ThingNow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of a feed. values: quantity -> when, and what."""

    feed: str
    declared: Feed
    thing: FeedThing
    values: Mapping[str, tuple[datetime, float]]


def told(name: str, view: ThingNow, now: datetime) -> Pictured | None:
    """The newest values of a thing, at its place; unknown as soon as they are late."""
    if not view.values:
        return None
    oldest = min(at for at, _ in view.values.values())
    return Pictured(
        thing=name,
        place=view.thing.at,
        labels=view.declared.see,
        stale_at=oldest + timedelta(seconds=view.declared.late_after_s),
        props={
            "feed": _words(view.declared.name),
            "owner": _words(view.declared.owner),
            "name": _words(view.thing.name),
            "values": [
                {
                    "key": one.key,
                    "name": _words(one.name),
                    "value": f"{view.values[one.key][1]:g}",
                    "unit": one.unit if isinstance(one.unit, str) else _words(one.unit),
                }
                for one in view.declared.quantities
                if one.key in view.values
            ],
            "as_of": oldest,
            "source": "feed",
        },
    )


def fallen(name: str, view: Shown, now: datetime) -> Pictured | None:
    """A feed that is late, broken or suspicious, until it recovers; also one that never spoke."""
    row, feed = view.row, view.declared
    if row.state not in _SEVERITY:
        return None
    return Pictured(
        thing=f"feed:{name}",
        place="",
        labels=feed.see,
        props={
            "severity": _SEVERITY[row.state],
            "kind": f"feed-{row.state}",
            "what": {"zh": f"数据{STATES[row.state].zh}", "en": f"Feed {STATES[row.state].en.lower()}"},
            "where": _words(feed.name),
            "why": reason(row.reason, row.count, row.about),
            "next": _words(NEXT[row.state]),
            "thing": name,
            "since": row.since,
            "owner": _words(feed.owner),
        },
    )


def _words(words: Words) -> dict[str, Any]:
    return {"zh": words.zh, "en": words.en}


PICTURES = (
    Picture(layer="feed", view="feed_things", draw=told, beat_s=2.0),
    Picture(layer="attention", view="feeds", streams=("feed",), draw=fallen, beat_s=2.0, mark="severity"),
)

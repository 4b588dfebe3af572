# SPDX-License-Identifier: Apache-2.0
"""Feed complaints: what can be wrong with the declaration of a feed that its types do not catch. Pure."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fourleaf.kernel.labels import LABEL
from fourleaf.pack.complaint import Complaint

if TYPE_CHECKING:
    from fourleaf.engines.sensing.declares.feed import Feed, FeedQuantity

MOST_THINGS = 2_000
MOST_QUANTITIES = 40
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_QUANTITY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_THING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEY_BYTES = 32


def of_feed(feed: Feed) -> Iterator[Complaint]:
    yield from _times(feed)
    yield from _way(feed)
    yield from _labels(feed)
    yield from _things(feed)
    yield from _quantities(feed)
    if feed.aggregates and feed.aggregates.smallest < 2:
        yield Complaint(("aggregates", "smallest"), "feed.smallest", {"found": feed.aggregates.smallest})
    if len(set(feed.columns)) < len(feed.columns):
        yield Complaint(("schema",), "feed.column-twice", {"columns": ", ".join(_twice(feed.columns))})


def _times(feed: Feed) -> Iterator[Complaint]:
    if feed.interval_s < 1:
        yield Complaint(("interval_s",), "feed.interval", {"found": feed.interval_s})
    elif feed.late_after_s <= feed.interval_s:
        blanks = {"late": feed.late_after_s, "interval": feed.interval_s}
        yield Complaint(("late_after_s",), "feed.late-before-due", blanks)
    if feed.grant.until < feed.grant.from_day:
        turned = {"from": feed.grant.from_day, "until": feed.grant.until}
        yield Complaint(("grant", "until"), "feed.grant-turned", turned)
    for key, found in (("clock_ahead_s", feed.schema.clock_ahead_s), ("behind_s", feed.schema.behind_s)):
        if found < 0:
            yield Complaint(("schema", key), "feed.negative", {"key": key, "found": found})


def _way(feed: Feed) -> Iterator[Complaint]:
    if (feed.way == "pull") != bool(feed.url):
        yield Complaint(("url",), "feed.url", {"way": feed.way})
    elif feed.url and not _is_safe(feed.url):
        yield Complaint(("url",), "feed.bad-url", {"url": feed.url})
    if (feed.way == "one-way") != bool(feed.public_key):
        yield Complaint(("public_key",), "feed.key", {"way": feed.way})
    elif feed.public_key and not _is_key(feed.public_key):
        yield Complaint(("public_key",), "feed.bad-key", {})
    if feed.way == "hand" and feed.schema.format != "csv":
        yield Complaint(("schema", "format"), "feed.hand-format", {})
    if feed.schema.rows and feed.schema.format != "json":
        yield Complaint(("schema", "rows"), "feed.rows", {})


def _is_safe(url: str) -> bool:
    """https, or http to this machine; no user and no fragment."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and not (parts.username or parts.password or parts.fragment)
        return named and (parts.port or 1) > 0 and _is_scheme(parts.scheme, parts.hostname or "")
    except ValueError:
        return False


def _is_scheme(scheme: str, host: str) -> bool:
    return scheme == "https" or (scheme == "http" and host in LOOPBACK)


def _is_key(text: str) -> bool:
    try:
        return len(b64decode(text, validate=True)) == _KEY_BYTES
    except (Error, ValueError):
        return False


def _labels(feed: Feed) -> Iterator[Complaint]:
    for key, labels in (("see", feed.see), ("send", feed.send)):
        if not labels:
            yield Complaint((key,), "register.nobody", {"key": key})
        for label in labels:
            if not LABEL.fullmatch(label):
                yield Complaint((key,), "register.bad-label", {"label": label})


def _things(feed: Feed) -> Iterator[Complaint]:
    if not 1 <= len(feed.things) <= MOST_THINGS:
        yield Complaint(("thing",), "feed.things", {"found": len(feed.things), "limit": MOST_THINGS})
    if not feed.schema.thing and len(feed.things) > 1:
        yield Complaint(("schema", "thing"), "feed.which-thing", {"found": len(feed.things)})
    first: set[str] = set()
    for number, thing in enumerate(feed.things):
        if not _THING.fullmatch(thing.key):
            yield Complaint(("thing", number, "key"), "feed.bad-thing", {"key": thing.key})
        if thing.key in first:
            yield Complaint(("thing", number, "key"), "feed.thing-twice", {"key": thing.key})
        first.add(thing.key)


def _quantities(feed: Feed) -> Iterator[Complaint]:
    if not 1 <= len(feed.quantities) <= MOST_QUANTITIES:
        yield Complaint(("quantity",), "feed.quantities", {"found": len(feed.quantities), "limit": MOST_QUANTITIES})
    first: set[str] = set()
    for number, one in enumerate(feed.quantities):
        for key, code in _of_quantity(one):
            yield Complaint(("quantity", number, key), code, {"key": one.key})
        if one.key in first:
            yield Complaint(("quantity", number, "key"), "feed.quantity-twice", {"key": one.key})
        first.add(one.key)


def _of_quantity(one: FeedQuantity) -> Iterator[tuple[str, str]]:
    if not _QUANTITY.fullmatch(one.key):
        yield "key", "feed.bad-quantity"
    if not (one.unit_in("zh").strip() and one.unit_in("en").strip()):
        yield "unit", "feed.no-unit"
    if one.min > one.max:
        yield "max", "feed.limits-turned"
    if one.jump is not None and one.jump <= 0:
        yield "jump", "feed.jump"
    if one.stuck_after_s < 0:
        yield "stuck_after_s", "feed.stuck"


def _twice(words: Sequence[str]) -> list[str]:
    return sorted({word for word in words if words.count(word) > 1})

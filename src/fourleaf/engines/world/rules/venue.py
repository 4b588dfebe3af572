# SPDX-License-Identifier: Apache-2.0
"""World: what may be closed, reopened and moved, and why not. Pure."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal, InvalidOperation
from unicodedata import category

from fourleaf.engines.world.facts import Closed, Moved, Reopened
from fourleaf.engines.world.state import Thing
from fourleaf.kernel.refusal import Refusal

CLOSABLE = frozenset({"gate", "entrance", "lane", "hall", "lobby", "door", "meal_point", "lot", "escalator", "lift"})
MOVABLE = frozenset({"meal_point", "medical", "taxi", "lane"})


PROTECTED = "protected:"


def close(
    thing: Thing,
    kind: str | None,
    *,
    reason_zh: str,
    reason_en: str,
    until: datetime | None,
    now: datetime,
    protected: str = "",
    held: Collection[str] = (),
) -> Closed | Refusal:
    """kind: of the feature in the pack's venue; None when the venue has no such thing.

    protected: the label of those who alone are to read why; held: the labels of who closes.
    """
    if kind not in CLOSABLE:
        return _unknown(thing, kind)
    if thing.closed:
        return Refusal("world.already-closed", {"thing": thing.thing})
    if not (_visible(reason_zh) and _visible(reason_en)):
        return Refusal("world.no-reason", {"thing": thing.thing}, "reason")
    if until is not None and until <= now:
        return Refusal("world.ends-before-it-starts", {"thing": thing.thing}, "until")
    if protected and protected not in protections(held):
        return Refusal("world.not-yours-to-protect", {"label": protected}, "protected")
    return Closed(thing=thing.thing, reason_zh=reason_zh, reason_en=reason_en, until=until, protected=protected)


def protections(held: Collection[str]) -> list[str]:
    """For whose eyes alone somebody may close a thing."""
    return sorted(label for label in held if label.startswith(PROTECTED))


def may_read(thing: Thing, held: Collection[str]) -> bool:
    """Whether somebody may read why it is closed, and until when."""
    return not thing.protected or thing.protected in held


def reopen(thing: Thing, held: Collection[str] = ()) -> Reopened | Refusal:
    """Who may not know why a thing is closed does not open it. held: the labels of who reopens."""
    if not thing.closed:
        return Refusal("world.not-closed", {"thing": thing.thing})
    if not may_read(thing, held):
        return Refusal("world.closed-for-protection", {"thing": thing.thing, "label": thing.protected})
    return Reopened(thing=thing.thing)


def move(thing: Thing, kind: str | None, *, level: str | None, lon: str, lat: str) -> Moved | Refusal:
    if kind not in MOVABLE:
        return _unknown(thing, kind)
    if not (_within(lon, 180) and _within(lat, 90)):
        return Refusal("world.no-such-place", {"thing": thing.thing}, "place")
    return Moved(thing=thing.thing, level=level, lon=lon, lat=lat)


def _visible(text: str) -> bool:
    """Whether there is anything to read: spaces and signs without width are nothing. Source: Unicode general categories."""
    return any(category(sign)[0] in "LNPS" for sign in text)


def _within(degrees: str, limit: int) -> bool:
    try:
        value = Decimal(degrees)
    except InvalidOperation:
        return False
    return value.is_finite() and abs(value) <= limit


def _unknown(thing: Thing, kind: str | None) -> Refusal:
    if kind is None:
        return Refusal("world.unknown-thing", {"thing": thing.thing}, "thing")
    return Refusal("world.fixed-thing", {"thing": thing.thing, "kind": kind}, "thing")

# SPDX-License-Identifier: Apache-2.0
"""World: closed things call for attention; moved things are shown where they stand now, and things of registers that are not calm."""

from datetime import datetime

import msgspec

from fourleaf.engines.world.declares.register import Choice
from fourleaf.engines.world.state import Thing
from fourleaf.kernel.fold import Picture, Pictured

_NEXT = {"zh": "引导到相邻处，处置完毕后恢复开放", "en": "Send people to the next one; reopen it when done"}
_OVERDUE = {
    "zh": "计划时间已过：恢复开放，或恢复后重报关闭",
    "en": "Its planned end is past: reopen it, or close it anew",
}


# One lane or one restaurant is worth knowing; a gate, a hall or a lobby sends people elsewhere.
_SMALL = frozenset({"lane", "door", "meal_point", "lot"})


# Who is told what is closed; and why, where that is not for few of them.
CLOSURES_FOR = ("office",)
UNTOLD = {"zh": "原因不公开", "en": "The reason is not told"}


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A thing and what the pack says of it. Shape: name is language -> text; None where the pack declares no such thing."""

    thing: Thing
    kind: str | None = None
    name: dict[str, str] | None = None

    @property
    def called(self) -> dict[str, str]:
        return self.name or dict.fromkeys(("zh", "en"), self.thing.thing)


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """How a thing of a register stands. see: who may see its register; answer: None when it is calm, or gone."""

    see: tuple[str, ...]
    answer: Choice | None


def closure(name: str, view: Named, now: datetime) -> Pictured | None:
    """Layer attention; None once it is open again. Of a protected one only what everybody sees who comes by."""
    thing = view.thing
    if not thing.closed or thing.closed_at is None:
        return None
    until = None if thing.protected else thing.until
    overdue = until is not None and until < now
    return Pictured(
        thing=f"closure:{thing.thing}",
        place=thing.thing,
        labels=CLOSURES_FOR,
        props={
            "severity": _severity(view.kind, overdue=overdue),
            "kind": "closure",
            "what": {"zh": "仍在关闭", "en": "Still closed"} if overdue else {"zh": "关闭", "en": "Closed"},
            "where": view.called,
            "why": UNTOLD if thing.protected else {"zh": thing.reason_zh, "en": thing.reason_en},
            "next": _OVERDUE if overdue else _NEXT,
            "thing": thing.thing,
            "since": thing.closed_at,
            "until": until,
            "owner": None,
        },
    )


def reason(name: str, view: Named, now: datetime) -> Pictured | None:
    """Layer reason: why a protected thing is closed, and until when, for those who may read it; its closure is the other's."""
    thing = view.thing
    if not thing.closed or not thing.protected:
        return None
    return Pictured(
        thing=f"closure:{thing.thing}",
        place=thing.thing,
        labels=(thing.protected,),
        props={"why": {"zh": thing.reason_zh, "en": thing.reason_en}, "until": thing.until},
    )


def _severity(kind: str | None, *, overdue: bool) -> str:
    if kind in _SMALL:
        return "watch" if overdue else "info"
    return "alert" if overdue else "watch"


def moved(name: str, view: Named, now: datetime) -> Pictured | None:
    thing = view.thing
    if not thing.lon:
        return None
    return Pictured(
        thing=thing.thing,
        place=thing.level or "",
        labels=("public", "office"),
        props={"lon": thing.lon, "lat": thing.lat, "level": thing.level, "name": view.called},
    )


def stated(name: str, view: Stated, now: datetime) -> Pictured | None:
    """Only those that are not calm: a map joins them by id to the thousands that it holds already."""
    if view.answer is None:
        return None
    return Pictured(thing=name, place="", labels=view.see, props={"state": view.answer.key})


# How often all of them are looked at, for a register that changed its declaration. Wall seconds.
AGAIN_S = 30.0

PICTURES = (
    Picture(layer="attention", view="world_things", streams=("thing",), draw=closure, beat_s=5.0, mark="severity"),
    Picture(layer="reason", view="world_things", streams=("thing",), draw=reason),
    Picture(layer="moved", view="world_things", streams=("thing",), draw=moved),
    Picture(layer="state", view="world_states", streams=("thing",), draw=stated, beat_s=AGAIN_S),
)

# SPDX-License-Identifier: Apache-2.0
"""Devices: a level that a thing stands at, and devices that fell silent, call for attention."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from fourleaf.engines.sensing.declares import DeviceType, Level, Step, Words
from fourleaf.engines.sensing.rules.levels import UNKNOWN
from fourleaf.engines.sensing.state import Device, LevelState
from fourleaf.kernel.fold import Picture, Pictured

_ASK = {"zh": "派人到现场确认，并查数据为何中断", "en": "Send somebody to see, and find out why no data comes"}
_LOOK = {"zh": "到设备页查看，派人检修", "en": "Look at the devices page, and send somebody"}
# So many are named; the rest are counted.
NAMED = 3


class Leveled(Protocol):
    """A level at which a thing stands, with what the map needs of the thing."""

    @property
    def row(self) -> LevelState: ...
    @property
    def level(self) -> Level: ...
    @property
    def unit(self) -> Words: ...
    @property
    def name(self) -> Words: ...
    @property
    def place(self) -> dict[str, str]: ...
    @property
    def owner(self) -> dict[str, str] | None: ...


class Silent(msgspec.Struct, frozen=True, kw_only=True):
    """The devices of one type that are silent, and how many of the type were ever heard."""

    type: DeviceType
    heard: int
    devices: list[Device]
    owner: dict[str, str] | None = None


def reached(name: str, view: Leveled, now: datetime) -> Pictured | None:
    """As old as the reading that reached it; without another one it turns unknown, and stays until one comes."""
    row, lost = view.row, view.row.state == UNKNOWN
    stood = row.was if lost else row.state
    step = next((one for one in view.level.steps if one.state == stood), None)
    if step is None:
        return None
    return Pictured(
        thing=f"reached:{row.name}",
        place=_place(view.place, row.thing),
        labels=view.level.see,
        props={
            "severity": row.state,
            **(_lost(view, step) if lost else _beyond(view, step)),
            "where": _words(view.name),
            "thing": row.thing,
            "source": row.source,
            "since": row.since,
            "as_of": row.at,
            "owner": view.owner,
            **_spot(view.place),
        },
    )


def _beyond(view: Leveled, step: Step) -> dict[str, Any]:
    row, zh, en = view.row, f" {view.unit.zh}".rstrip(), f" {view.unit.en}".rstrip()
    return {
        "kind": "level",
        "what": {"zh": f"{step.name.zh} {row.value}{zh}", "en": f"{step.name.en}: {row.value}{en}"},
        "why": {
            "zh": f"{view.level.name.zh}达到 {row.threshold}{zh}",
            "en": f"{view.level.name.en} at or beyond {row.threshold}{en}",
        },
        "next": _words(step.advice),
    }


def _lost(view: Leveled, step: Step) -> dict[str, Any]:
    """It stood at a step when the readings ended: nobody knows that it is over."""
    name = view.level.name
    return {
        "kind": "level-unknown",
        "what": {"zh": f"{step.name.zh}：现在不明", "en": f"{step.name.en}: not known any more"},
        "why": {"zh": f"{name.zh}没有新读数", "en": f"{name.en}: no readings any more"},
        "next": _ASK,
    }


def silent(name: str, view: Silent, now: datetime) -> Pictured | None:
    """One call for attention a type, however many of its devices are silent."""
    quiet = sorted(view.devices, key=lambda one: (one.silent_since or now, one.device))
    if not quiet:
        return None
    names = [_named(quiet, lang) for lang in ("zh", "en")]
    first = quiet[0]
    return Pictured(
        thing=f"devices-silent:{name}",
        place=_place(first.place, first.thing) if len(quiet) == 1 else "",
        labels=view.type.see,
        props={
            "severity": "unknown",
            "kind": "device-silent",
            "what": {"zh": f"{view.type.name.zh}失联", "en": f"{view.type.name.en} silent"},
            "where": {"zh": names[0], "en": names[1]},
            "why": {
                "zh": f"报过数的 {view.heard} 台中 {len(quiet)} 台无新数据",
                "en": f"{len(quiet)} of the {view.heard} heard before {_say(len(quiet))} nothing",
            },
            "next": _LOOK,
            "thing": first.thing,
            "devices": [one.device for one in quiet[:50]],
            "count": len(quiet),
            "since": first.silent_since,
            "owner": view.owner,
            **(_spot(first.place) if len(quiet) == 1 else {}),
        },
    )


def _say(count: int) -> str:
    return "says" if count == 1 else "say"


def _named(quiet: Sequence[Device], lang: str) -> str:
    names = [one.name_zh if lang == "zh" else one.name_en for one in quiet[:NAMED]]
    rest = len(quiet) - len(names)
    joined = ("、" if lang == "zh" else ", ").join(names)
    if not rest:
        return joined
    return f"{joined}等 {len(quiet)} 处" if lang == "zh" else f"{joined} and {rest} more"


def _place(place: dict[str, str], thing: str) -> str:
    """The thing of the venue where it stands, or the thing itself."""
    return place.get("at") or thing


def _spot(place: dict[str, str]) -> dict[str, Any]:
    return {key: place[key] for key in ("level", "lon", "lat") if place.get(key)}


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


PICTURES = (
    Picture(layer="attention", view="leveled", streams=("level",), draw=reached, beat_s=2.0, mark="severity"),
    Picture(layer="attention", view="silent_devices", draw=silent, beat_s=5.0, mark="severity"),
)

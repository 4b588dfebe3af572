# SPDX-License-Identifier: Apache-2.0
"""Device lists: the devices of a run as somebody asked for them, and one device's readings as lines of a chart. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.rules.devices import increase
from fourleaf.engines.sensing.rules.health import WORDS, Health
from fourleaf.engines.sensing.store.listing import Sample

SIZES = (25, 50, 100, 200)
# How each word is shown besides: the shapes of every status.
SHAPES = {
    "silent": "unknown",
    "failed": "alert",
    "late": "watch",
    "weak": "watch",
    "unheard": "info",
    "waiting": "info",
    "well": "calm",
    "revoked": "closed",
}
# The chart of a day, in its own units.
WIDTH, HEIGHT, PAD = 720.0, 120.0, 6.0


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked to see of the devices."""

    words: str = ""
    type: str = ""
    word: str = ""
    sort: str = ""
    size: int = 50
    page: int = 1

    @property
    def filtered(self) -> bool:
        return bool(self.words or self.type or self.word)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """What an address asks. Whatever makes no sense asks for nothing."""
        size, page = (query.get(key, "") for key in ("size", "page"))
        sort = query.get("sort", "")
        return cls(
            words=query.get("q", "")[:200],
            type=query.get("type", ""),
            word=query["word"] if query.get("word") in WORDS else "",
            sort=sort if sort.removeprefix("-") in SORTS else "",
            size=int(size) if size in map(str, SIZES) else 50,
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )


SORTS: Mapping[str, Callable[[Health], Any]] = {
    "word": lambda one: (WORDS.index(one.word), one.device),
    "device": lambda one: one.device,
    "type": lambda one: (one.device_type, one.device),
    "last": lambda one: (one.last is not None, one.last.timestamp() if one.last else 0.0),
    "battery": lambda one: (one.battery is None, one.battery or 0),
    "refused": lambda one: one.refused,
    "tested": lambda one: (one.tested_at is not None, one.tested_at.timestamp() if one.tested_at else 0.0),
}


def chosen(every: Iterable[Health], asked: Asked) -> list[Health]:
    """The devices that were asked for, in their order: what needs somebody first, where none was asked for."""
    words = asked.words.casefold().split()
    found = [
        one
        for one in every
        if asked.type in ("", one.device_type)
        and asked.word in ("", one.word)
        and all(word in f"{one.device} {one.name.zh} {one.name.en}".casefold() for word in words)
    ]
    key = SORTS[asked.sort.removeprefix("-") or "word"]
    return sorted(found, key=key, reverse=asked.sort.startswith("-"))


def counts(every: Iterable[Health]) -> dict[str, int]:
    """How many devices are how, in the order of the words; those that none is are left out."""
    found = dict.fromkeys(WORDS, 0)
    for one in every:
        found[one.word] += 1
    return {word: count for word, count in found.items() if count}


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity over the last day, or as long as it is told. line: points of an SVG polyline; rise: of a counter."""

    key: str
    name: Mapping[str, str]
    unit: str
    line: str
    low: float
    high: float
    first: Sample
    last: Sample
    rise: float | None


def charts(type: DeviceType, samples: Sequence[Sample], now: datetime) -> list[Chart]:
    """A line for each quantity of which there are readings. samples: of the last day."""
    found = list[Chart]()
    for quantity in type.quantities:
        own = sorted((one for one in samples if one.quantity == quantity.key), key=lambda one: one.at)
        if own:
            values = [one.value for one in own]
            found.append(
                Chart(
                    key=quantity.key,
                    name={"zh": quantity.name.zh, "en": quantity.name.en},
                    unit=quantity.unit,
                    line=_line(own, now),
                    low=min(values),
                    high=max(values),
                    first=own[0],
                    last=own[-1],
                    rise=increase(values) if quantity.kind == "counter" else None,
                )
            )
    return found


def _line(samples: Sequence[Sample], now: datetime) -> str:
    start = max(samples[0].at, now - timedelta(days=1))
    span = max(now - start, timedelta(minutes=1))
    low, high = min(one.value for one in samples), max(one.value for one in samples)
    points = [
        (
            min(1.0, max(0.0, (one.at - start) / span)) * WIDTH,
            HEIGHT - PAD - ((one.value - low) / (high - low) if high > low else 0.5) * (HEIGHT - 2 * PAD),
        )
        for one in samples
    ]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)

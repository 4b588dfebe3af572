# SPDX-License-Identifier: Apache-2.0
"""Complaints: what can be wrong with a type of devices or a level that their types do not catch. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fourleaf.kernel.labels import LABEL
from fourleaf.pack.complaint import Complaint, Others

if TYPE_CHECKING:
    from fourleaf.engines.sensing.declares.device_type import DeviceType
    from fourleaf.engines.sensing.declares.level import Level

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_QUANTITIES = 20
LONGEST_KEEP_DAYS = 3_650
MOST_STEPS = 2
# Persons through one door in one minute.
MOST_PERSONS = 100_000


def of_device_type(type: DeviceType) -> Iterator[Complaint]:
    if not type.quantities or len(type.quantities) > MOST_QUANTITIES:
        found = len(type.quantities)
        yield Complaint(("quantity",), "device.quantities", {"found": found, "limit": MOST_QUANTITIES})
    seen = set[str]()
    for number, one in enumerate(type.quantities):
        if not KEY.fullmatch(one.key):
            yield Complaint(("quantity", number, "key"), "device.bad-quantity", {"key": one.key})
        if one.key in seen:
            yield Complaint(("quantity", number, "key"), "device.quantity-twice", {"key": one.key})
        if one.min > one.max:
            yield Complaint(("quantity", number, "max"), "device.range", {"min": one.min, "max": one.max})
        seen.add(one.key)
    yield from _times(type)
    yield from _counts(type)
    yield from _labels(see=type.see, keep=type.keep)


def _times(type: DeviceType) -> Iterator[Complaint]:
    if type.interval_s < 1:
        yield Complaint(("interval_s",), "device.interval", {"found": type.interval_s})
    elif type.silent_after_s <= type.interval_s:
        blanks = {"silent": type.silent_after_s, "interval": type.interval_s}
        yield Complaint(("silent_after_s",), "device.silent-before-due", blanks)
    if not 1 <= type.keep_days <= LONGEST_KEEP_DAYS:
        yield Complaint(("keep_days",), "device.keep", {"found": type.keep_days, "limit": LONGEST_KEEP_DAYS})


def _counts(type: DeviceType) -> Iterator[Complaint]:
    if not type.counts:
        return
    right = {one.key for one in type.quantities} == {"in", "out"} and type.of == "door"
    if not right or any(one.min < 0 or one.max > MOST_PERSONS for one in type.quantities):
        yield Complaint(("counts",), "device.counts", {"limit": MOST_PERSONS})


def _labels(**said: Sequence[str]) -> Iterator[Complaint]:
    for key, labels in said.items():
        if not labels:
            yield Complaint((key,), "register.nobody", {"key": key})
        for label in labels:
            if not LABEL.fullmatch(label):
                yield Complaint((key,), "register.bad-label", {"label": label})


def of_device_type_among(key: str, type: DeviceType, others: Others) -> Iterator[Complaint]:
    """Against the venue and the registers: whose devices these are."""
    if type.of not in others.venue_kinds and type.of not in others.of("register"):
        yield Complaint(
            ("of",), "device.unknown-of", {"of": type.of}, (type.of, (*others.venue_kinds, *others.of("register")))
        )
    earlier = [name for name, one in others.of("device_type").items() if name < key and one.of == type.of]
    if earlier:
        yield Complaint(("of",), "device.of-taken", {"of": type.of, "other": earlier[0]})


def of_level(level: Level) -> Iterator[Complaint]:
    if bool(level.device_type) == bool(level.feed):
        yield Complaint(("device_type",), "level.whose", {})
    states = [step.state for step in level.steps]
    if states not in (["watch"], ["alert"], ["watch", "alert"]):
        yield Complaint(("step",), "level.steps", {"found": ", ".join(states) or "-"})
    yield from _steps(level)
    if level.debounce_s < 0 or level.stale_after_s <= level.debounce_s:
        yield Complaint(("stale_after_s",), "level.times", {"stale": level.stale_after_s, "debounce": level.debounce_s})
    yield from _labels(see=level.see)


def _steps(level: Level) -> Iterator[Complaint]:
    """Farther and farther from calm, and each left on the side of calm."""
    sign = 1 if level.side == "above" else -1
    before: Decimal | None = None
    for number, step in enumerate(level.steps):
        if sign * step.until > sign * step.at:
            yield Complaint(("step", number, "until"), "level.until", {"reached": step.at, "until": step.until})
        if before is not None and sign * step.at <= sign * before:
            yield Complaint(("step", number, "at"), "level.order", {"reached": step.at, "before": before})
        before = step.at


def of_level_among(level: Level, others: Others) -> Iterator[Complaint]:
    """Against types of devices and feeds: whose quantity it is about."""
    kind, name = ("device_type", level.device_type) if level.device_type else ("feed", level.feed)
    known: Mapping[str, Any] = others.of(kind)
    if name not in known:
        yield Complaint((kind,), "level.unknown-source", {"name": name}, (name, known))
    elif level.quantity not in known[name].by_key:
        blanks = {"quantity": level.quantity, "name": name}
        yield Complaint(("quantity",), "level.unknown-quantity", blanks, (level.quantity, known[name].by_key))

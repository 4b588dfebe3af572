# SPDX-License-Identifier: Apache-2.0
"""Health: how a device is, in one word. Pure."""

from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

from fourleaf.engines.sensing.declares import DeviceType, Words
from fourleaf.engines.sensing.state import Device

# In percent; below it somebody should bring a new one.
BATTERY_LOW = 20
# Reports may be missed before one is called late: a network forgets one now and then.
LATE_AFTER = 2

Word = Literal["silent", "failed", "late", "weak", "well", "unheard", "waiting", "revoked"]
# From what needs somebody to what needs nobody.
WORDS: tuple[Word, ...] = ("silent", "failed", "late", "weak", "unheard", "waiting", "well", "revoked")


class Told(Protocol):
    """What was heard of a device."""

    @property
    def last(self) -> datetime | None: ...
    @property
    def received_at(self) -> datetime | None: ...
    @property
    def battery(self) -> int | None: ...
    @property
    def kept(self) -> int: ...
    @property
    def doubled(self) -> int: ...
    @property
    def refused_in_all(self) -> int: ...


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How a device is. last: its newest reading, edition time; received_at: wall time. Unit: battery in percent.

    word: silent, its self-test failed, late, battery weak, never heard, waiting to enrol, well, or revoked.
    """

    device: str
    word: Word
    device_type: str
    type_name: Words
    thing: str
    name: Words
    place: dict[str, str]
    interval_s: int
    silent_after_s: int
    last: datetime | None
    received_at: datetime | None
    battery: int | None
    kept: int
    doubled: int
    refused: int
    refused_at: datetime | None
    refused_why: str
    refused_about: str
    silent_since: datetime | None
    enrolled_at: datetime | None
    revoked_at: datetime | None
    revoked_why: str
    has_self_test: bool
    test_asked_at: datetime | None
    tested_at: datetime | None
    test_passed: bool | None
    test_note: str


def health(device: Device, type: DeviceType, told: Told, now: datetime) -> Health:
    """now: edition time."""
    return Health(
        device=device.device,
        word=_word(device, type, told, now),
        device_type=device.device_type,
        type_name=type.name,
        thing=device.thing,
        name=Words(zh=device.name_zh, en=device.name_en),
        place=device.place,
        interval_s=type.interval_s,
        silent_after_s=type.silent_after_s,
        last=told.last,
        received_at=told.received_at,
        battery=told.battery,
        kept=told.kept,
        doubled=told.doubled,
        refused=told.refused_in_all,
        refused_at=device.refused_at,
        refused_why=device.refused_why,
        refused_about=device.refused_about,
        silent_since=device.silent_since,
        enrolled_at=device.enrolled_at,
        revoked_at=device.revoked_at,
        revoked_why=device.revoked_why,
        has_self_test=type.self_test,
        test_asked_at=device.test_asked_at,
        tested_at=device.tested_at,
        test_passed=device.test_passed,
        test_note=device.test_note,
    )


def _word(device: Device, type: DeviceType, told: Told, now: datetime) -> Word:
    if device.revoked_at is not None:
        return "revoked"
    if told.last is None:
        return "waiting" if device.enrolled_at is None else "unheard"
    if device.silent_since is not None or now - told.last > timedelta(seconds=type.silent_after_s):
        return "silent"
    if device.test_passed is False:
        return "failed"
    if now - told.last > timedelta(seconds=type.interval_s * LATE_AFTER):
        return "late"
    return "weak" if told.battery is not None and told.battery < BATTERY_LOW else "well"

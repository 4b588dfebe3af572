# SPDX-License-Identifier: Apache-2.0
"""Devices: which there are, whether they may speak, whether they do, and how their last self-test went."""

from datetime import datetime
from typing import ClassVar

import msgspec

from fourleaf.engines.sensing.facts import (
    DeviceEnrolled,
    DeviceFellSilent,
    DeviceListed,
    DeviceRefused,
    DeviceRevoked,
    DeviceSpokeAgain,
    SelfTestAsked,
    SelfTested,
)
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, row_stream

replace = msgspec.structs.replace


class Device(Row, frozen=True, kw_only=True):
    """One device, named by its thing: `<kind of venue thing or register>:<id>`. Unit: refused in messages and values."""

    TABLE: ClassVar[str] = "sensing_device"
    KEY: ClassVar[tuple[str, ...]] = ("device",)
    device: str
    version: int = 0
    device_type: str = ""
    thing: str = ""
    name_zh: str = ""
    name_en: str = ""
    place: dict[str, str] = msgspec.field(default_factory=dict)
    listed_at: datetime | None = None
    enrolled_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_why: str = ""
    silent_since: datetime | None = None
    test_asked_at: datetime | None = None
    tested_at: datetime | None = None
    test_passed: bool | None = None
    test_note: str = ""
    refused: int = 0
    refused_at: datetime | None = None
    refused_why: str = ""
    refused_about: str = ""

    @property
    def is_listed(self) -> bool:
        return self.listed_at is not None

    @property
    def may_speak(self) -> bool:
        return self.enrolled_at is not None and self.revoked_at is None


def fold(device: Device, fact: Fact) -> Device:
    device, at = replace(device, version=fact.version), fact.occurred_at
    match fact.body:
        case DeviceListed() as body:
            return replace(
                device,
                device_type=body.device_type,
                thing=body.thing,
                name_zh=body.name_zh,
                name_en=body.name_en,
                place=body.place,
                listed_at=device.listed_at or at,
            )
        case DeviceEnrolled():
            return replace(device, enrolled_at=at, revoked_at=None, revoked_why="")
        case DeviceRevoked(reason=reason):
            return replace(device, revoked_at=at, revoked_why=reason, silent_since=None, test_asked_at=None)
        case DeviceRefused(reason=reason, count=count, about=about):
            refused = device.refused + count
            return replace(device, refused=refused, refused_at=at, refused_why=reason, refused_about=about)
    return _spoken(device, fact)


def _spoken(device: Device, fact: Fact) -> Device:
    match fact.body:
        case DeviceFellSilent():
            return replace(device, silent_since=fact.occurred_at)
        case DeviceSpokeAgain():
            return replace(device, silent_since=None)
        case SelfTestAsked():
            return replace(device, test_asked_at=fact.occurred_at)
        case SelfTested(passed=passed, note=note):
            return replace(device, test_asked_at=None, tested_at=fact.occurred_at, test_passed=passed, test_note=note)
    return device


DEVICES = row_stream("device", Device, fold)
STREAMS = (DEVICES,)

# SPDX-License-Identifier: Apache-2.0
"""Sensing: what readings mean. Readings themselves are not facts; only transitions are."""

from datetime import date, datetime
from typing import ClassVar, Literal

from fourleaf.kernel.fact import Body

Level = Literal["calm", "watch", "alert"]


class LevelChanged(Body, frozen=True, kw_only=True):
    """A hall passed one of its thresholds. Unit: occupancy and threshold in persons (of the sample)."""

    KIND: ClassVar[str] = "sensing.LevelChanged"
    hall: str
    before: Level
    after: Level
    occupancy: int
    threshold: int


class FellSilent(Body, frozen=True, kw_only=True):
    """A door that reported has stopped. last: the last minute it reported."""

    KIND: ClassVar[str] = "sensing.FellSilent"
    door: str
    hall: str
    last: datetime


class SpokeAgain(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "sensing.SpokeAgain"
    door: str
    hall: str


class DeviceListed(Body, frozen=True, kw_only=True):
    """A thing has a device, as it is called and stands now. place: `level`, `lon`, `lat`, or `at` a thing of the venue."""

    KIND: ClassVar[str] = "sensing.DeviceListed"
    device: str
    device_type: str
    thing: str
    name_zh: str
    name_en: str
    place: dict[str, str]


class CodeIssued(Body, frozen=True, kw_only=True):
    """A one-time code was made for a device; an earlier one does not work any more. Unit: seconds of wall time."""

    KIND: ClassVar[str] = "sensing.CodeIssued"
    device: str
    valid_for_s: int


class DeviceEnrolled(Body, frozen=True, kw_only=True):
    """A device gave its one-time code for a secret of its own; an earlier secret does not work any more."""

    KIND: ClassVar[str] = "sensing.DeviceEnrolled"
    device: str


class DeviceRevoked(Body, frozen=True, kw_only=True):
    """A device's secret does not work any more."""

    KIND: ClassVar[str] = "sensing.DeviceRevoked"
    device: str
    reason: str


class DeviceRefused(Body, frozen=True, kw_only=True):
    """What a device sent was refused, so many times since the last such fact. about: the last one, shortened."""

    KIND: ClassVar[str] = "sensing.DeviceRefused"
    device: str
    reason: str
    count: int
    about: str


class DeviceFellSilent(Body, frozen=True, kw_only=True):
    """A device that reported has stopped. last: the time of its last reading."""

    KIND: ClassVar[str] = "sensing.DeviceFellSilent"
    device: str
    last: datetime


class DeviceSpokeAgain(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "sensing.DeviceSpokeAgain"
    device: str


class SelfTestAsked(Body, frozen=True, kw_only=True):
    """A device is to test itself, and is told with its next report."""

    KIND: ClassVar[str] = "sensing.SelfTestAsked"
    device: str


class SelfTested(Body, frozen=True, kw_only=True):
    """A device tested itself. note: what it said of it."""

    KIND: ClassVar[str] = "sensing.SelfTested"
    device: str
    passed: bool
    note: str


class LevelReached(Body, frozen=True, kw_only=True):
    """A quantity passed a threshold of a declared level, or is not known any more.

    value, threshold: decimal strings in the quantity's unit; "" where the value is not known. at: the reading's own time.
    """

    KIND: ClassVar[str] = "sensing.LevelReached"
    level: str
    source: str
    thing: str
    quantity: str
    before: str
    after: str
    value: str
    threshold: str
    at: datetime


FeedState = Literal["awaited", "fresh", "late", "broken", "suspicious", "ended"]


class FeedFell(Body, frozen=True, kw_only=True):
    """A feed is late, broken or suspicious. reason: a code; count: of what it says, for a late one in minutes."""

    KIND: ClassVar[str] = "sensing.FeedFell"
    feed: str
    state: FeedState
    reason: str
    count: int
    about: str


class FeedRecovered(Body, frozen=True, kw_only=True):
    """A feed that had fallen is as it should be again."""

    KIND: ClassVar[str] = "sensing.FeedRecovered"
    feed: str
    before: FeedState


class GrantEnded(Body, frozen=True, kw_only=True):
    """The grant of a feed is over: nothing is taken in any more. after: hide or drop; dropped: values that went."""

    KIND: ClassVar[str] = "sensing.GrantEnded"
    feed: str
    until: date
    after: str
    dropped: int


class FeedTokenMade(Body, frozen=True, kw_only=True):
    """A token was made for whoever pushes a feed; an earlier one does not work any more."""

    KIND: ClassVar[str] = "sensing.FeedTokenMade"
    feed: str


class SentByHand(Body, frozen=True, kw_only=True):
    """Somebody sent a table of a feed by hand. Unit: rows of the table, values that were new, rows that were refused."""

    KIND: ClassVar[str] = "sensing.SentByHand"
    feed: str
    rows: int
    kept: int
    refused: int

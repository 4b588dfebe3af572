# SPDX-License-Identifier: Apache-2.0
"""Intake: which of the readings that devices sent are kept, and why the others are not. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from fourleaf.engines.sensing.declares import DeviceType

# A device's clock may run ahead of ours by this much before we call it wrong.
AHEAD = timedelta(minutes=10)
# What a device could not send for longer is refused: its clock has stopped, or its day may be dropped already.
BEHIND = timedelta(days=7)
MOST_BYTES = 16 * 1024
# Through one door in one minute.
MOST_PERSONS = 100_000
# Limits that no value is within.
NEVER = (0.0, -1.0)


class Message(NamedTuple):
    """What a device sent, untrusted. device: as its credential says; received: wall time."""

    run: str
    device: str
    body: bytes
    received: datetime


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a self-test went."""

    ok: bool
    note: Annotated[str, msgspec.Meta(max_length=120)] = ""


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """All that a device says of one moment. s: sequence, t: time, q: quantities, b: battery in percent, test: a self-test."""

    s: Annotated[int, msgspec.Meta(ge=0, le=2**62)]
    t: Annotated[datetime, msgspec.Meta(tz=True)]
    q: dict[str, float] = {}
    b: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    test: Told | None = None


_READ = msgspec.json.Decoder(Point | list[Point])


class Edge(NamedTuple):
    """Where a level begins. sign: 1 above it, -1 below it."""

    sign: int
    at: float

    def is_beyond(self, value: float) -> bool:
        return self.sign * value >= self.sign * self.at


class Known(NamedTuple):
    """A device that is listed."""

    thing: str
    type: DeviceType
    revoked: bool = False
    # Quantity -> the first step of each level: whether too much or too little, and of what.
    edges: Mapping[str, Sequence[Edge]] = {}


class Measured(NamedTuple):
    """What one source told of one thing at one moment. values: by quantity; unit: as the quantity declares."""

    source: str
    thing: str
    at: datetime
    sequence: int
    received: datetime
    values: Mapping[str, float]


class Counted(NamedTuple):
    """Persons through one door in one minute."""

    door: str
    minute: datetime
    n_in: int
    n_out: int
    sequence: int


class Heard(NamedTuple):
    """The newest of what a device said."""

    last: datetime
    received: datetime
    sequence: int
    battery: int | None


class Refused(NamedTuple):
    """Unit: messages, or single values of one. about: the last of them, shortened."""

    times: int
    about: str


class Sifted(msgspec.Struct, frozen=True):
    """What to keep of some messages. refused: (device, reason) -> how often.

    beyond: source, thing and quantity of which a value is beyond the first step of a level.
    """

    measured: list[Measured] = []
    counted: list[Counted] = []
    heard: dict[str, Heard] = {}
    refused: dict[tuple[str, str], Refused] = {}
    tested: dict[str, Told] = {}
    beyond: set[tuple[str, str, str]] = set()


def sift(messages: Sequence[Message], known: Mapping[str, Known], now: datetime) -> Sifted:
    """Part what is kept from what is refused. now: edition time."""
    sifted = Sifted()
    span = (now - BEHIND, now + AHEAD)
    for message in messages:
        device = known.get(message.device)
        points, reason = _read(message, device)
        if device is None or reason:
            _refuse(sifted, message.device, reason, _shortened(message.body))
            continue
        for point in points:
            if point.t > span[1]:
                _refuse(sifted, message.device, "clock-ahead", point.t.isoformat())
            elif point.t < span[0]:
                _refuse(sifted, message.device, "clock-behind", point.t.isoformat())
            else:
                _keep(sifted, message, device, point)
    return sifted


def _read(message: Message, device: Known | None) -> tuple[list[Point], str]:
    """The points of a message, or why it is refused whole."""
    if device is None:
        return [], "unknown-device"
    if device.revoked:
        return [], "revoked"
    if len(message.body) > MOST_BYTES:
        return [], "oversize"
    try:
        read = _READ.decode(message.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # ValidationError is a DecodeError
        return [], "malformed"
    return (read if isinstance(read, list) else [read]), ""


def _keep(sifted: Sifted, message: Message, device: Known, point: Point) -> None:
    before = sifted.heard.get(message.device)
    battery = point.b if point.b is not None or before is None else before.battery
    if before is None or point.t >= before.last:
        sifted.heard[message.device] = Heard(point.t, message.received, point.s, battery)
    if point.test:
        sifted.tested[message.device] = point.test
    if device.type.counts:
        _count(sifted, message.device, device, point)
        return
    values = _plausible(sifted, message.device, device.type.limits, point.q)
    if values:
        sifted.measured.append(Measured(message.device, device.thing, point.t, point.s, message.received, values))
    for quantity, edges in device.edges.items():
        value = values.get(quantity)
        if value is not None and any(edge.is_beyond(value) for edge in edges):
            sifted.beyond.add((message.device, device.thing, quantity))


def _plausible(
    sifted: Sifted, device: str, limits: Mapping[str, tuple[float, float]], given: Mapping[str, float]
) -> Mapping[str, float]:
    """The values that may be; most often all of them, and then nothing is copied."""
    wrong = list[str]()
    for quantity, value in given.items():
        low, high = limits.get(quantity, NEVER)
        if not low <= value <= high:
            wrong.append(quantity)
            reason = "implausible" if quantity in limits else "unknown-quantity"
            _refuse(sifted, device, reason, f"{quantity[:40]}={value}")
    return {quantity: value for quantity, value in given.items() if quantity not in wrong} if wrong else given


def _count(sifted: Sifted, name: str, device: Known, point: Point) -> None:
    """Counts of a hall's door are whole persons, both ways at once."""
    given = point.q.get("in"), point.q.get("out")
    if not point.q:
        return
    if set(point.q) != {"in", "out"} or not all(_is_count(value, device.type, key) for key, value in point.q.items()):
        _refuse(sifted, name, "implausible", f"in={given[0]} out={given[1]}")
        return
    minute = point.t.replace(second=0, microsecond=0)
    sifted.counted.append(Counted(device.thing, minute, int(point.q["in"]), int(point.q["out"]), point.s))


def _is_count(value: float, type: DeviceType, key: str) -> bool:
    low, high = type.limits.get(key, NEVER)
    return value.is_integer() and low <= value <= min(high, MOST_PERSONS) and value >= 0


def _refuse(sifted: Sifted, device: str, reason: str, about: str) -> None:
    before = sifted.refused.get((device, reason))
    sifted.refused[device, reason] = Refused(before.times + 1 if before else 1, about)


def oldest_day(now: datetime, zone: str, keep_days: int) -> date:
    """The first day whose readings are kept. What is late may still come for a while."""
    return (now - max(timedelta(days=keep_days), BEHIND)).astimezone(ZoneInfo(zone)).date()


def _shortened(body: bytes) -> str:
    return f"{len(body)} B, sha256 {sha256(body).hexdigest()[:12]}"

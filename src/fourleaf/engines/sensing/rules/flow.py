# SPDX-License-Identifier: Apache-2.0
"""Flow: how much a device may say over HTTP, and how long one that floods has to wait. Pure: the time is given."""

from math import ceil
from typing import NamedTuple

from fourleaf.engines.sensing.declares import DeviceType

# In a minute a device may tell what its type tells in a day: one that was cut off for days has told it in as many minutes.
DAY_S, MINUTE_S = 86_400, 60.0
# But never less than this, nor more than the broker lets through. Unit: moments a minute.
LEAST, MOST = 200, 12_000
# As JSON, with room for spaces and long names. Unit: bytes of a moment, of a value, of asking at all.
MOMENT_BYTES, VALUE_BYTES, ASKING_BYTES = 160, 48, 256


class Flow(NamedTuple):
    """Unit: values (of hall doors: minutes) and bytes, a minute."""

    readings: float
    bytes: float


class Left(NamedTuple):
    """What a device may say just now; below nothing when it has said more. at: seconds of any clock that only rises."""

    readings: float
    bytes: float
    at: float


def most(type: DeviceType) -> Flow:
    """How much a device of this type may say in a minute."""
    values = max(1, len(type.quantities))
    moments = min(MOST, max(LEAST, DAY_S / type.interval_s))
    return Flow(moments * values, moments * (MOMENT_BYTES + VALUE_BYTES * values))


def refilled(left: Left | None, most: Flow, now: float) -> Left:
    """What is left some time later; a device that was never heard may say all of it."""
    if left is None:
        return Left(*most, now)
    share = (now - left.at) / MINUTE_S
    return Left(
        min(most.readings, left.readings + share * most.readings), min(most.bytes, left.bytes + share * most.bytes), now
    )


def wait_s(left: Left, most: Flow) -> int:
    """Whole seconds until it may speak again; 0: it may now."""
    if left.readings > 0 and left.bytes > 0:
        return 0
    missing = max(-left.readings / most.readings, -left.bytes / most.bytes)
    return max(1, ceil(missing * MINUTE_S))


def asked(left: Left, size: int) -> Left:
    """Of what is asked only the bytes are known before it is read."""
    return left._replace(bytes=left.bytes - ASKING_BYTES - size)


def said(left: Left, readings: int) -> Left:
    return left._replace(readings=left.readings - readings)

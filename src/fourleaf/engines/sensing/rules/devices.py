# SPDX-License-Identifier: Apache-2.0
"""Devices: who may speak, when silence is news, and how a counter that began anew is read. Pure."""

from base64 import b32encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from math import ceil

from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.facts import (
    CodeIssued,
    DeviceEnrolled,
    DeviceFellSilent,
    DeviceListed,
    DeviceRefused,
    DeviceRevoked,
    DeviceSpokeAgain,
    SelfTestAsked,
)
from fourleaf.engines.sensing.state import Device
from fourleaf.kernel.refusal import Refusal

CODE_VALID_S = 48 * 3600
# So many wrong codes of one device from one address are free, and so many of one address for all devices together: a gateway
# stands before hundreds. Then each costs a pause. A code has sixty bits: whoever had 250 tries in its 48 hours from each of a
# million addresses (2^28 in all) would meet it with a chance of one in 2^32.
FREE_TRIES, FREE_TRIES_OF_ADDRESS = 5, 100
# At most one fact in so long says what was refused of a device.
REFUSALS_EVERY = timedelta(minutes=1)


def hash_of(secret: str) -> bytes:
    """Secrets are long and random, so a plain hash is enough: there is nothing to guess."""
    return sha256(secret.encode()).digest()


def code_of(fresh: str) -> str:
    """A one-time code that a person can read out, from something fresh and random. Sixty bits."""
    signs = b32encode(sha256(fresh.encode()).digest()).decode()[:12]
    return "-".join(signs[at : at + 4] for at in range(0, 12, 4))


def code_hash(typed: str) -> bytes:
    """Of a code as somebody typed it: small letters, spaces and missing dashes are all right."""
    return hash_of("".join(sign for sign in typed.upper() if sign.isalnum()))


def list_all(devices: dict[str, Device], wanted: Iterable[DeviceListed]) -> list[tuple[Device, DeviceListed]]:
    """What to record so that these devices are listed as they are called now; nothing of those that are already."""
    found = list[tuple[Device, DeviceListed]]()
    for one in wanted:
        device = devices.get(one.device, Device(device=one.device))
        if not device.is_listed or any(getattr(device, key) != getattr(one, key) for key in one.__struct_fields__):
            found.append((device, one))
    return found


def issue(device: Device) -> CodeIssued | Refusal:
    if not device.is_listed:
        return Refusal("sensing.unknown-device", {"device": device.device}, "device")
    return CodeIssued(device=device.device, valid_for_s=CODE_VALID_S)


def enrol(device: Device, *, code_was_right: bool) -> DeviceEnrolled | Refusal:
    """Nobody is told which of code and device was wrong."""
    if not device.is_listed or not code_was_right:
        return Refusal("sensing.wrong-code", field="code")
    return DeviceEnrolled(device=device.device)


def too_many_tries(wait: timedelta) -> Refusal:
    return Refusal("sensing.too-many-tries", {"seconds": max(1, ceil(wait.total_seconds()))})


def revoke(device: Device, reason: str) -> DeviceRevoked | Refusal:
    if not device.is_listed:
        return Refusal("sensing.unknown-device", {"device": device.device}, "device")
    if device.revoked_at is not None:
        return Refusal("sensing.already-revoked", {"device": device.device})
    if not reason.strip():
        return Refusal("sensing.no-reason", field="reason")
    return DeviceRevoked(device=device.device, reason=reason.strip())


def ask_for_test(device: Device, type: DeviceType | None) -> SelfTestAsked | Refusal:
    if not device.is_listed or type is None:
        return Refusal("sensing.unknown-device", {"device": device.device}, "device")
    if not type.self_test or not device.may_speak:
        return Refusal("sensing.no-self-test", {"device": device.device})
    if device.test_asked_at is not None:
        return Refusal("sensing.test-asked", {"device": device.device})
    return SelfTestAsked(device=device.device)


def voice_changed(
    device: Device, last: datetime | None, silent_after_s: int, now: datetime
) -> DeviceFellSilent | DeviceSpokeAgain | None:
    """The fact to record of this device, if it fell silent or spoke again. One never heard is not silent."""
    if last is None or device.revoked_at is not None:
        return None
    silent = now - last > timedelta(seconds=silent_after_s)
    if silent and device.silent_since is None:
        return DeviceFellSilent(device=device.device, last=last)
    if not silent and device.silent_since is not None:
        return DeviceSpokeAgain(device=device.device)
    return None


def refused(device: Device, pending: Sequence[tuple[str, int, str]]) -> DeviceRefused | None:
    """One fact for all that was refused since the last. pending: reason, how often, about; the most frequent is named."""
    if not pending or not device.is_listed:
        return None
    reason, _, about = max(pending, key=lambda one: (one[1], one[0]))
    return DeviceRefused(device=device.device, reason=reason, count=sum(one[1] for one in pending), about=about)


def increase(values: Sequence[float]) -> float:
    """How much a counter rose over these readings, in the order of their own time.

    A counter that says less than before has begun anew at zero: what it says is what came since.
    """
    return sum((after - before if after >= before else after) for before, after in pairwise(values))

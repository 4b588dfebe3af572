# SPDX-License-Identifier: Apache-2.0
"""A delta: what has changed from one version of a status list to another, signed. Our own format, no standard has one.

A CWT with the list's claims (sub, iat, extent of the new version) and -65539: [version it starts from, SHA-256 of the new bits,
gaps]. The indexes whose bit changes are told in rising order, each by how many unchanged ones lie before it since the last. A bit
that changes twice is not told. Whoever applies a delta holds the hash of what results, so a list cannot go astray.
"""

from datetime import datetime
from hashlib import sha256

from fourleaf.standards import cbor, cwt
from fourleaf.standards.cbor import Malformed, Map, Value
from fourleaf.standards.keyring import Keyring, Opened, SigningKey
from fourleaf.standards.status_list.bits import StatusList, length
from fourleaf.standards.status_list.token import Reason, about, checked, extent, over

MEDIA_TYPE = "application/vnd.fourleaf.statuslistdelta+cwt"
CHANGES = -65539
_LONGEST = 1 << 16


def difference(old: StatusList, new: StatusList, key: SigningKey) -> bytes:
    """From old to new. Limits: a list never shrinks; over 64 KB, send the whole list.

    Raises: ValueError
    """
    if old.uri != new.uri or old.version >= new.version or old.size > new.size:
        raise ValueError("a delta leads to a later version of the same list")
    gaps = _gaps(old.bits.ljust(len(new.bits), b"\0"), new.bits)
    said: Map = {**about(new), CHANGES: [old.version, sha256(new.bits).digest(), gaps]}
    message = key.signed(cbor.encode(said), kind=MEDIA_TYPE)
    if len(message) > _LONGEST:
        raise ValueError("too many changes for a delta")
    return message


def apply(held: StatusList, message: bytes, ring: Keyring, now: datetime) -> StatusList | Reason:
    """The list with its changes. wrong-base: the delta does not start from the list held; fetch the whole one."""
    opened = ring.open(message, now, longest=_LONGEST, kind=MEDIA_TYPE)
    if not isinstance(opened, Opened):
        return opened
    try:
        said = cwt.claims(opened.payload, longest=_LONGEST)
        uri, version, size, issued_at = extent(said)
        base, digest, gaps = _changes(said)
        if uri != held.uri:
            return "other-list"
        if base != held.version or version <= base or size < held.size:
            return "wrong-base"
        found = StatusList(
            uri=uri, version=version, size=size, bits=_changed(held.bits, gaps, size), issued_at=issued_at
        )
        checked(found)
    except Malformed:
        return "bad-code"
    if sha256(found.bits).digest() != digest:
        return "wrong-base"
    return "expired" if over(said, now) else found


def _gaps(old: bytes, new: bytes) -> list[Value]:
    gaps, after = list[Value](), 0
    for at, (before, now) in enumerate(zip(old, new, strict=True)):
        if before != now:
            for bit in range(8):
                if (before ^ now) >> bit & 1:
                    gaps.append(8 * at + bit - after)
                    after = 8 * at + bit + 1
    return gaps


def _changes(said: Map) -> tuple[int, bytes, list[int]]:
    match said.get(CHANGES):
        case [int() as base, bytes() as digest, list() as gaps]:
            numbers = [gap for gap in gaps if type(gap) is int and gap >= 0]
            if len(numbers) == len(gaps) and type(base) is int:
                return base, digest, numbers
    raise Malformed("no changes")


def _changed(bits: bytes, gaps: list[int], size: int) -> bytes:
    changed, index = bytearray(bits.ljust(length(size), b"\0")), -1
    for gap in gaps:
        index += gap + 1
        if index >= size:
            raise Malformed("a change beyond the list")
        changed[index >> 3] ^= 1 << (index & 7)
    return bytes(changed)

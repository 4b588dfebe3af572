# SPDX-License-Identifier: Apache-2.0
"""A status list signed as a CWT (draft section 5.2)."""

from datetime import UTC, datetime
from typing import Literal, TypeAlias

from fourleaf.standards import cbor, cwt
from fourleaf.standards.cbor import Malformed, Map
from fourleaf.standards.keyring import Keyring, Opened, SigningKey, Untrusted
from fourleaf.standards.status_list.bits import MOST, StatusList, length, packed, unpacked

Reason: TypeAlias = Untrusted | Literal["expired", "other-list", "wrong-base"]

MEDIA_TYPE = "application/statuslist+cwt"
STATUS_LIST = 65533
# Ours, [version, size]: the standard knows no versions, and counts eight indexes at a time.
EXTENT = -65538
_LONGEST = MOST // 8 + 1024
_VERSIONS = 1 << 32


def sign(held: StatusList, key: SigningKey) -> bytes:
    """Raises: ValueError, if version or time is out of bounds."""
    return key.signed(cbor.encode({**about(held), STATUS_LIST: packed(held.bits)}), kind=MEDIA_TYPE)


def read(message: bytes, ring: Keyring, now: datetime, *, uri: str) -> StatusList | Reason:
    """Never raises for what a message holds. Limits: how old a list may be is for the gate's policy to say, by issued_at."""
    opened = ring.open(message, now, longest=_LONGEST, kind=MEDIA_TYPE)
    if not isinstance(opened, Opened):
        return opened
    try:
        # The draft's own examples do not order their claims.
        said = cwt.claims(opened.payload, longest=_LONGEST, ordered=False)
        found = _listed(said)
    except Malformed:
        return "bad-code"
    if found.uri != uri:
        return "other-list"
    return "expired" if over(said, now) else found


def about(held: StatusList) -> Map:
    """The claims that a list and a delta to it have in common."""
    issued = int(held.issued_at.timestamp())
    if not 0 <= held.version < _VERSIONS or not 0 <= issued < 1 << 32:
        raise ValueError("a version or a time is out of bounds")
    return {cwt.SUBJECT: held.uri, cwt.ISSUED: issued, EXTENT: [held.version, held.size]}


def extent(said: Map) -> tuple[str, int, int, datetime]:
    """Address, version, size and time.

    Raises: Malformed
    """
    match said:
        case {cwt.SUBJECT: str() as uri, cwt.ISSUED: int() as issued, -65538: [int() as version, int() as size]}:
            if bool not in (type(version), type(size)) and 0 <= version < _VERSIONS and 0 <= size <= MOST:
                return uri, version, size, _time(issued)
    raise Malformed("no list of ours")


def over(said: Map, now: datetime) -> bool:
    expires = said.get(cwt.EXPIRES)
    return isinstance(expires, int) and expires <= now.timestamp()


def checked(found: StatusList) -> StatusList:
    """Raises: Malformed, unless bits are as many as indexes, and those that fill up the last byte are 0."""
    spare = found.size % 8
    if len(found.bits) != length(found.size) or (spare and found.bits[-1] >> spare):
        raise Malformed("another number of bits than said")
    return found


def _listed(said: Map) -> StatusList:
    uri, version, size, issued_at = extent(said)
    bits = unpacked(said.get(STATUS_LIST, 0), length(size))
    return checked(StatusList(uri=uri, version=version, size=size, bits=bits, issued_at=issued_at))


def _time(issued: int) -> datetime:
    if not 0 <= issued < 1 << 32:
        raise Malformed("a time out of bounds")
    return datetime.fromtimestamp(issued, UTC)

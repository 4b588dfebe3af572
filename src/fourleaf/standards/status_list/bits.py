# SPDX-License-Identifier: Apache-2.0
"""The bits of a status list, and how they are packed (draft section 4)."""

import zlib
from collections.abc import Iterable
from datetime import datetime

import msgspec

from fourleaf.standards.cbor import Malformed, Map, Value

# A megabyte of bits. Whoever needs more issues a second list.
MOST = 1 << 23


class StatusList(msgspec.Struct, frozen=True, kw_only=True):
    """Which indexes are not valid: bit i % 8 of byte i // 8 is set.

    version: grows with each list; never take one that is older than the one held. size: indexes that it tells of.
    """

    uri: str
    version: int
    size: int
    bits: bytes
    issued_at: datetime

    def invalid(self, index: int) -> bool | None:
        """None: the list does not tell of this index. That is unknown, not valid."""
        if not 0 <= index < self.size:
            return None
        return bool(self.bits[index >> 3] >> (index & 7) & 1)


def made(uri: str, version: int, size: int, invalid: Iterable[int], issued_at: datetime) -> StatusList:
    """Raises: ValueError"""
    if not 0 <= size <= MOST:
        raise ValueError(f"a list tells of {MOST} indexes at most")
    bits = bytearray(length(size))
    for index in invalid:
        if not 0 <= index < size:
            raise ValueError("an index that the list does not tell of")
        bits[index >> 3] |= 1 << (index & 7)
    return StatusList(uri=uri, version=version, size=size, bits=bytes(bits), issued_at=issued_at)


def length(size: int) -> int:
    return (size + 7) // 8


def packed(bits: bytes) -> Map:
    return {"bits": 1, "lst": zlib.compress(bits, 9)}


def unpacked(status_list: Value, longest: int = MOST // 8) -> bytes:
    """The bits. longest: bytes; a list that would unpack to more is not unpacked any further.

    Raises: Malformed
    """
    match status_list:
        case {"bits": int() as width, "lst": bytes() as lst} if type(width) is int and width == 1:
            return _inflated(lst, longest)
    raise Malformed("no status list of one bit")


def _inflated(lst: bytes, longest: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        # One byte more than may be, so that it shows; never 0, which would mean without end.
        bits = stream.decompress(lst, longest + 1)
    except zlib.error as error:
        raise Malformed("no ZLIB stream") from error
    if len(bits) > longest or not stream.eof or stream.unused_data:
        raise Malformed("too long, cut off, or something follows")
    return bits

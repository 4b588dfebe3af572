# SPDX-License-Identifier: Apache-2.0
"""Base45 (RFC 9285): bytes as the 45 signs that a QR code packs most tightly."""

import struct

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_NO_SIGN = 255
_VALUES = bytes(_SIGNS.find(chr(byte)) % 256 for byte in range(256))


def encode(raw: bytes) -> str:
    said = list[str]()
    for start in range(0, len(raw) - 1, 2):
        rest, low = divmod(raw[start] << 8 | raw[start + 1], 45)
        high, middle = divmod(rest, 45)
        said += (_SIGNS[low], _SIGNS[middle], _SIGNS[high])
    if len(raw) % 2:
        high, low = divmod(raw[-1], 45)
        said += (_SIGNS[low], _SIGNS[high])
    return "".join(said)


def decode(text: str) -> bytes:
    """Each run of bytes has one text only, so what decodes at all is as it was written. The space is a sign: strip nothing.

    Raises: ValueError
    """
    values = text.encode("ascii").translate(_VALUES)
    whole = len(values) - len(values) % 3
    signs = zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True)
    pairs = [low + 45 * middle + 2025 * high for low, middle, high in signs]
    if _NO_SIGN in values or max(pairs, default=0) > 0xFFFF:
        raise ValueError("a sign that base45 does not have, or three that stand for no two bytes")
    return struct.pack(f">{len(pairs)}H", *pairs) + _last(values[whole:])


def _last(values: bytes) -> bytes:
    if not values:
        return b""
    if len(values) == 1 or values[0] + 45 * values[1] > 0xFF:
        raise ValueError("signs at the end that stand for no byte")
    return bytes([values[0] + 45 * values[1]])

# SPDX-License-Identifier: Apache-2.0
"""CBOR (RFC 8949), the part that signed codes use, in its one deterministic form (section 4.2.1).

A reader of our own, for what it reads comes from strangers' phones. General readers make objects of tags, share references, grow
by announced lengths, follow nesting into the stack and take the same value in many forms; each of that would have to be caught
before or after. This one knows no tags, floats, null or indefinite lengths at all, believes no length beyond what is there,
stops at a depth, and is held against the library cbor2 by tests. There is nothing in it that a message can switch on.
"""

from collections.abc import Mapping
from typing import TypeAlias

Value: TypeAlias = "int | bool | bytes | str | list[Value] | Map"
Map: TypeAlias = "dict[int | str, Value]"

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_FALSE, _TRUE = 20, 21
# The least argument that needs 1, 2, 4 or 8 bytes of its own.
_LEAST = (24, 1 << 8, 1 << 16, 1 << 32)


class Malformed(ValueError):
    """Not CBOR, or not in the form that is agreed on."""


def encode(value: "int | bytes | str | list[Value] | Mapping[int, Value] | Map") -> bytes:
    """Limits: integers of 64 bits."""
    match value:
        case bool():
            return _head(_SIMPLE, _TRUE if value else _FALSE)
        case int():
            return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
        case bytes():
            return _head(_BYTES, len(value)) + value
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case list():
            return _head(_ARRAY, len(value)) + b"".join(map(encode, value))
        case _:
            pairs = sorted((encode(key), encode(one)) for key, one in value.items())
            return _head(_MAP, len(pairs)) + b"".join(key + one for key, one in pairs)


def decode(raw: bytes, *, longest: int, deepest: int = 4, ordered: bool = True) -> Value:
    """The one value that these bytes are.

    longest: bytes; more are not looked at. ordered: keys of maps stand in deterministic order; others' standards may have another.
    Raises: Malformed
    """
    if len(raw) > longest:
        raise Malformed("too long")
    reader = _Reader(raw, ordered)
    value = reader.value(deepest)
    if reader.at != len(raw):
        raise Malformed("something follows")
    return value


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    size = sum(argument >= least for least in _LEAST) - 1
    return bytes([major << 5 | 24 + size]) + argument.to_bytes(1 << size, "big")


class _Reader:
    __slots__ = ("_ordered", "_raw", "at")

    def __init__(self, raw: bytes, ordered: bool) -> None:
        self._raw, self._ordered, self.at = raw, ordered, 0

    def value(self, deepest: int) -> Value:
        if self.at >= len(self._raw):
            raise Malformed("cut off")
        first = self._raw[self.at]
        self.at += 1
        # Most heads are one byte: those take no call of their own.
        major, argument = first >> 5, first & 31
        if argument >= 24:
            argument = self._argument(major, argument - 24)
        if major <= _NEGATIVE:
            return argument if major == _UNSIGNED else -1 - argument
        if major == _BYTES:
            return self._take(argument)
        return self._other(major, argument, deepest)

    def _other(self, major: int, argument: int, deepest: int) -> Value:
        if major == _TEXT:
            return self._text(argument)
        if major == _SIMPLE and argument in (_FALSE, _TRUE):
            return argument == _TRUE
        if major in (_TAG, _SIMPLE):
            raise Malformed("a tag, a float, null or the like")
        return self._many(major, argument, deepest - 1)

    def _many(self, major: int, count: int, deepest: int) -> Value:
        # Each entry takes a byte at least, so a count beyond what is left is a lie, told before anything is made for it.
        if deepest < 0 or count > len(self._raw) - self.at:
            raise Malformed("too deep, or more announced than there is")
        if major == _ARRAY:
            return [self.value(deepest) for _ in range(count)]
        return self._map(count, deepest)

    def _map(self, count: int, deepest: int) -> Map:
        read, before = dict[int | str, Value](), b""
        for _ in range(count):
            start = self.at
            key = self.value(0)
            if type(key) is not int and type(key) is not str:
                raise Malformed("a key is a number or a text")
            told = self._raw[start : self.at]
            if key in read or (self._ordered and told <= before):
                raise Malformed("a key twice or out of order")
            read[key], before = self.value(deepest), told
        return read

    def _argument(self, major: int, size: int) -> int:
        if size > 3 or major == _SIMPLE:
            raise Malformed("an indefinite length, a float or the like")
        argument = int.from_bytes(self._take(1 << size), "big")
        if argument < _LEAST[size]:
            raise Malformed("not the shortest form")
        return argument

    def _take(self, count: int) -> bytes:
        taken = self._raw[self.at : self.at + count]
        if len(taken) != count:
            raise Malformed("cut off")
        self.at += count
        return taken

    def _text(self, count: int) -> str:
        try:
            return self._take(count).decode()
        except UnicodeDecodeError:
            raise Malformed("text that is not UTF-8") from None

# SPDX-License-Identifier: Apache-2.0
"""Squeezed: a stream of messages as gzip that never ends; what many screens are sent is compressed once for all of them."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from functools import lru_cache

# RFC 1952: deflate, without a name or a time. What is one stream to a browser has one head, and its end never comes.
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
# More than this is the first message of one screen alone, and takes some milliseconds.
LARGE = 32_768


async def squeezed(messages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same messages, each to be read as soon as it has come."""
    try:
        yield HEAD
        async for text in messages:
            yield await asyncio.to_thread(_deflated, text) if len(text) > LARGE else _shared(text)
    finally:
        if isinstance(messages, AsyncGenerator):
            await messages.aclose()


def _deflated(text: bytes) -> bytes:
    """Whole blocks that refer to nothing before them, so that they may stand in any stream."""
    press = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return press.compress(text) + press.flush(zlib.Z_FULL_FLUSH)


_shared = lru_cache(maxsize=32)(_deflated)

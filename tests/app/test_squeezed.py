# SPDX-License-Identifier: Apache-2.0
"""A stream as gzip: every message can be read as soon as it has come, and is compressed once for all."""

import zlib
from collections.abc import AsyncIterator

from fourleaf.app.squeezed import LARGE, squeezed

PULSE = b'event: pulse\ndata: {"state":"running"}\n\n'
SNAPSHOT = b"".join(b'{"layer":"state","thing":"terminal.T%05d","props":{"state":"out"}},' % n for n in range(2_000))


async def _messages(*texts: bytes) -> AsyncIterator[bytes]:
    for text in texts:
        yield text


async def test_each_message_is_whole_when_it_has_come_whatever_came_before() -> None:
    sent = (SNAPSHOT, PULSE, SNAPSHOT[:500], PULSE)
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)

    head, *read = [reader.decompress(block) async for block in squeezed(_messages(*sent))]

    assert len(SNAPSHOT) > LARGE
    assert head == b""
    assert tuple(read) == sent


async def test_what_two_screens_are_sent_is_compressed_once() -> None:
    first, second = [[block async for block in squeezed(_messages(PULSE))] for _ in range(2)]

    assert first[1] is second[1]


async def test_who_goes_away_lets_go_of_the_stream() -> None:
    gone: list[bool] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield PULSE
        finally:
            gone.append(True)

    stream = squeezed(endless())
    await anext(stream)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]

    assert gone == [True]

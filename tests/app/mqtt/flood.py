# SPDX-License-Identifier: Apache-2.0
"""A flood, as a process of its own: connections that nobody should let in, as many as this machine opens, until its input ends."""

import asyncio
import struct
import sys
from contextlib import suppress
from itertools import count

AT_ONCE = 300


def connect(client_id: str, user: str, password: str) -> bytes:
    """CONNECT of MQTT 3.1.1."""
    fields = b"".join(struct.pack("!H", len(one)) + one.encode() for one in (client_id, user, password))
    rest = b"\x00\x04MQTT\x04\xc2\x00\x3c" + fields
    assert len(rest) < 16_384
    return b"\x10" + bytes([len(rest) % 128 | 0x80, len(rest) // 128]) + rest


async def _one(port: int, user: str, number: int) -> None:
    """Asks, waits a little for the answer and is gone: the broker's question stands all the same."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(connect(f"x{number}", user, f"guess-{number}"))
    with suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await reader.read(4)
    writer.close()


async def _again(port: int, users: list[str], numbers: "count[int]") -> None:
    while True:
        number = next(numbers)
        with suppress(OSError):
            await _one(port, users[number % len(users)], number)


async def _flood(port: int, users: list[str]) -> None:
    numbers = count()
    tasks = [asyncio.create_task(_again(port, users, numbers)) for _ in range(AT_ONCE)]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(next(numbers))


if __name__ == "__main__":
    asyncio.run(_flood(int(sys.argv[1]), sys.argv[2:]))

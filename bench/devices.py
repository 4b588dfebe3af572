# SPDX-License-Identifier: Apache-2.0
"""Devices: many that speak MQTT 3.1.1 from a process of their own, with as little work as can be: they are not what is measured.

With paho and a thread each, one process that made devices was busier than the broker and the worker together.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import Connection as Pipe
from struct import pack
from time import monotonic
from typing import NamedTuple

# Messages a device sends before the first of them is acknowledged.
IN_FLIGHT = 20
AGAIN_S, READY_FOR_S, ACKNOWLEDGED_FOR_S = 0.5, 60.0, 240.0
_CONNECT, _PUBLISH_QOS_1 = 0x10, 0x32
_ACCEPTED = b"\x20\x02\x00\x00"
# A PUBACK; nothing else comes to who has subscribed to nothing and asks for no ping.
_ACK_BYTES = 4


class Login(NamedTuple):
    user: str
    secret: str
    client_id: str
    topic: str


class Devices:
    """The far end: what is sent here, all devices send."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def send(self, bodies: Sequence[bytes]) -> None:
        """Let each of them send all of these, as fast as it is answered."""
        self._pipe.send(list(bodies))

    def wait(self) -> None:
        """Until the last is acknowledged. Raises: TimeoutError."""
        if not self._pipe.poll(ACKNOWLEDGED_FOR_S):
            raise TimeoutError("not all messages were acknowledged")
        self._pipe.recv()


@contextmanager
def devices(port: int, logins: Sequence[Login]) -> Iterator[Devices]:
    """One device a login, connected. Raises: TimeoutError; EOFError when one is not let in."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(theirs, port, list(logins)))
    process.start()
    theirs.close()
    try:
        if not ours.poll(2 * READY_FOR_S):
            raise TimeoutError("the devices were not let in")
        ours.recv()
        yield Devices(ours)
    finally:
        ours.close()  # they end when nobody speaks to them any more
        process.join(20)


def run(pipe: Pipe, port: int, logins: Sequence[Login]) -> None:
    asyncio.run(_run(pipe, port, logins))


async def _run(pipe: Pipe, port: int, logins: Sequence[Login]) -> None:
    made = [await _let_in(port, login) for login in logins]
    pipe.send("ready")
    while True:
        try:
            bodies = await asyncio.to_thread(pipe.recv)
        except EOFError:
            return
        await asyncio.gather(*(device.send(bodies) for device in made))
        pipe.send("acknowledged")


async def _let_in(port: int, login: Login) -> "_Device":
    """Knock until somebody opens: the worker may not be there yet."""
    until = monotonic() + READY_FOR_S
    while True:
        _, device = await asyncio.get_running_loop().create_connection(lambda: _Device(login), "127.0.0.1", port)
        try:
            await device.let_in
        except ConnectionError:
            if monotonic() > until:
                raise
            await asyncio.sleep(AGAIN_S)
        else:
            return device


class _Device(asyncio.Protocol):
    def __init__(self, login: Login) -> None:
        self._login = login
        self._waiting: Iterator[bytes] = iter(())
        self._got, self._open = b"", 0
        self.let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._line = transport
        login = self._login
        # Protocol level 4; user name, password and a clean session; no keep-alive.
        body = _text("MQTT") + b"\x04\xc2\x00\x00" + b"".join(map(_text, (login.client_id, login.user, login.secret)))
        transport.write(_packet(_CONNECT, body))

    def connection_lost(self, error: Exception | None) -> None:
        for waiting in (self.let_in, self._done):
            if waiting and not waiting.done():
                waiting.set_exception(error or ConnectionError(f"{self._login.user} was cut off"))

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self.let_in.done():
            if len(self._got) < len(_ACCEPTED):
                return
            if self._got != _ACCEPTED:
                self.let_in.set_exception(ConnectionError(f"{self._login.user} was not let in: {self._got.hex()}"))
                return
            self._got = b""
            self.let_in.set_result(None)
            return
        acknowledged = len(self._got) // _ACK_BYTES
        self._got = self._got[acknowledged * _ACK_BYTES :]
        self._go_on(acknowledged)

    async def send(self, bodies: Sequence[bytes]) -> None:
        topic = _text(self._login.topic)
        self._waiting = (
            _packet(_PUBLISH_QOS_1, topic + pack(">H", 1 + number % 65_535) + body)
            for number, body in enumerate(bodies)
        )
        self._done = asyncio.get_running_loop().create_future()
        self._open = IN_FLIGHT
        self._go_on(IN_FLIGHT)
        await self._done

    def _go_on(self, acknowledged: int) -> None:
        some = list(islice(self._waiting, acknowledged))
        self._open -= acknowledged - len(some)
        if some:
            self._line.write(b"".join(some))
        elif not self._open and self._done and not self._done.done():
            self._done.set_result(None)


def _text(text: str) -> bytes:
    return pack(">H", len(text.encode())) + text.encode()


def _packet(kind: int, body: bytes) -> bytes:
    """A packet with its length before it: seven bits a byte, the least first."""
    length, size = bytearray(), len(body)
    while size > 127:
        length.append(size % 128 | 128)
        size //= 128
    return bytes([kind, *length, size]) + body

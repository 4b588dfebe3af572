# SPDX-License-Identifier: Apache-2.0
"""Inbox: what devices sent, in the order it was stored, held by the broker until we say that we have it.

MQTT messages of QoS 1 and 2 are in the server's own stream before the device is told that they arrived, and that stream
keeps them as long as a consumer wants them. So our consumer is on that stream: one of our own would be filled behind the
device's back. QoS 0 promises nothing; such messages are heard while we listen, and counted when we cannot keep up.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from fourleaf.messaging.names import Spoken, of_subject
from fourleaf.messaging.server import MOST_STORED_BYTES

STREAM, CONSUMER = "$MQTT_msgs", "intake"
_PREFIX = "$MQTT.msgs."
_NEXT = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{CONSUMER}"
# A pull that brings nothing ends by itself and is made anew: so it outlives a server that was away.
PULL_FOR_S = 5.0
# Brought again when the batch before was not acknowledged for so long, such as by a worker that was killed.
ACK_FOR_S = 10.0
MOST_AT_ONCE = 1_000
MOST_UNPROMISED = 10_000


class Parcel(NamedTuple):
    """One message. spoken: None when its topic is no device's. ack: where to say that it is kept; None for QoS 0."""

    spoken: Spoken | None
    body: bytes
    received: datetime
    ack: str | None


class Inbox:
    """Our place in the stream."""

    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._here: deque[Msg] = deque()
        self._unpromised: deque[Msg] = deque()
        self._came = asyncio.Event()
        self._due, self._wanted = 0, float("-inf")
        self.lost, self.waiting = 0, 0

    async def open(self) -> None:
        """Make the stream and our place in it, if they are not there; they must be before any device comes."""
        context = self._client.jetstream()
        config = StreamConfig(
            name=STREAM,
            subjects=[f"{_PREFIX}>"],
            retention=RetentionPolicy.INTEREST,
            storage=StorageType.FILE,
            max_bytes=MOST_STORED_BYTES,
            discard=DiscardPolicy.NEW,
            num_replicas=1,
        )
        try:
            await context.stream_info(STREAM)
        except NotFoundError:
            await context.add_stream(config)
        place = ConsumerConfig(
            durable_name=CONSUMER,
            filter_subject=f"{_PREFIX}d.>",
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_FOR_S,
            max_ack_pending=2 * MOST_AT_ONCE,
        )
        await context.add_consumer(STREAM, place)
        self._box = self._client.new_inbox()
        await self._client.subscribe(self._box, cb=self._put)
        await self._client.subscribe("d.*.*.*", cb=self._put_unpromised)

    async def some(self) -> list[Parcel]:
        """What is there, at most so many; waits for the first."""
        while True:
            if self._due <= 0 or asyncio.get_running_loop().time() > self._wanted + PULL_FOR_S + 1:
                await self._pull()
            if found := self._taken():
                return found
            self._came.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._came.wait()

    async def keep(self, parcels: Sequence[Parcel]) -> None:
        """Say that these are kept: the broker lets go of them.

        Of each one: to acknowledge the last for all before it would lose those that wait to be brought again.
        """
        for parcel in parcels:
            if parcel.ack:
                await self._client.publish(parcel.ack, b"+ACK")

    async def _pull(self) -> None:
        loop = asyncio.get_running_loop()
        wanted = {"batch": MOST_AT_ONCE, "expires": int(PULL_FOR_S * 1e9)}
        self._due, self._wanted = MOST_AT_ONCE, loop.time()
        await self._client.publish(_NEXT, msgspec.json.encode(wanted), reply=self._box)

    async def _put(self, message: Msg) -> None:
        if message.reply:
            self._due -= 1
            self._here.append(message)
        else:  # the end of a pull: it timed out, or our place in the stream is not there yet
            self._due = 0
        self._came.set()

    async def _put_unpromised(self, message: Msg) -> None:
        if (message.headers or {}).get("Nmqtt-Pub") != "0":
            return
        if len(self._unpromised) >= MOST_UNPROMISED:
            self.lost += 1
            return
        self._unpromised.append(message)
        self._came.set()

    def _taken(self) -> list[Parcel]:
        now = self._clock()
        unpromised = [self._unpromised.popleft() for _ in range(min(len(self._unpromised), MOST_AT_ONCE))]
        stored = [self._here.popleft() for _ in range(min(len(self._here), MOST_AT_ONCE))]
        if stored:
            self.waiting = int(stored[-1].reply.split(".")[-1])
        parcels = (Parcel(of_subject(one.subject), one.data, now, None) for one in unpromised)
        return list(itertools.chain(parcels, map(_stored, stored)))


def _stored(message: Msg) -> Parcel:
    """The reply address tells when it was stored: `$JS.ACK.<stream>.<consumer>.<times>.<no>.<no>.<nanoseconds>.<waiting>`."""
    nanoseconds = int(message.reply.split(".")[-2])
    at = datetime.fromtimestamp(nanoseconds / 1e9, UTC)
    return Parcel(of_subject(message.subject), message.data, at, message.reply)

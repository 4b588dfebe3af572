# SPDX-License-Identifier: Apache-2.0
"""Line: our connections to the broker. They come back by themselves as long as the process lives."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import nats
from nats.aio.client import Client
from nats.errors import Error

from fourleaf.messaging.keys import Keys

log = logging.getLogger("fourleaf.messaging")

AGAIN_S = 1.0
CONNECT_FOR_S = 5
# A line that does not end in so long is left to end by itself.
END_FOR_S = 2.0


@asynccontextmanager
async def line(url: str, keys: Keys, role: str) -> AsyncIterator[Client]:
    """A connection in this role. Raises: OSError, nats.errors.Error when nobody answers at the first try."""
    client = await nats.connect(
        url,
        user=role,
        password=keys.passwords[role],
        name=f"fourleaf {role}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=AGAIN_S,
        connect_timeout=CONNECT_FOR_S,
        allow_reconnect=True,
        error_cb=_say,
    )
    try:
        yield client
    finally:
        with suppress(Error, OSError, TimeoutError):
            await asyncio.wait_for(client.close(), END_FOR_S)


async def _say(error: Exception) -> None:
    log.warning("broker: %s: %s", type(error).__name__, error)

# SPDX-License-Identifier: Apache-2.0
"""Tasks: several that live and end together."""

import asyncio
from collections.abc import Collection
from typing import Any

# Time enough to hand a connection back or to close a pool before it is told again.
AGAIN_S = 3.0


async def until_one_ends(tasks: Collection[asyncio.Task[Any]], *, again_s: float = AGAIN_S) -> None:
    """Wait until one of them is done or fails, then end the others.

    Raises: an ExceptionGroup of all that failed
    """
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks, again_s=again_s)
    if errors := [error for task in tasks if not task.cancelled() and isinstance(error := task.exception(), Exception)]:
        raise ExceptionGroup("fell", errors)


async def end(tasks: Collection[asyncio.Task[Any]], *, again_s: float = AGAIN_S) -> None:
    """Cancel until they have ended, whatever comes of them.

    Once is not enough: `asyncio.wait_for`, on which psycopg waits for its server, loses a cancellation that comes in the
    moment its wait is over (Python 3.11, bpo-42130), and a task that loses its own goes on for ever.
    """
    cancelled: asyncio.CancelledError | None = None
    while left := {task for task in tasks if not task.done()}:
        for task in left:
            task.cancel()
        try:
            await asyncio.wait(left, timeout=again_s)
        except asyncio.CancelledError as error:  # first they, then we
            cancelled = error
    if cancelled:
        raise cancelled

# SPDX-License-Identifier: Apache-2.0
"""Tasks that live together end together, even one that loses a cancellation."""

import asyncio
from contextlib import suppress

import pytest

from fourleaf.app.tasks import end, until_one_ends


async def _deaf_once() -> None:
    """What `asyncio.wait_for` of Python 3.11 does to a cancellation at the wrong moment: the task goes on."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    await asyncio.sleep(60)


async def _falls(error: Exception) -> None:
    await asyncio.sleep(0)
    raise error


async def test_a_task_that_loses_its_cancellation_is_cancelled_again() -> None:
    task = asyncio.create_task(_deaf_once())
    await asyncio.sleep(0)

    await end([task], again_s=0.01)

    assert task.cancelled()


async def test_when_one_falls_all_end_and_the_reason_is_told() -> None:
    deaf, error = asyncio.create_task(_deaf_once()), ConnectionError("the server has gone")

    with pytest.raises(ExceptionGroup) as told:
        await until_one_ends([deaf, asyncio.create_task(_falls(error))], again_s=0.01)

    assert told.value.exceptions == (error,)
    assert deaf.cancelled()


async def test_when_one_is_done_the_others_end_quietly() -> None:
    deaf, done = asyncio.create_task(_deaf_once()), asyncio.create_task(asyncio.sleep(0, "done"))

    await until_one_ends([deaf, done], again_s=0.01)

    assert (done.result(), deaf.cancelled()) == ("done", True)


async def test_who_is_cancelled_while_it_waits_takes_all_with_it() -> None:
    deaf = asyncio.create_task(_deaf_once())
    waiting = asyncio.create_task(until_one_ends([deaf], again_s=0.01))
    await asyncio.sleep(0)

    await end([waiting], again_s=0.01)

    assert (waiting.cancelled(), deaf.cancelled()) == (True, True)

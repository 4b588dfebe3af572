# SPDX-License-Identifier: Apache-2.0
"""Crew: the same work in several processes, which start every leg together."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from multiprocessing.pool import AsyncResult
from multiprocessing.synchronize import Barrier
from time import monotonic
from typing import Any

import msgspec
import uvloop

# What one process of a crew does in one leg: gives the spans of its single operations, in seconds.
Leg = Callable[[], Awaitable[list[float]]]
# Makes the legs of one process: name -> leg. Entered once; connections live as long as the process works.
Work = Callable[..., Coroutine[Any, Any, None]]

WAIT_S = 120
_together: Barrier | None = None


class Run(msgspec.Struct, frozen=True):
    """One leg of one process. Unit: monotonic seconds."""

    leg: str
    began: float
    ended: float
    spans: list[float]


class Crew:
    """Given to the work of each process: runs its legs in step with the other processes."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    async def leg(self, name: str, work: Leg) -> None:
        assert _together is not None
        await asyncio.to_thread(_together.wait, WAIT_S)
        began = monotonic()
        spans = await work()
        self.runs.append(Run(name, began, monotonic(), spans))


def together(work: Work, arguments: Sequence[tuple[Any, ...]]) -> list[list[Run]]:
    """Run `work(crew, *arguments)` in a process for each tuple of arguments. Gives the legs of each process."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(arguments))
    with context.Pool(len(arguments), initializer=_join, initargs=(barrier,)) as pool:
        results: list[AsyncResult[list[Run]]] = [pool.apply_async(_work, (work, given)) for given in arguments]
        return [result.get() for result in results]


def rates(crew: Sequence[Sequence[Run]], leg: str, weight: int = 1) -> list[float]:
    """Operations a second of all processes together, a round each: from the first start to the last end."""
    rounds = zip(*[[run for run in one if run.leg == leg] for one in crew], strict=True)
    return [_rate(each, weight) for each in rounds]


def spans(crew: Sequence[Sequence[Run]], leg: str) -> list[float]:
    return [span for one in crew for run in one if run.leg == leg for span in run.spans]


def _rate(runs: Sequence[Run], weight: int) -> float:
    took = max(run.ended for run in runs) - min(run.began for run in runs)
    return sum(len(run.spans) for run in runs) * weight / took


def _join(barrier: Barrier) -> None:
    global _together
    _together = barrier


def _work(work: Work, given: tuple[Any, ...]) -> list[Run]:
    """On the loop that the web server runs on."""
    crew = Crew()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(crew, *given))
    return crew.runs

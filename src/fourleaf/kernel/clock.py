# SPDX-License-Identifier: Apache-2.0
"""Clock: edition time, real or scaled. Nothing reads the machine's clock but app."""

from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class Clock(Protocol):
    def now(self) -> datetime:
        """Edition time, aware, UTC."""
        ...


class SteppedClock:
    """A clock that moves only when told: for tests, replay and rebuild."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def step(self, by: timedelta) -> None:
        self.at += by


# The worker re-anchors a run's clock every second. An anchor older than this means that the worker
# is gone, so edition time stands still instead of running away from it.
ANCHOR_HOLDS = timedelta(seconds=3)


class RunClock(msgspec.Struct, frozen=True, kw_only=True):
    """A scaled clock as an anchor: at wall_at it was edition_at, running at speed.

    Unit: speed in edition seconds per wall second; 0 stands still.
    """

    edition_at: datetime
    wall_at: datetime
    speed: float
    ends_at: datetime | None = None

    def at(self, wall: datetime) -> datetime:
        elapsed = min(max(wall - self.wall_at, timedelta()), ANCHOR_HOLDS)
        edition = self.edition_at + elapsed * self.speed
        return min(edition, self.ends_at) if self.ends_at else edition


# The world outside of a rehearsal tells its backlog every second. What was told longer ago counts as growing since.
TOLD_HOLDS = timedelta(seconds=3)


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What the world outside last told of itself.

    Unit: waiting_s is how many wall seconds the oldest thing due had waited to be answered.
    """

    waiting_s: float
    told_at: datetime

    def at(self, wall: datetime) -> float:
        """Unit: wall seconds behind. One who has fallen silent is behind since then: it may have been killed."""
        silent = wall - self.told_at - TOLD_HOLDS
        return self.waiting_s + max(0.0, silent.total_seconds())


# A rehearsal slows when its tail or its world outside is this far behind, and speeds up again when both have caught up.
SLOW_ABOVE_S = 1.0
FASTER_BELOW_S = 0.3


def next_speed(speed: float, *, wanted: float, lag_s: float) -> float:
    """The speed of a scaled clock for the next second, given how far the tail or the world outside is behind.

    Method: halve while behind, but never below real time; come back by quarters, never above what is wanted.
    """
    if lag_s > SLOW_ABOVE_S:
        return max(min(1.0, wanted), min(speed, wanted) / 2)
    if lag_s < FASTER_BELOW_S:
        return min(wanted, max(speed, 1.0) * 1.25)
    return min(speed, wanted)

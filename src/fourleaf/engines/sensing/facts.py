# SPDX-License-Identifier: Apache-2.0
"""Sensing: what readings mean. Readings themselves are not facts; only transitions are."""

from datetime import datetime
from typing import ClassVar, Literal

from fourleaf.kernel.fact import Body

Level = Literal["calm", "watch", "alert"]


class LevelChanged(Body, frozen=True, kw_only=True):
    """A hall passed one of its thresholds. Unit: occupancy and threshold in persons (of the sample)."""

    KIND: ClassVar[str] = "sensing.LevelChanged"
    hall: str
    before: Level
    after: Level
    occupancy: int
    threshold: int


class FellSilent(Body, frozen=True, kw_only=True):
    """A door that reported has stopped. last: the last minute it reported."""

    KIND: ClassVar[str] = "sensing.FellSilent"
    door: str
    hall: str
    last: datetime


class SpokeAgain(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "sensing.SpokeAgain"
    door: str
    hall: str

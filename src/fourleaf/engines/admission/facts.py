# SPDX-License-Identifier: Apache-2.0
"""Admission: people at gates. A passage stands on the holder's stream; lane, gate and direction are fields."""

from datetime import date
from typing import ClassVar, Literal

from fourleaf.kernel.fact import Body

Direction = Literal["in", "out"]


class Entered(Body, frozen=True, kw_only=True):
    """A holder went in through a lane. day: the show day it counts for."""

    KIND: ClassVar[str] = "admission.Entered"
    lane: str
    gate: str
    day: date


class Left(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "admission.Left"
    lane: str
    gate: str
    day: date


class TurnedAway(Body, frozen=True, kw_only=True):
    """A refusal is a fact too: it is evidence, not an error. code: the refusal's code."""

    KIND: ClassVar[str] = "admission.TurnedAway"
    lane: str
    gate: str
    day: date
    direction: Direction
    code: str

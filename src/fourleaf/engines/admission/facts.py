# SPDX-License-Identifier: Apache-2.0
"""Admission: people at gates. A passage stands on the holder's stream; lane, gate and direction are fields."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from fourleaf.kernel.fact import Body, Upcast

Direction = Literal["in", "out"]
# Who decided: the server, a lane without it, or a person against the table.
How = Literal["online", "offline", "override"]


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What whoever decided knew. status: of the credential; list: version of the status list, "" where the server was asked."""

    status: str = ""
    list: str = ""
    list_age_s: int | None = None
    clock_trusted: bool = True


class Entered(Body, frozen=True, kw_only=True):
    """A holder went in through a lane. day: the show day it counts for; first: the holder's first entry of that day that was told.

    index: of the credential, if there was one; category: its number, 0 without; table: version of the rule table; nonce, counter:
    the device's own names of the passage; reason: of who let pass against the table.
    """

    KIND: ClassVar[str] = "admission.Entered"
    SCHEMA: ClassVar[int] = 2
    lane: str
    gate: str
    day: date
    first: bool = False
    index: int | None = None
    category: int = 0
    how: How = "online"
    table: str = ""
    known: Known = Known()
    nonce: str = ""
    counter: int | None = None
    reason: str = ""


class Left(Body, frozen=True, kw_only=True):
    """A holder went out through a lane. Fields as of `Entered`."""

    KIND: ClassVar[str] = "admission.Left"
    SCHEMA: ClassVar[int] = 2
    lane: str
    gate: str
    day: date
    index: int | None = None
    category: int = 0
    how: How = "online"
    table: str = ""
    known: Known = Known()
    nonce: str = ""
    counter: int | None = None
    reason: str = ""


class TurnedAway(Body, frozen=True, kw_only=True):
    """A refusal is a fact too: it is evidence, not an error. code: the refusal's code; outcome: ask, where a person was to look."""

    KIND: ClassVar[str] = "admission.TurnedAway"
    SCHEMA: ClassVar[int] = 2
    lane: str
    gate: str
    day: date
    direction: Direction
    code: str
    outcome: Literal["refuse", "ask"] = "refuse"
    index: int | None = None
    category: int = 0
    how: How = "online"
    table: str = ""
    known: Known = Known()
    nonce: str = ""
    counter: int | None = None


class KeyTrusted(Body, frozen=True, kw_only=True):
    """Lanes believe codes that this key has signed, from opens_at until before closes_at. x, y: its point on P-256, base64url."""

    KIND: ClassVar[str] = "admission.KeyTrusted"
    kid: str
    x: str
    y: str
    opens_at: datetime
    closes_at: datetime


def _as_it_was(body: dict[str, Any]) -> dict[str, Any]:
    """What was not told then has its default: decided online, by no table."""
    return body


UPCASTS: Mapping[tuple[str, int], Upcast] = {
    ("admission.Entered", 1): _as_it_was,
    ("admission.Left", 1): _as_it_was,
    ("admission.TurnedAway", 1): _as_it_was,
}

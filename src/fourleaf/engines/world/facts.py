# SPDX-License-Identifier: Apache-2.0
"""World: what can happen to things while the edition is on: to those of the venue, and to those of registers."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from fourleaf.kernel.fact import Body


class Closed(Body, frozen=True, kw_only=True):
    """A thing of the venue is out of use: a gate, a lane, a hall, an escalator. until: planned end, if any.

    protected: the label of those who alone read why and until when, "" where all the office does.
    """

    KIND: ClassVar[str] = "world.Closed"
    SCHEMA: ClassVar[int] = 2
    thing: str
    reason_zh: str
    reason_en: str
    until: datetime | None = None
    protected: str = ""


class Reopened(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "world.Reopened"
    thing: str


class Moved(Body, frozen=True, kw_only=True):
    """A thing stands elsewhere now. Unit: lon, lat in degrees WGS 84, as decimal strings."""

    KIND: ClassVar[str] = "world.Moved"
    thing: str
    level: str | None
    lon: str
    lat: str


class Added(Body, frozen=True, kw_only=True):
    """A thing stands in a register. values: field -> value, empty ones left out; unique: fields no other thing may share."""

    KIND: ClassVar[str] = "world.Added"
    register: str
    item: str
    values: dict[str, Any]
    unique: list[str] = msgspec.field(default_factory=list)


class Changed(Body, frozen=True, kw_only=True):
    """Fields of a thing say something else. changed: only these fields, null where one is empty now."""

    KIND: ClassVar[str] = "world.Changed"
    register: str
    item: str
    changed: dict[str, Any]
    unique: list[str] = msgspec.field(default_factory=list)


class Acted(Body, frozen=True, kw_only=True):
    """Something declared was done to so many of a thing: lent, returned, handed out. changed: the numbers it changed.

    name_zh, name_en: what the act was called then.
    """

    KIND: ClassVar[str] = "world.Acted"
    register: str
    item: str
    act: str
    name_zh: str
    name_en: str
    count: int
    changed: dict[str, Any]


class Removed(Body, frozen=True, kw_only=True):
    """A thing is no longer in its register. What it said stays in the log."""

    KIND: ClassVar[str] = "world.Removed"
    register: str
    item: str


class Restored(Body, frozen=True, kw_only=True):
    """A removed thing is back as it was."""

    KIND: ClassVar[str] = "world.Restored"
    register: str
    item: str


# (kind, schema) -> what brings its body to the next schema.
UPCASTS = {("world.Closed", 1): lambda body: body | {"protected": ""}}

# SPDX-License-Identifier: Apache-2.0
"""World: what can happen to the venue's things while the edition is on."""

from datetime import datetime
from typing import ClassVar

from fourleaf.kernel.fact import Body


class Closed(Body, frozen=True, kw_only=True):
    """A thing of the venue is out of use: a gate, a lane, a hall, an escalator. until: planned end, if any."""

    KIND: ClassVar[str] = "world.Closed"
    thing: str
    reason_zh: str
    reason_en: str
    until: datetime | None = None


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

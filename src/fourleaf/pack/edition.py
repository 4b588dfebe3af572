# SPDX-License-Identifier: Apache-2.0
"""Edition: a pack that was found right."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import msgspec

from fourleaf.pack.problems import Problem
from fourleaf.pack.venue import Venue


class ShowDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day. Hours are of the edition's zone; None on a day that does not open."""

    date: date
    name: dict[str, str]
    kind: str
    opens_at: time | None = None
    last_entry_at: time | None = None
    closes_at: time | None = None


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a load appends. value: JSON-able; integers and decimal strings, never floats."""

    kind: str
    key: str
    value: dict[str, Any]


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """The first things of one register, as the pack has them. hash: of all of them; things: id -> values."""

    of: str
    hash: str
    things: dict[str, dict[str, Any]]


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a right pack says."""

    id: str
    name: dict[str, str]
    zone: str
    days: tuple[ShowDay, ...]
    phases: tuple[dict[str, Any], ...]
    values: tuple[Declaration, ...]
    venue: Venue
    history: tuple[dict[str, Any], ...]
    contents: tuple[Contents, ...] = ()


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """edition: None when there is any problem."""

    problems: tuple[Problem, ...]
    edition: Edition | None


def plain(value: Any) -> Any:
    """A value as facts may hold it: measured numbers as decimal strings, days and hours as ISO 8601."""
    match value:
        case dict():
            return {key: plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case float():
            return f"{Decimal(repr(value)).normalize():f}"
        case time():
            return value.isoformat("minutes") if not value.second else value.isoformat("seconds")
        case date():
            return value.isoformat()
    return value

# SPDX-License-Identifier: Apache-2.0
"""Sent: what every body of a request keeps to: no other fields, no moment that no clock shows, no unprintable text."""

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused

# Outside of these years a moment is a mistake, and at the ends of the calendar no other zone can show it.
YEARS = range(2000, 2101)
FURTHEST_ZONE = timedelta(hours=14)
# Control characters but tab and line breaks; what turns the direction of writing around, so that a text reads other than
# it is; halves of characters, which are no text.
# A line break at the end would slip past the `$` of a pattern.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|[\r\n]\Z")


class Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body, or a part of one, as somebody sent it."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            _check(getattr(self, name), name)


def _check(value: Any, name: str) -> None:
    match value:
        case datetime():
            moment(value)
        case str() if _UNPRINTABLE.search(value):
            raise ValueError(f"{name} holds characters that cannot be printed, or ends with a line break")
        case dict():
            _check(list(value), name)
            _check(list(value.values()), name)
        case list() | tuple():
            for item in value:
                _check(item, name)


def moment(at: datetime) -> datetime:
    """The same moment, if an edition can know it.

    Raises: ValueError
    """
    zone = at.utcoffset()
    if zone is None or abs(zone) > FURTHEST_ZONE or at.year not in YEARS:
        raise ValueError(
            f"{at.isoformat()} is no moment from {YEARS[0]} to {YEARS[-1]} with a zone of at most 14 hours"
        )
    return at


def asked(at: datetime | None, field: str) -> datetime | None:
    """The same for a moment in a query.

    Raises: Refused
    """
    try:
        return moment(at) if at else None
    except ValueError as error:
        raise Refused(Refusal("request.invalid", field=field), 400) from error

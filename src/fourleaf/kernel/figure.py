# SPDX-License-Identifier: Apache-2.0
"""Figure: a number that can be published, because it says what it counts."""

from datetime import datetime
from typing import Literal

import msgspec

Bound = Literal["exact", "over", "nearly", "about", "preliminary"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """value in unit, of scope, as of a time (happened by, and known by), from a source.

    bound: the word it is printed with; a count of our own facts is exact.
    """

    key: str
    value: int | None
    unit: str
    scope: str
    as_of: datetime
    known_by: datetime | None = None
    bound: Bound = "exact"
    source: str

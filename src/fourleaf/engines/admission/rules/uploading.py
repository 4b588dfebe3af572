# SPDX-License-Identifier: Apache-2.0
"""Uploading: passages that a lane decided while it was cut off. They have happened; nothing is decided again."""

from datetime import datetime
from typing import Literal

import msgspec

from fourleaf.engines.admission.facts import Direction, Known


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One passage as a lane kept it. nonce, counter: made before the first try; at: of the device's clock.

    index, holder: of the code; without both nobody knows whose it was. code: why it was not let pass.
    """

    nonce: str
    counter: int
    at: datetime
    direction: Direction
    outcome: Literal["admit", "refuse", "ask"]
    code: str | None = None
    index: int | None = None
    holder: int | None = None
    category: int = 0
    how: Literal["offline", "override"] = "offline"
    table: str = ""
    known: Known = Known()
    reason: str = ""

    @property
    def id(self) -> str:
        """Of a row of the table, as a verdict has one."""
        return "told"

    @property
    def named(self) -> bool:
        return self.index is not None or self.holder is not None


def came_through(first: str, told: Told) -> bool:
    """Whether a lane let somebody pass whom the server had turned away under the same nonce, its answer being lost."""
    return told.outcome == "admit" and first not in ("entered", "left")

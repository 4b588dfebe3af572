# SPDX-License-Identifier: Apache-2.0
"""Level: when a quantity is too much or too little, how steady it must be, and what is to be done then."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import msgspec

from fourleaf.engines.sensing.declares import device_complaints
from fourleaf.engines.sensing.declares.words import Words
from fourleaf.kernel.labels import DESK
from fourleaf.pack.complaint import Complaint, Others


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step. at: reached here; until: held until the value is back beyond this one, so that it does not flicker."""

    state: Literal["watch", "alert"]
    at: Decimal
    until: Decimal
    name: Words
    advice: Words


class Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one file `thresholds/<key>.toml` says. group: the folder it stands in.

    device_type, feed: whose quantity; one of the two. debounce_s: so long the value must stay beyond a step before it is
    reached; stale_after_s: without a reading for so long the level is unknown.
    """

    name: Words
    quantity: str
    steps: tuple[Step, ...] = msgspec.field(name="step")
    device_type: str = ""
    feed: str = ""
    side: Literal["above", "below"] = "above"
    debounce_s: int = 0
    stale_after_s: int
    group: str = ""
    note: Words | None = None
    source: str = ""
    see: tuple[str, ...] = (DESK,)

    @property
    def sign(self) -> int:
        """1 where too much is the matter, -1 where too little is."""
        return 1 if self.side == "above" else -1

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return device_complaints.of_level(self)

    def complaints_among(self, key: str, others: Others) -> Iterator[Complaint]:
        """What does not agree with the rest of the pack."""
        return device_complaints.of_level_among(self, others)

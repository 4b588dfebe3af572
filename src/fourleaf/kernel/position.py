# SPDX-License-Identifier: Apache-2.0
"""Position: where a reader stands in the log; opaque to all but the store that made it."""

from typing import Self

import msgspec


class Position(msgspec.Struct, frozen=True, order=True):
    """Compared as numbers, epoch first: a restored log opens a new epoch.

    Source: epoch counts restores, txid is the writing transaction, seq the row's serial.
    """

    epoch: int = 0
    txid: int = 0
    seq: int = 0

    def __str__(self) -> str:
        return f"{self.epoch}.{self.txid}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises: ValueError when the text is not three dot-separated non-negative numbers."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
            raise ValueError(f"not a position: {text[:60]!r}")
        return cls(*(int(part) for part in parts))


START = Position()

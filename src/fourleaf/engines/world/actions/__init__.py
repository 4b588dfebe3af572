# SPDX-License-Identifier: Apache-2.0
"""World: what is done to things of the venue and of registers. Read, decide, append; nothing is decided here."""

from fourleaf.engines.world.actions.attaching import Keeping, attach
from fourleaf.engines.world.actions.importing import Book, Outlook, Things, carry_out, look, request_of, take_in
from fourleaf.engines.world.actions.keeping import (
    Asked,
    act,
    add,
    amend,
    change,
    put_away,
    steps,
    take_over,
    undo,
)

__all__ = [
    "Asked",
    "Book",
    "Keeping",
    "Outlook",
    "Things",
    "act",
    "add",
    "amend",
    "attach",
    "carry_out",
    "change",
    "look",
    "put_away",
    "request_of",
    "steps",
    "take_in",
    "take_over",
    "undo",
]

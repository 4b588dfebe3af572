# SPDX-License-Identifier: Apache-2.0
"""World: what may happen to things of the venue and of registers, and why not. Pure."""

from fourleaf.engines.world.rules.acts import act, left
from fourleaf.engines.world.rules.things import Known, Pulled, add, change, pulled, remove, restore, undo
from fourleaf.engines.world.rules.venue import CLOSABLE, close, may_read, move, protections, reopen

__all__ = [
    "CLOSABLE",
    "Known",
    "Pulled",
    "act",
    "add",
    "change",
    "close",
    "left",
    "may_read",
    "move",
    "protections",
    "pulled",
    "remove",
    "reopen",
    "restore",
    "undo",
]

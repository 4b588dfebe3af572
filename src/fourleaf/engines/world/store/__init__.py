# SPDX-License-Identifier: Apache-2.0
"""World: named queries over closures, moves, the things of registers, and what a map needs of them."""

from fourleaf.engines.world.store.layers import Listed, Located, located, named, states, steps_taken
from fourleaf.engines.world.store.registers import (
    Page,
    changed,
    counts,
    existing,
    groups,
    items,
    kind_of_place,
    known,
    page,
    places,
    referred,
    register,
    registers,
    search,
    standing,
    standings,
)

__all__ = [
    "CONSTRAINTS",
    "VIEWS",
    "Listed",
    "Located",
    "Page",
    "changed",
    "counts",
    "existing",
    "groups",
    "items",
    "kind_of_place",
    "known",
    "located",
    "named",
    "page",
    "places",
    "referred",
    "register",
    "registers",
    "search",
    "standing",
    "standings",
    "states",
    "steps_taken",
]
CONSTRAINTS = {"world_claim_once": "world.not-unique"}
VIEWS = {"world_things": changed, "world_states": states}

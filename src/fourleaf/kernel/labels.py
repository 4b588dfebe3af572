# SPDX-License-Identifier: Apache-2.0
"""Labels: the one rule of who may see what. Any label held in common is enough; no label means nobody."""

import re
from collections.abc import Collection

# The office's own staff. `office` is everybody who works with the house, in whichever group, and whoever looks on.
DESK = "desk"
# What a declaration may name.
LABEL = re.compile(r"(public|office|desk|(group|agency|person|protected):[a-z0-9][a-z0-9-]*)")


def visible(labels: Collection[str], held: Collection[str]) -> bool:
    return not set(labels).isdisjoint(held)


def own(group: str) -> tuple[str, ...]:
    """Whose a thing is of which nobody said otherwise: the desk's, and that of the group whose folder it stands in."""
    return (DESK, f"group:{group}") if group else (DESK,)

# SPDX-License-Identifier: Apache-2.0
"""Acts: what is done to a thing by numbers, as lending and handing out: how many may be, and why not more. Pure."""

from math import ceil
from typing import Any

from fourleaf.engines.world.declares.register import Act, Register
from fourleaf.engines.world.facts import Acted
from fourleaf.engines.world.state import Item
from fourleaf.kernel.refusal import Refusal

# More at once is a slip of the finger.
MOST = 1_000_000


def act(item: Item, register: Register, key: str, count: int | None) -> Acted | Refusal:
    """Do something to so many. count: None for what is no number."""
    if not item.present:
        name, _, id_ = item.thing.partition(".")
        return Refusal("world.no-such-item", {"item": id_, "register": name})
    found = next((one for one in register.acts if one.key == key), None)
    if found is None:
        return Refusal("world.no-such-act", {"act": key[:40], "register": item.register})
    if count is None or not 1 <= count <= MOST:
        return Refusal("world.bad-count", {"most": MOST}, "count")
    possible = left(item, register, found)
    if count > possible:
        return Refusal("world.too-few-left", {"item": item.item, "left": possible, "asked": count}, "count")
    changed = {key: _number(item, key) + count for key in found.add}
    changed |= {key: _number(item, key) - count for key in found.take}
    return Acted(
        register=item.register,
        item=item.item,
        act=found.key,
        name_zh=found.name.zh,
        name_en=found.name.en,
        count=count,
        changed=changed,
    )


def left(item: Item, register: Register, act: Act) -> int:
    """How many it may be done to: no number falls below its least, or nothing; none rises above its most, or what it is within."""
    rooms = [_number(item, key) - _least(register, key) for key in act.take]
    for key in act.add:
        limits = [_number(item, act.within)] if act.within else []
        most = register.by_key[key].max
        limits += [int(most)] if most is not None else []
        rooms += [limit - _number(item, key) for limit in limits]
    return max(0, min([*rooms, MOST]))


def _number(item: Item, key: str) -> int:
    """What a thing says; nothing said is none."""
    said: Any = item.fields.get(key)
    return said if isinstance(said, int) and not isinstance(said, bool) else 0


def _least(register: Register, key: str) -> int:
    return max(0, ceil(register.by_key[key].min or 0))

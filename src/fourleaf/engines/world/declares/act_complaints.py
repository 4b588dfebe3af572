# SPDX-License-Identifier: Apache-2.0
"""Act complaints: what can be wrong with what a register lets be done by numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fourleaf.pack.complaint import Complaint

if TYPE_CHECKING:
    import re

    from fourleaf.engines.world.declares.register import Act, Register

MOST_ACTS = 6


def of_acts(register: Register, keys: re.Pattern[str]) -> Iterator[Complaint]:
    """keys: what an act may be called."""
    if len(register.acts) > MOST_ACTS:
        yield Complaint(("act",), "register.acts", {"found": len(register.acts), "limit": MOST_ACTS})
    seen = set[str]()
    for number, act in enumerate(register.acts):
        if act.key in seen:
            yield Complaint(("act", number, "key"), "register.act-twice", {"key": act.key})
        seen.add(act.key)
        if not keys.fullmatch(act.key):
            yield Complaint(("act", number, "key"), "register.bad-act-key", {"key": act.key})
        yield from _of_act(register, act, number)


def _of_act(register: Register, act: Act, number: int) -> Iterator[Complaint]:
    if not act.add and not act.take:
        yield Complaint(("act", number), "register.act-nothing", {"key": act.key})
    if act.within and not act.add:
        yield Complaint(("act", number, "within"), "register.act-within", {"key": act.key})
    integers = [field.key for field in register.fields if field.type == "integer"]
    named = [("add", key) for key in act.add] + [("take", key) for key in act.take]
    named += [("within", act.within)] if act.within else []
    for at, key in named:
        blanks = {"key": act.key, "field": key}
        if key not in integers:
            yield Complaint(("act", number, at), "register.act-field", blanks, (key, integers))
        elif sum(key == other for _, other in named) > 1:
            yield Complaint(("act", number, at), "register.act-turned", blanks)
            return

# SPDX-License-Identifier: Apache-2.0
"""Deciding: the first row of a rule table whose conditions all hold. `ui/static/gate/decide.js` decides in the same way."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

Outcome = Literal["admit", "refuse", "ask"]
# [field, operator, operand]; an operand is a value, a list of values for `in`, or {"field": name}.
Condition = tuple[str, str, Any]
# Beyond this a browser's numbers are not exact: such a number is none.
_EXACT = 2**53
BITS = 53


class Verdict(Protocol):
    """A row of the table, as far as somebody at the gate sees it. code: why not; None for who may pass."""

    @property
    def id(self) -> str: ...

    @property
    def outcome(self) -> Outcome: ...

    @property
    def code(self) -> str | None: ...


class _Row(Verdict, Protocol):
    @property
    def when(self) -> Sequence[Condition]: ...


def decide(rows: Sequence[_Row], known: Mapping[str, Any]) -> Verdict:
    """known: all that the device or the server knows of one attempt; a field that is missing is unknown.

    Limits: the last row of a table has no conditions, so there is always an answer.
    """
    return next(row for row in rows if all(holds(known, condition) for condition in row.when))


def holds(known: Mapping[str, Any], condition: Condition) -> bool:
    """What is not known holds only where its being unknown is asked for, where a thing must not be, and where a bit is missing."""
    field, operator, operand = condition
    value: Any = known.get(field)
    other: Any = known.get(operand["field"]) if isinstance(operand, Mapping) else operand
    match operator:
        case "eq":
            return _same(value, other)
        case "ne":
            return not _same(value, other)
        case "lt":
            return _number(value) and _number(other) and value < other
        case "ge":
            return _number(value) and _number(other) and value >= other
        case "in":
            return isinstance(other, list | tuple) and any(_same(value, one) for one in other)
        case "bit":
            return _has(value, other)
        case "nobit":
            return not _has(value, other)
    raise ValueError(f"no such operator: {operator}")


def _same(value: Any, other: Any) -> bool:
    """True is not 1: the same type and the same value."""
    return type(value) is type(other) and value == other


def _number(value: Any) -> bool:
    return type(value) is int and -_EXACT < value < _EXACT


def _has(mask: Any, bit: Any) -> bool:
    """Whether a mask of rights has a bit."""
    if not _number(mask) or not _number(bit) or mask < 0 or not 0 <= bit < BITS:
        return False
    return bool(mask >> bit & 1)

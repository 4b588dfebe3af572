# SPDX-License-Identifier: Apache-2.0
"""Pack: what a load of an edition pack changes."""

from typing import Any, ClassVar

from fourleaf.kernel.fact import Body


class Declared(Body, frozen=True, kw_only=True):
    """The pack says this of one key now. value: JSON-able; integers and decimal strings, never floats."""

    KIND: ClassVar[str] = "pack.Declared"
    kind: str
    key: str
    value: dict[str, Any]


class Withdrawn(Body, frozen=True, kw_only=True):
    """The pack no longer says anything of this key."""

    KIND: ClassVar[str] = "pack.Withdrawn"
    kind: str
    key: str

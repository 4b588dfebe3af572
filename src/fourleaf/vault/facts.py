# SPDX-License-Identifier: Apache-2.0
"""Vault: that personal data was read, and that a person was erased. Never what was read."""

from typing import ClassVar

from fourleaf.kernel.fact import Body


class Read(Body, frozen=True, kw_only=True):
    """The actor of this fact was given personal data, once, in a list or as an export.

    persons: the ids, as long as there are few; count is always the whole number.
    """

    KIND: ClassVar[str] = "vault.Read"
    purpose: str
    count: int
    fields: tuple[str, ...]
    persons: tuple[str, ...]


class Erased(Body, frozen=True, kw_only=True):
    """The key of a person was destroyed, and with it everything that stood under it."""

    KIND: ClassVar[str] = "vault.Erased"
    person: str
    reason: str
    fields: tuple[str, ...]
    indexes: tuple[str, ...]
    files: tuple[str, ...]

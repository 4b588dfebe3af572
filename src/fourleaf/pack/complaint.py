# SPDX-License-Identifier: Apache-2.0
"""Complaint: what a declaration or one of its cells says wrong, before it has a sentence. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from fourleaf.pack.positions import Path


class Complaint(NamedTuple):
    """What is wrong with a declaration, at which key of its file."""

    path: Path
    code: str
    blanks: Mapping[str, Any]


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with one cell. field: its column."""

    field: str
    code: str
    blanks: Mapping[str, Any]

# SPDX-License-Identifier: Apache-2.0
"""Refusal: a foreseen no, with a stable code that every language has a sentence for."""

from typing import Any

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """code: `engine.what`; detail fills the sentence's blanks; field names the input to mend."""

    code: str
    detail: dict[str, Any] = {}
    field: str | None = None

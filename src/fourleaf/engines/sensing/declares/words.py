# SPDX-License-Identifier: Apache-2.0
"""Words: the same in Chinese and in English."""

import msgspec


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    zh: str
    en: str


def in_both(said: str | Words) -> Words:
    """A unit such as kW is the same in both languages."""
    return said if isinstance(said, Words) else Words(zh=said, en=said)

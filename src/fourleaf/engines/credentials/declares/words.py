# SPDX-License-Identifier: Apache-2.0
"""Words: the same in Chinese and in English."""

import msgspec


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    zh: str
    en: str

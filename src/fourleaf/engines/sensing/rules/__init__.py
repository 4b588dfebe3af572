# SPDX-License-Identifier: Apache-2.0
"""Sensing: when a count is a level, when silence is news, and which readings are taken in. Pure."""

from fourleaf.engines.sensing.rules import devices, levels
from fourleaf.engines.sensing.rules.halls import HYSTERESIS_PERCENT, SILENT_AFTER, level, level_changed, voice_changed
from fourleaf.engines.sensing.rules.intake import Known, Message, Sifted, oldest_day, sift

__all__ = [
    "HYSTERESIS_PERCENT",
    "SILENT_AFTER",
    "Known",
    "Message",
    "Sifted",
    "devices",
    "level",
    "level_changed",
    "levels",
    "oldest_day",
    "sift",
    "voice_changed",
]

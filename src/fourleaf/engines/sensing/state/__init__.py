# SPDX-License-Identifier: Apache-2.0
"""Sensing: what is true of halls and doors, of devices, of declared levels and of feeds."""

from fourleaf.engines.sensing.state import devices, feeds, halls, levels
from fourleaf.engines.sensing.state.devices import DEVICES, Device
from fourleaf.engines.sensing.state.halls import (
    LEVELS,
    VOICES,
    Door,
    DoorView,
    DoorVoice,
    Hall,
    HallLevel,
    HallView,
)
from fourleaf.engines.sensing.state.levels import REACHED, LevelState

__all__ = [
    "DEVICES",
    "LEVELS",
    "REACHED",
    "VOICES",
    "Device",
    "Door",
    "DoorView",
    "DoorVoice",
    "Hall",
    "HallLevel",
    "HallView",
    "LevelState",
]
STREAMS = (*halls.STREAMS, *devices.STREAMS, *levels.STREAMS, *feeds.STREAMS)
TOTALS = halls.TOTALS

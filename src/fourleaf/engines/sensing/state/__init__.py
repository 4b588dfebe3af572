# SPDX-License-Identifier: Apache-2.0
"""Sensing: what is true of halls and doors, of devices and of declared levels."""

from fourleaf.engines.sensing.state import devices, halls, levels
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
STREAMS = (*halls.STREAMS, *devices.STREAMS, *levels.STREAMS)
TOTALS = halls.TOTALS

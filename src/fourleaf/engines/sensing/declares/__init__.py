# SPDX-License-Identifier: Apache-2.0
"""Sensing: what an edition pack may declare of it: types of devices, and levels."""

from fourleaf.engines.sensing.declares.device_type import DeviceType, Quantity
from fourleaf.engines.sensing.declares.level import Level, Step
from fourleaf.engines.sensing.declares.words import Words

__all__ = ["DECLARES", "PERMISSIONS", "DeviceType", "Level", "Quantity", "Step", "Words"]
DECLARES = {"device_type": DeviceType, "level": Level}
# Issue codes to devices, revoke them, ask for self-tests.
PERMISSIONS = ("sensing.keep",)

# SPDX-License-Identifier: Apache-2.0
"""Sensing: what an edition pack may declare of it: types of devices, levels, and feeds."""

from fourleaf.engines.sensing.declares.device_type import DeviceType, Quantity
from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.declares.level import Level, Step
from fourleaf.engines.sensing.declares.words import Words

__all__ = ["DECLARES", "PERMISSIONS", "DeviceType", "Feed", "Level", "Quantity", "Step", "Words"]
DECLARES = {"device_type": DeviceType, "threshold": Level, "feed": Feed}
# Issue codes to devices, revoke them, ask for self-tests; send what a feed delivers by hand, make its token.
PERMISSIONS = ("sensing.keep", "sensing.feed")

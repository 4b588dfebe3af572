# SPDX-License-Identifier: Apache-2.0
"""Sensing: halls, devices and feeds, and what of them calls for attention."""

from fourleaf.engines.sensing.picture import devices, feeds, halls
from fourleaf.engines.sensing.picture.halls import STALE_AFTER, crowded, hall, silent, total

__all__ = ["PICTURES", "STALE_AFTER", "crowded", "hall", "silent", "total"]
PICTURES = (*halls.PICTURES, *devices.PICTURES, *feeds.PICTURES)

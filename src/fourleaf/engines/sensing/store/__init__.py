# SPDX-License-Identifier: Apache-2.0
"""Sensing: named queries over halls and doors, devices, readings and levels."""

from fourleaf.engines.sensing.store import devices, feeds, halls, levels, listing, searching
from fourleaf.engines.sensing.store.devices import Credential, credential, device, known
from fourleaf.engines.sensing.store.halls import add_counts, doors, doors_by_hall
from fourleaf.engines.sensing.store.intake import drop_days, keep

__all__ = [
    "CONSTRAINTS",
    "KEPT",
    "VIEWS",
    "Credential",
    "add_counts",
    "credential",
    "device",
    "devices",
    "doors",
    "doors_by_hall",
    "drop_days",
    "feeds",
    "halls",
    "keep",
    "known",
    "levels",
    "listing",
    "searching",
]
CONSTRAINTS = {"device_token_hash": "sensing.secret-taken"}
# Tables that outlive a rebuild.
KEPT = (
    "reading",
    "reading_hall_minute",
    "reading_door",
    "reading_hall",
    "measure",
    "level_due",
    "device_heard",
    "device_refusal",
    "device_code",
    "feed_heard",
    "feed_value",
    "feed_delivery",
)
VIEWS = {
    "halls": halls.halls,
    "doors_by_hall": doors_by_hall,
    "leveled": levels.leveled,
    "silent_devices": devices.silent_devices,
    "feeds": feeds.views,
    "feed_things": feeds.things,
}

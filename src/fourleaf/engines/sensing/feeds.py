# SPDX-License-Identifier: Apache-2.0
"""Sensing: the worker looks at the readings every two seconds and records what changed."""

from fourleaf.engines.sensing import actions

# (wall seconds between two looks, what to do)
WATCHES = (
    (2.0, actions.watch_halls),
    (5.0, actions.watch_doors),
    (2.0, actions.watch_levels),
    (5.0, actions.watch_devices),
    (5.0, actions.watch_refusals),
    (600.0, actions.drop_old),
)

# SPDX-License-Identifier: Apache-2.0
"""Sensing: the worker looks at the readings every two seconds and records what changed; it collects what feeds bring."""

from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.actions.feeds import watch_feeds
from fourleaf.engines.sensing.feeds.folder import collect
from fourleaf.engines.sensing.feeds.pull import pull_due

# (wall seconds between two looks, what to do)
WATCHES = (
    (2.0, actions.watch_halls),
    (5.0, actions.watch_doors),
    (0.3, actions.watch_levels),
    (5.0, actions.watch_devices),
    (5.0, actions.watch_refusals),
    (2.0, watch_feeds),
    (600.0, actions.drop_old),
)
# The same for what reaches outside of the database.
COLLECTS = ((1.0, collect), (1.0, pull_due))

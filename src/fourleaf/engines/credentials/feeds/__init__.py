# SPDX-License-Identifier: Apache-2.0
"""Credentials: the worker looks every minute for what came to its end, and asks the outside system about holders."""

from fourleaf.engines.credentials import actions
from fourleaf.engines.credentials.feeds.checking import check_due

# (wall seconds between two looks, what to do)
WATCHES = ((60.0, actions.watch_expired),)
# The same for what reaches outside of the database.
COLLECTS = ((2.0, check_due),)

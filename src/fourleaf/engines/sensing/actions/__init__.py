# SPDX-License-Identifier: Apache-2.0
"""Sensing: take readings in, let devices speak or not, and record what changed. Nothing is decided here."""

from fourleaf.engines.sensing.actions.devices import (
    ask_for_test,
    drop_old,
    enrol,
    is_enrolled,
    issue_code,
    revoke,
    take_over,
    watch_devices,
    watch_refusals,
)
from fourleaf.engines.sensing.actions.flow import Flows
from fourleaf.engines.sensing.actions.halls import take_counts, watch_doors, watch_halls
from fourleaf.engines.sensing.actions.intake import Taken, note_refusals, note_refused, take_in
from fourleaf.engines.sensing.actions.levels import watch_levels
from fourleaf.engines.sensing.actions.tries import begin_try, was_right
from fourleaf.engines.sensing.rules.intake import Message
from fourleaf.postgres.logins import Tried

__all__ = [
    "Flows",
    "Message",
    "Taken",
    "Tried",
    "ask_for_test",
    "begin_try",
    "drop_old",
    "enrol",
    "is_enrolled",
    "issue_code",
    "note_refusals",
    "note_refused",
    "revoke",
    "take_counts",
    "take_in",
    "take_over",
    "was_right",
    "watch_devices",
    "watch_doors",
    "watch_halls",
    "watch_levels",
    "watch_refusals",
]

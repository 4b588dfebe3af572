# SPDX-License-Identifier: Apache-2.0
"""Credentials: what is done to them. Read, decide, append; nothing is decided here."""

from fourleaf.engines.credentials.actions.applying import Keeping, Wanted, apply, attach
from fourleaf.engines.credentials.actions.issuing import issue, reissue, watch_expired
from fourleaf.engines.credentials.actions.vetting import (
    Decision,
    Preview,
    decide,
    decide_appeal,
    decide_many,
    preview,
)
from fourleaf.engines.credentials.actions.writing import MOST, Asked, change, change_many

__all__ = [
    "MOST",
    "Asked",
    "Decision",
    "Keeping",
    "Preview",
    "Wanted",
    "apply",
    "attach",
    "change",
    "change_many",
    "decide",
    "decide_appeal",
    "decide_many",
    "issue",
    "preview",
    "reissue",
    "watch_expired",
]

# SPDX-License-Identifier: Apache-2.0
"""Admission: who is inside, how many went through, and what admission knows of credentials, lanes and closed gates."""

from fourleaf.engines.admission.state import totals
from fourleaf.engines.admission.state.credentials import FOLLOWERS, KEYS, Holding, Index, SigningKey
from fourleaf.engines.admission.state.holders import (
    HOLDERS,
    UNREAD,
    DoubleEntry,
    Holder,
    Passage,
    Presence,
    Unread,
    as_of,
    doubles,
    fold,
    passage_id,
    recent,
)
from fourleaf.engines.admission.state.totals import (
    PASSAGES,
    Day,
    GateView,
    Lane,
    LaneMinute,
    Published,
    Shut,
    VenueView,
)

__all__ = [
    "HOLDERS",
    "KEYS",
    "PASSAGES",
    "STREAMS",
    "TOTALS",
    "UNREAD",
    "Day",
    "DoubleEntry",
    "GateView",
    "Holder",
    "Holding",
    "Index",
    "Lane",
    "LaneMinute",
    "Passage",
    "Presence",
    "Published",
    "Shut",
    "SigningKey",
    "Unread",
    "VenueView",
    "as_of",
    "doubles",
    "fold",
    "passage_id",
    "recent",
]
STREAMS = (HOLDERS, UNREAD, KEYS)
TOTALS = (*totals.TOTALS, *FOLLOWERS)

# SPDX-License-Identifier: Apache-2.0
"""Policies and attempts for tests of the rule table: mostly in order, with a few things wrong or unknown."""

from typing import Any

from hypothesis import strategies as st

from fourleaf.engines.admission.declares import AdmissionRule, LaneRule
from fourleaf.engines.admission.rules import Table, compiled
from fourleaf.engines.admission.rules.table import PROBLEMS, Category, Venue

LANES = (LaneRule(zone="venue"),)
VENUE = Venue(
    zones={"venue": 0, "halls": 1},
    categories=(
        Category(number=1, key="exhibitor", opens=450, closes=1_140),
        Category(number=3, key="visitor", opens=510, closes=1_050),
        Category(number=6, key="staff"),
    ),
    days=("2024-11-04", "2024-11-05", "2024-11-06"),
)
# All switches of a policy that give a table other rows.
TABLES: tuple[Table, ...] = (
    compiled(AdmissionRule(lanes=LANES), VENUE),
    compiled(AdmissionRule(lanes=LANES, external_status="on", list_age_limit_s=600), VENUE),
    compiled(AdmissionRule(lanes=LANES, external_status="on", external_outage="refuse", reentry_gap_s=0), VENUE),
    compiled(AdmissionRule(), Venue()),
)
# Somebody with every right, at nine in the morning of the second day.
FINE: dict[str, Any] = {
    "direction": "in",
    "problem": None,
    "carrier": 0,
    "category": 1,
    "zones": 0b11,
    "days": 0b111,
    "day": 1,
    "minute": 540,
    "clock_trusted": True,
    "status": "valid",
    "list_age_s": 0,
    "lane_zone": 0,
    "lane_categories": 0b1001010,
    "lane_carriers": 0b11,
    "lane_direction": "both",
    "closed": "",
    "inside": False,
    "since_entry_s": None,
    "external": "allow",
    "override": "none",
}
# And somebody who goes; another category with other hours.
LEAVING = FINE | {"direction": "out", "inside": True}
VISITOR = FINE | {"category": 3}
BASES = (FINE, LEAVING, VISITOR)
_WHOLE = 2**53
_masks = [127, 127, 127, 0, 1, 2, 3, 7, 0b1001010, 2**31, 2**32, 2**52, _WHOLE - 1, _WHOLE, -1, None, True, "3"]
_bits = [0, 0, 1, 1, 2, 3, 6, 31, 32, 52, 53, -1, None, False]
_ages = [None, 0, 1, 119, 120, 599, 600, 3_599, 3_600, _WHOLE - 1, _WHOLE, -1, True]
# What each field is tried with.
VALUES: dict[str, list[Any]] = {
    "direction": ["in", "out", "out", None],
    "problem": [None, *PROBLEMS, "unheard-of"],
    "carrier": _bits,
    "category": [1, 3, 6, 9, 60, None, True],
    "zones": _masks,
    "days": _masks,
    "day": _bits,
    "minute": [0, 449, 450, 509, 510, 1_049, 1_050, 1_139, 1_140, 1_439, None],
    "clock_trusted": [True, False, None, 1],
    "status": ["valid", "revoked", "suspended", "superseded", "expired", "invalid", "unknown", None, "unheard-of"],
    "list_age_s": _ages,
    "lane_zone": _bits,
    "lane_categories": _masks,
    "lane_carriers": _masks,
    "lane_direction": ["in", "out", "both", None],
    "closed": ["", "gate", "full", None],
    "inside": [True, False, None, 0],
    "since_entry_s": _ages,
    "external": ["allow", "deny", "unknown", None],
    "override": ["none", "looked", "supervisor", None],
}


def changed(**kept: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Attempts of which some fields are otherwise than fine, or missing."""
    some = st.sets(st.sampled_from(sorted(VALUES)), max_size=4)
    wrong = some.flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(VALUES[name]) for name in sorted(names)})
    )
    return st.builds(lambda before, some: before | some | kept, st.sampled_from(BASES), wrong)


tables = st.sampled_from(range(len(TABLES)))
missing = st.one_of(st.just(""), st.just(""), st.just(""), st.sampled_from(sorted(FINE)))


def without(known: dict[str, Any], name: str) -> dict[str, Any]:
    return {field: value for field, value in known.items() if field != name}

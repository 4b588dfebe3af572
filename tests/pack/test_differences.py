# SPDX-License-Identifier: Apache-2.0
"""Differences: a load appends what differs from the last load, and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fourleaf.pack.facts import Declared, Withdrawn
from fourleaf.pack.state import differences

Values = dict[tuple[str, str], dict[str, Any]]
VALUES = st.dictionaries(
    st.tuples(st.sampled_from(["hall", "lane"]), st.sampled_from(["1", "2", "3"])),
    st.dictionaries(st.sampled_from(["gate", "level"]), st.integers() | st.text(max_size=3), max_size=2),
)


def test_new_changed_and_gone_things_are_told_in_order() -> None:
    last: Values = {("hall", "1"): {"a": 1}, ("hall", "2"): {"a": 1}, ("lane", "9"): {"a": 1}}
    now: Values = {("hall", "2"): {"a": 2}, ("hall", "1"): {"a": 1}, ("gate", "N"): {}}

    told = differences(last, now)

    assert told == [
        Declared(kind="gate", key="N", value={}),
        Declared(kind="hall", key="2", value={"a": 2}),
        Withdrawn(kind="lane", key="9"),
    ]


@given(VALUES)
def test_the_same_pack_twice_changes_nothing(now: Values) -> None:
    assert differences(now, dict(reversed(now.items()))) == []


@given(VALUES, VALUES)
def test_differences_lead_from_the_last_load_to_this_one(last: Values, now: Values) -> None:
    result = dict(last)
    for body in differences(last, now):
        match body:
            case Declared(kind=kind, key=key, value=value):
                result[kind, key] = value
            case Withdrawn(kind=kind, key=key):
                del result[kind, key]

    assert result == now

# SPDX-License-Identifier: Apache-2.0
"""Credentials: what is counted says what it counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.credentials.figures import by_category, open_by_age, percentile, stage_times
from tests.engines.credentials.samples import MONDAY


@pytest.mark.parametrize(("share", "value"), [(50, 2), (95, 30), (100, 30), (1, 1)])
def test_a_percentile_is_the_nearest_rank(share: int, value: int) -> None:
    assert percentile([(1, 3), (2, 5), (30, 2)], share) == value


def test_nothing_has_no_percentile() -> None:
    assert percentile([], 50) is None


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_so_many_of_a_hundred_did_not_wait_longer(waits: list[int], share: int) -> None:
    counted = [(minutes, waits.count(minutes)) for minutes in sorted(set(waits))]
    found = percentile(counted, share)

    assert found is not None
    assert sum(wait <= found for wait in waits) * 100 >= share * len(waits)
    assert sum(wait < found for wait in waits) * 100 < share * len(waits)


def test_every_figure_has_its_unit_scope_time_and_source() -> None:
    ages = [
        {"queue": "decision", "age": 3, "n": 4, "overdue": 1},
        {"queue": "decision", "age": 0, "n": 2, "overdue": 0},
    ]
    issued = [{"type": "visitor", "issued": 7, "in_use": 5, "reused": 2}]
    found = [*stage_times({"decision": [(5, 1)]}, MONDAY), *open_by_age(ages, MONDAY), *by_category(issued, MONDAY)]

    assert {(one.key, one.scope): (one.value, one.unit) for one in found} == {
        ("credentials.stage_median", "stage decision, all that left it"): (5, "minute"),
        ("credentials.stage_ninety_fifth", "stage decision, all that left it"): (5, "minute"),
        ("credentials.open", "decision, over 7 days"): (4, "credential"),
        ("credentials.open", "decision, under 1 day"): (2, "credential"),
        ("credentials.overdue", "decision"): (1, "credential"),
        ("credentials.issued", "category visitor"): (7, "version"),
        ("credentials.in_use", "category visitor"): (5, "credential"),
        ("credentials.reused", "category visitor"): (2, "credential"),
    }
    assert all(one.as_of == MONDAY and one.source for one in found)

# SPDX-License-Identifier: Apache-2.0
"""Progress: only what is acknowledged without a gap counts as done, and survives a restart."""

import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.progress import Ledger, Outbox, Progress

PLAN = {"run": "ciie-7.r1", "seed": 7}


@given(st.permutations(range(12)), st.integers(0, 12))
def test_done_counts_rows_up_to_the_first_gap(order: list[int], answered: int) -> None:
    outbox = Outbox(np.arange(12, dtype=np.int32))
    outbox.release(100, 0.0)

    for row in order[:answered]:
        outbox.acknowledge(row)

    gaps = set(range(12)) - set(order[:answered])
    assert outbox.done == min(gaps, default=12)
    assert outbox.finished == (not gaps)


def test_rows_are_released_once_when_due() -> None:
    outbox = Outbox(np.array([10, 10, 20, 30], dtype=np.int32), done=1)

    released = [list(outbox.release(now, 0.0)) for now in (5, 10, 10, 25, 15, 30)]

    assert released == [[], [1], [], [2], [], [3]]


def test_the_oldest_row_without_an_answer_says_how_long_it_has_waited() -> None:
    outbox = Outbox(np.array([10, 10, 20, 30], dtype=np.int32))

    waited = [outbox.waiting(0.0)]
    outbox.release(10, 1.0)
    outbox.release(20, 3.0)
    outbox.acknowledge(2)
    waited.append(outbox.waiting(4.0))
    outbox.acknowledge(0)
    waited.append(outbox.waiting(4.0))
    outbox.acknowledge(1)
    waited.append(outbox.waiting(4.0))
    outbox.release(30, 5.0)
    waited.append(outbox.waiting(5.5))

    assert waited == [0.0, 3.0, 3.0, 0.0, 0.5]


def test_progress_is_read_back_for_the_same_plan_only(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json.progress"
    Ledger(path, PLAN).write(Progress(passages=12, reports=3), "2024-11-05T09:00:00+08:00")

    assert Ledger(path, PLAN).read() == Progress(passages=12, reports=3)
    assert Ledger(path, PLAN | {"seed": 8}).read() == Progress()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", ["", "{", "[]", "null", '{"plan": {"run": "ciie-7.r1", "seed": 7}}'])
def test_a_torn_progress_file_means_starting_over(tmp_path: Path, torn: str) -> None:
    path = tmp_path / "progress"
    path.write_text(torn)

    assert Ledger(path, PLAN).read() == Progress()

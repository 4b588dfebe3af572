# SPDX-License-Identifier: Apache-2.0
"""The command line: hours from the run's clock, exit codes, and what it says when it cannot start."""

import errno
import json
from datetime import date, datetime
from pathlib import Path

import pytest

from rehearsal import parameters as p
from rehearsal.__main__ import hours_for, is_hopeless, main
from rehearsal.client import Reading
from rehearsal.population import Hours

DAY = date(2024, 11, 5)


def reading(ends_at: datetime | None) -> Reading:
    now = datetime(2024, 11, 5, 8, 30, tzinfo=p.ZONE)
    return Reading(now=now, state="running", speed=60, speed_reached=60, ends_at=ends_at)


@pytest.mark.parametrize(
    ("ends_at", "hours"),
    [
        (None, Hours()),
        (datetime(2024, 11, 5, 17, 0, tzinfo=p.ZONE), Hours(last_entry=16 * 3600, closes=17 * 3600)),
        (datetime(2024, 11, 5, 20, 0, tzinfo=p.ZONE), Hours(closes=20 * 3600)),
        (datetime(2024, 11, 5, 9, 0, tzinfo=p.ZONE), Hours()),
        (datetime(2024, 11, 6, 18, 0, tzinfo=p.ZONE), Hours()),
    ],
)
def test_closing_is_the_end_of_the_run_unless_the_run_is_cut_short(ends_at: datetime | None, hours: Hours) -> None:
    assert hours_for(reading(ends_at), DAY) == hours


def test_a_missing_tokens_file_is_said_and_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--url", "http://127.0.0.1:9", "--run", "ciie-7.r1", "--tokens", str(tmp_path / "none.json")])

    said = json.loads(capsys.readouterr().err)
    assert code == 2
    assert said["event"] == "unusable"
    assert "none.json" in said["detail"]


def test_a_full_disk_is_not_hopeless_and_a_missing_file_is() -> None:
    """The rehearsal gave up for good on a disk that was full for a minute."""
    assert not is_hopeless(OSError(errno.ENOSPC, "No space left on device"))
    assert is_hopeless(FileNotFoundError(errno.ENOENT, "No such file"))
    assert is_hopeless(ValueError("no such day"))

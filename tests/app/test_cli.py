# SPDX-License-Identifier: Apache-2.0
"""The command line as a person types it."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
import typer.main
from rich.console import Console

from fourleaf.app.cli import app
from fourleaf.app.runs import tabled
from fourleaf.app.speech import Speech
from fourleaf.engines.admission.state import Day
from fourleaf.postgres.runs import Run


def fourleaf(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fourleaf.app", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "FOURLEAF_LANG": "en", **environ},
    )


def test_help_lists_every_command_a_person_types() -> None:
    said = fourleaf("--help")

    assert said.returncode == 0
    for name in ("up", "doctor", "pack", "rehearse", "runs", "drop", "rebuild", "verify", "backup", "restore"):
        assert name in said.stdout


def test_every_command_says_what_it_does() -> None:
    for command in typer.main.get_group(app).commands.values():
        assert command.help


@pytest.mark.parametrize(
    "words",
    [
        ["up", "--speed", "0"],
        ["up", "--sample", "2"],
        ["up", "--seed", "99999999999999999999"],
        ["rehearse", "--seed", "-1"],
        ["doctor", "--lang", "fr"],
        ["fly"],
    ],
)
def test_an_order_that_makes_no_sense_is_refused(words: list[str]) -> None:
    said = fourleaf(*words)

    assert said.returncode == 2
    assert "Traceback" not in said.stderr


def test_a_bad_setting_is_one_line_not_a_traceback() -> None:
    said = fourleaf("doctor", FOURLEAF_PORT="eighty")

    assert said.returncode == 1
    assert "FOURLEAF_PORT=eighty" in said.stdout
    assert "Traceback" not in said.stderr


def test_rehearse_needs_a_running_fourleaf_and_says_how_to_start_it(tmp_path: Path) -> None:
    said = fourleaf("rehearse", FOURLEAF_DATA=str(tmp_path))

    assert said.returncode == 1
    assert "fourleaf up" in said.stdout


@pytest.mark.parametrize(("lang", "state"), [("zh", "正在重建"), ("en", "rebuilding")])
def test_runs_fit_a_terminal_of_eighty_columns_and_speak_the_language_asked_for(lang: str, state: str) -> None:
    run = Run(run="ciie-7.r12", edition="ciie-7", kind="rehearsal", state="rebuilding", seed=2**63 - 1, sample_ppm=100_000,
              day=date(2024, 11, 5), zone="Asia/Shanghai", created_at=datetime(2024, 11, 5, tzinfo=UTC))  # fmt: skip
    day = Day(day=date(2024, 11, 5), entries=1_123_456, exits=20_544, peak_inside=22_345)
    text = StringIO()
    console = Console(file=text, width=80)

    console.print(tabled([(run, [day])], Speech(lang, console)))

    told = text.getvalue()
    for whole in ("ciie-7.r12", state, "2024-11-05", "1,123,456", "20,544", "22,345"):
        assert whole in told

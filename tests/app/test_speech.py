# SPDX-License-Identifier: Apache-2.0
"""What the command line says, in the user's language."""

import errno
import io

import psycopg
import pytest
from rich.console import Console

from fourleaf.app.speech import Speech, foreseen, language
from fourleaf.app.variables import BadSetting


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "FOURLEAF_LANG": "en"}, "en"),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], lang: str) -> None:
    assert language(environ) == lang


def test_words_from_outside_are_not_read_as_markup() -> None:
    text = io.StringIO()

    Speech("en", Console(file=text, width=80)).say("", "[red]as it is[/red]", mark="-")

    assert text.getvalue() == "- [red]as it is[/red]\n"


def test_what_was_foreseen_ends_with_1_and_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, foreseen():
        raise BadSetting("FOURLEAF_PORT", "x", zh="须为整数", en="must be a number")

    assert ended.value.code == 1
    assert "FOURLEAF_PORT=x" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "The disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"), "The database is busy"),
        (psycopg.errors.AdminShutdown("terminating connection"), "The database went away"),
    ],
)
def test_a_full_disk_and_a_busy_or_lost_database_are_one_sentence(
    problem: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOURLEAF_LANG", "en")

    with pytest.raises(SystemExit) as ended, foreseen():
        raise problem

    assert ended.value.code == 1
    assert said in capsys.readouterr().out


def test_what_was_not_foreseen_crashes_loudly() -> None:
    with pytest.raises(ZeroDivisionError), foreseen():
        _ = 1 / 0

# SPDX-License-Identifier: Apache-2.0
"""Feed sign: what it makes is opened by the rule that takes it in, in order, and under the key it printed."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fourleaf.app.cli import app
from fourleaf.engines.sensing.rules.feed_signed import Opened, open_signed
from tests.engines.sensing.feed_samples import metro


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["feed-sign", *map(str, words)])
    return found.exit_code, found.output


@pytest.fixture
def public(tmp_path: Path) -> str:
    code, output = run(tmp_path / "key", "--new-key")
    assert code == 0
    return output.splitlines()[-1]


def test_signed_files_are_opened_one_after_another(tmp_path: Path, public: str) -> None:
    (tmp_path / "counts.csv").write_bytes(b"a,b\n1,2\n")
    feed = metro(way="one-way", public_key=public)

    codes = [run(tmp_path / "key", "metro", tmp_path / "counts.csv", "--to", tmp_path)[0] for _ in range(2)]

    files = sorted(tmp_path.glob("metro-*.json"))
    assert (codes, [file.name for file in files]) == ([0, 0], ["metro-00000001.json", "metro-00000002.json"])
    assert [open_signed("metro", feed, file.read_bytes(), last) for last, file in enumerate(files)] == [
        Opened(b"a,b\n1,2\n", "csv", 1, 0),
        Opened(b"a,b\n1,2\n", "csv", 2, 0),
    ]
    assert list(tmp_path.glob(".*.part")) == []


def test_the_key_is_its_owners_and_is_never_written_over(tmp_path: Path, public: str) -> None:
    before = (tmp_path / "key").read_bytes()

    code, _ = run(tmp_path / "key", "--new-key")

    assert code == 1
    assert (tmp_path / "key").read_bytes() == before
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


@pytest.mark.parametrize("words", [("metro",), ("metro", "counts.exe"), ("metro", "none.csv")])
def test_what_cannot_be_signed_is_said(tmp_path: Path, public: str, words: tuple[str, ...]) -> None:
    assert run(tmp_path / "key", *words)[0] == 1
    assert list(tmp_path.glob("*.json")) == []

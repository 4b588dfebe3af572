# SPDX-License-Identifier: Apache-2.0
"""The golden log grows by one command: a new engine, and a fact that gets other fields, from the first edit to the upcaster."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fourleaf.app.scaffold import new_engine

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the checkout as far as its golden log reads it, with a new engine."""
    for name in ("src", "docs", "tests/golden"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    for name in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    new_engine("ferry", tmp_path)
    return tmp_path


def run(clone: Path, *words: str) -> str:
    """What a command in the copy says."""
    environment = os.environ | {"PYTHONPATH": f"{clone / 'src'}:{clone}", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=clone, env=environment, capture_output=True, text=True, timeout=170
    )
    return done.stdout + done.stderr


LOOK = """
from fourleaf.app.rooms import rooms
from tests.golden import golden
print(*golden.complaints(rooms().kinds, golden.shapes(), rooms().kinds), sep="\\n")
facts = [line.fact(rooms().kinds) for line in golden.lines()]
print("same rows", golden.plain(golden.tables_of(rooms(), facts)) == golden.tables())
"""


def check(clone: Path) -> str:
    """What the golden tests would say in the copy."""
    (clone / "look.py").write_text(LOOK, "utf-8")
    return run(clone, "look")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_new_engine_and_a_changed_fact_are_written_down_by_one_command(clone: Path) -> None:
    facts = clone / "src/fourleaf/engines/ferry/facts.py"

    unknown = check(clone)
    written = run(clone, "tests.golden")
    known = check(clone)
    lines = (clone / "tests/golden/facts/ferry.jsonl").read_bytes()
    edit(facts, "    hall: str\n", "    hall: str\n    seats: int\n")
    changed = check(clone)
    edit(facts, '"ferry.Opened"\n', '"ferry.Opened"\n    SCHEMA: ClassVar[int] = 2\n')
    facts.write_text(
        facts.read_text("utf-8") + '\n\nUPCASTS = {("ferry.Opened", 1): lambda body: body | {"seats": 9}}\n'
    )
    run(clone, "tests.golden")
    mended = check(clone)

    assert "ferry.Opened (schema 1) is not written down yet: run `make golden`" in unknown
    assert "ferry.Opened (schema 1) is written down" in written
    assert known.split("\n")[-2:] == ["same rows True", ""] and "ferry" not in known
    assert "ferry.Opened has other fields than when schema 1 was written down. Raise its SCHEMA to 2" in changed
    assert "same rows True" in mended and "ferry" not in mended, mended
    after = (clone / "tests/golden/facts/ferry.jsonl").read_bytes()
    assert after.startswith(lines)
    assert after.count(b"\n") == lines.count(b"\n") + 2
    assert [b'"schema":2' in line for line in after.splitlines()[-2:]] == [True, True]


def test_an_engine_that_was_never_released_is_started_anew(clone: Path) -> None:
    facts = clone / "src/fourleaf/engines/ferry/facts.py"
    run(clone, "tests.golden")
    others = (clone / "tests/golden/facts/world.jsonl").read_bytes()
    edit(facts, "    hall: str\n", "    hall: str\n    seats: int = 9\n")

    run(clone, "tests.golden", "--again", "ferry")

    assert "ferry" not in check(clone)
    assert (clone / "tests/golden/facts/ferry.jsonl").read_bytes().count(b"ferry.Opened") == 2
    assert (clone / "tests/golden/facts/world.jsonl").read_bytes() == others


def test_what_is_written_down_is_not_written_twice(clone: Path) -> None:
    run(clone, "tests.golden")
    before = {path: path.read_bytes() for path in (clone / "tests/golden").rglob("*.json*")}

    said = run(clone, "tests.golden")

    assert said == ""
    assert {path: path.read_bytes() for path in (clone / "tests/golden").rglob("*.json*")} == before

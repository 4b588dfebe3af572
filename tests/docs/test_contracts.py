# SPDX-License-Identifier: Apache-2.0
"""The import contracts catch what they are there for: each break is planted in a small house and found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.source import ROOT

FOLDERS = "kernel postgres ui blobs vault pack faces/wall app engines/ferry engines/pier"
ROOM = "facts state rules picture store actions web"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Every layer and two empty engines, under our own contracts."""
    packages = [tmp_path / "src/fourleaf" / name for name in FOLDERS.split()] + [tmp_path / "src/rehearsal"]
    for package in packages:
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
    for name in ("", "engines", "faces"):
        (tmp_path / "src/fourleaf" / name / "__init__.py").touch()
    for name in ROOM.split():
        (tmp_path / f"src/fourleaf/engines/ferry/{name}.py").touch()
        (tmp_path / f"src/fourleaf/engines/pier/{name}.py").touch()
    for name in ("store", "key_store", "crypt", "persons"):
        (tmp_path / f"src/fourleaf/vault/{name}.py").touch()
    for name in ("facts", "state"):
        (tmp_path / f"src/fourleaf/pack/{name}.py").touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return tmp_path


def lint_imports(house: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(house / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_contracts_hold_in_a_house_that_keeps_them(house: Path) -> None:
    (house / "src/fourleaf/engines/ferry/state.py").write_text("import fourleaf.engines.pier.facts\n", "utf-8")

    code, said = lint_imports(house)

    assert code == 0, said


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("fourleaf/kernel/fact.py", "import fourleaf.postgres", "The house"),
        ("fourleaf/pack/check.py", "import fourleaf.engines.ferry.facts", "The house"),
        ("fourleaf/services/__init__.py", "", "The house"),
        ("fourleaf/engines/ferry/rules.py", "import fourleaf.engines.ferry.store", "The room"),
        ("fourleaf/engines/ferry/helpers.py", "", "The room"),
        ("fourleaf/engines/ferry/state.py", "import fourleaf.engines.pier.state", "Engines meet only through the log"),
        ("fourleaf/engines/ferry/rules.py", "import psycopg", "Thinking is pure"),
        ("fourleaf/engines/ferry/picture.py", "import fourleaf.postgres", "Thinking is pure"),
        ("fourleaf/engines/ferry/actions.py", "import fourleaf.vault.store", "Personal data has one door"),
        ("rehearsal/people.py", "import fourleaf.kernel", "The rehearsal stands outside"),
    ],
)
def test_a_planted_break_is_caught(house: Path, file: str, line: str, contract: str) -> None:
    planted = house / "src" / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{line}\n", "utf-8")

    code, said = lint_imports(house)

    assert code != 0
    assert any(row.startswith(contract) and row.endswith("BROKEN") for row in said.splitlines()), said

# SPDX-License-Identifier: Apache-2.0
"""A new engine from the scaffold works before anybody has touched it, and so does the one the how-to makes of it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fourleaf.app.scaffold import BadName, new_engine

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs/how-to/add-an-engine.md"
# A block of the how-to that is a whole file, or the lines of one engine in a page of the docs.
BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.M | re.S)
NEW = [f"{place}/{name}" for name in ("ferry", "parking") for place in ("src/fourleaf/engines", "tests/engines")]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the checks read, with two new engines: ferry as the scaffold wrote it, parking by the how-to."""
    clone = tmp_path_factory.mktemp("clone")
    hidden = shutil.ignore_patterns("__pycache__", "vendor", ".hypothesis")
    for folder in ("src", "docs", "tests"):
        shutil.copytree(ROOT / folder, clone / folder, ignore=hidden)
    shutil.copy(ROOT / "pyproject.toml", clone)
    # What the lint before the tests has found of the rest need not be found again: half a minute.
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", clone / ".mypy_cache")
    new_engine("ferry", clone)
    new_engine("parking", clone)
    follow_the_how_to(clone)
    return clone


def follow_the_how_to(clone: Path) -> None:
    """Do what the page says, block by block."""
    text = HOW_TO.read_text("utf-8")
    for path, block in BLOCK.findall(text):
        assert (clone / path).is_file(), f"the scaffold does not write {path}"
        whole = (clone / path).read_text("utf-8").partition("\n## parking\n")[0] + "\n" if path.endswith(".md") else ""
        (clone / path).write_text(whole + block, "utf-8")
    for path in re.findall(r"^rm (\S+)$", text, re.M):
        (clone / path).unlink()


def run(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One tool of the lint in the copy. It must not see the checkout's own source."""
    environment = os.environ | {"PYTHONPATH": str(clone / "src"), "MYPYPATH": str(clone / "src"), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=clone, env=environment, capture_output=True, text=True, timeout=170
    )


def test_the_new_engines_are_formatted_and_pass_lint(clone: Path) -> None:
    for words in (("format", "--check"), ("check",)):
        done = run(clone, "-m", "ruff", *words, "--no-cache", *NEW)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_new_engines_pass_the_type_checker(clone: Path) -> None:
    done = run(clone, "-m", "mypy", *NEW)

    complaints = [line for line in done.stdout.splitlines() if re.search("engines/(ferry|parking)", line)]
    assert complaints == [], done.stdout
    assert done.returncode in (0, 1), done.stderr


def test_the_new_engines_keep_the_import_contracts(clone: Path) -> None:
    command = "from importlinter.cli import lint_imports_command as run; run()"

    done = run(clone, "-c", command, "--no-cache")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.postgres
def test_the_tests_of_the_new_engines_pass_on_a_real_database(clone: Path) -> None:
    tests = (f"tests/engines/{name}" for name in ("ferry", "parking"))

    done = run(clone, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 passed" in done.stdout


def test_the_docs_name_what_the_new_engines_say(clone: Path) -> None:
    pages = ("tests/docs/test_tables.py", "tests/docs/test_messages.py")

    done = run(clone, "-m", "pytest", "-q", "-p", "no:cacheprovider", *pages)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Ferry", "ferry-boat", "class", "pack", "hall", "x", "../ferry", "", "渡轮"])
def test_a_name_no_engine_can_have_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName) as refused:
        new_engine(name, tmp_path)

    assert refused.value.zh and refused.value.en
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_is_there_is_not_written_over(clone: Path) -> None:
    with pytest.raises(BadName, match="already there"):
        new_engine("ferry", clone)

# SPDX-License-Identifier: Apache-2.0
"""A new engine from the scaffold is clean and works before anybody has touched it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fourleaf.app.scaffold import BadName, new_engine
from fourleaf.postgres.server import start

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the checks read, with a new engine in it."""
    clone = tmp_path_factory.mktemp("clone")
    hidden = shutil.ignore_patterns("__pycache__", "vendor")
    for folder in ("src", "docs"):
        shutil.copytree(ROOT / folder, clone / folder, ignore=hidden)
    shutil.copy(ROOT / "pyproject.toml", clone)
    new_engine("ferry", clone)
    return clone


def run(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One tool of the lint in the copy. It must not see the checkout's own source."""
    environment = os.environ | {"PYTHONPATH": str(clone / "src"), "MYPYPATH": str(clone / "src"), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=clone, env=environment, capture_output=True, text=True, timeout=170
    )


def test_the_new_engine_is_formatted_and_passes_lint(clone: Path) -> None:
    new = ("src/fourleaf/engines/ferry", "tests/engines/ferry")

    for words in (("format", "--check"), ("check",)):
        done = run(clone, "-m", "ruff", *words, "--no-cache", *new)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_new_engine_passes_the_type_checker(clone: Path) -> None:
    done = run(clone, "-m", "mypy", "src/fourleaf/engines/ferry", "tests/engines/ferry")

    complaints = [line for line in done.stdout.splitlines() if "engines/ferry" in line]
    assert complaints == [], done.stdout
    assert done.returncode in (0, 1), done.stderr


def test_the_new_engine_keeps_the_import_contracts(clone: Path) -> None:
    command = "from importlinter.cli import lint_imports_command as run; run()"

    done = run(clone, "-c", command, "--no-cache")

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_test_of_the_new_engine_passes(clone: Path) -> None:
    done = run(clone, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/engines/ferry")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_app_finds_the_new_engine_by_the_names_of_its_files(clone: Path) -> None:
    look = (
        "from fourleaf.app.rooms import rooms; found = rooms(); "
        "print('ferry' in found.engines, 'ferry.Opened' in [body.KIND for body in found.kinds],"
        " 'ferry_item' in found.schema, sum('ferry' in path for handler in found.handlers for path in handler.paths))"
    )

    done = run(clone, "-c", look)

    assert done.stdout.split() == ["True", "True", "True", "3"], done.stderr


@pytest.mark.postgres
def test_the_new_engine_answers_over_http_on_a_real_database(clone: Path, data: Path) -> None:
    server = start(data, flavor=os.environ.get("FOURLEAF_PG", "auto"))
    try:
        done = run(clone, str(ROOT / "tests/app/engine_at_work.py"), server.dsn, str(data))
    finally:
        server.stop()

    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == [
        [200, "ferry:a@1"],
        [200, "ferry:a@1"],
        [422, "ferry.already-open"],
        [200, "ferry:a@2"],
        [422, "ferry.not-open"],
        [200, "ferry:b@1"],
        ["b"],
    ]


def test_the_docs_name_the_new_facts_and_refusals(clone: Path) -> None:
    assert "`ferry.Opened`" in (clone / "docs/facts.md").read_text("utf-8")
    assert "`ferry.already-open`" in (clone / "docs/refusals.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["Ferry", "ferry-boat", "class", "pack", "x", "../ferry", "", "渡轮"])
def test_a_name_no_engine_can_have_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadName) as refused:
        new_engine(name, tmp_path)

    assert refused.value.zh and refused.value.en
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_is_there_is_not_written_over(clone: Path) -> None:
    with pytest.raises(BadName, match="already there"):
        new_engine("ferry", clone)

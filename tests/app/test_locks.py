# SPDX-License-Identifier: Apache-2.0
"""What `make` installs: pinned, hashed, from wherever the user's pip is told to look."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==(\S+?)(?: ; (.+?))? \\$", re.MULTILINE)


def pins(name: str) -> dict[tuple[str, str], str]:
    text = (REQUIREMENTS / name).read_text()
    return {(package, marker): version for package, version, marker in PIN.findall(text)}


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_every_package_is_pinned_with_a_hash(name: str) -> None:
    text = (REQUIREMENTS / name).read_text()
    first_lines = [line for line in text.splitlines() if line and line[0] not in " #"]

    assert len(first_lines) == len(PIN.findall(text))
    assert all("--hash=sha256:" in block for block in re.split(PIN, text)[4::4])


@pytest.mark.parametrize("name", ["run.in", "run.txt", "test.in", "test.txt"])
def test_no_lock_names_an_address(name: str) -> None:
    text = (REQUIREMENTS / name).read_text()

    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", text)


def test_the_tests_run_on_the_versions_that_users_run() -> None:
    run, test = pins("run.txt"), pins("test.txt")

    assert run.items() <= test.items()


def test_every_package_asked_for_is_locked() -> None:
    asked = re.findall(r"^([a-zA-Z][a-zA-Z0-9.-]*)", (REQUIREMENTS / "run.in").read_text(), re.MULTILINE)

    assert {name.lower() for name in asked} <= {package for package, _ in pins("run.txt")}

# SPDX-License-Identifier: Apache-2.0
"""House rules that no linter holds: length, license lines, no trace of a machine, vendored files as they came."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.docs.source import ROOT, Source

TEXT = (".py", ".md", ".toml", ".txt", ".in", ".sh", ".sql", ".js", ".css", ".html", ".json", ".yml", ".yaml", "")
LONGEST = {".py": 300, ".js": 150}
# Written apart, so that this file does not find itself.
MACHINE = re.compile(
    r"(?<![\w./])/(?:work|opt/py" r"pi|home/\w+|root/\w+)\b"
    r"|https?://[\w.-]*(?:pypi|pythonhosted|npm" r"js|debian\.org/debian)[\w./-]*"
    r"|^--(?:extra-)?index-" r"url|find-" r"links "
)  # fmt: skip

# British spellings we have met, also written apart.
BRITISH = re.compile(
    r"\b(?:colo"
    r"ur|behavi"
    r"our|cent"
    r"res?\b|licen"
    r"ces?\b|organi"
    r"s(?:e|ation)|neighb"
    r"our|program"
    r"me\b)",
    re.I,
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_long_files_are_listed_with_a_reason(source: Source) -> None:
    listed: dict[str, str] = source.toml("tests/docs/long_files.toml")["files"]
    files = [path for path in source.own_files(*LONGEST) if path.is_relative_to(ROOT / "src")]

    too_long = {named(path) for path in files if len(path.read_text("utf-8").splitlines()) > LONGEST[path.suffix]}

    assert too_long == set(listed)
    assert all(len(reason) > 20 for reason in listed.values())


def test_source_files_carry_the_license_line(source: Source) -> None:
    files = [path for path in source.own_files(".py", ".js", ".css", ".sh") if path.read_text("utf-8").strip()]

    missing = [
        named(path) for path in files if "SPDX-License-Identifier: Apache-2.0" not in path.read_text("utf-8")[:300]
    ]

    assert missing == []


def test_python_modules_say_in_one_sentence_what_they_are(source: Source) -> None:
    silent = [path for path, tree in source.trees if path.name != "__init__.py" and not _docstring(path)]

    assert [named(path) for path in silent] == []


def _docstring(path: Path) -> bool:
    lines = path.read_text("utf-8").splitlines()
    return len(lines) > 1 and lines[1].startswith('"""')


def test_no_file_names_a_machine_or_a_registry(source: Source) -> None:
    found = [
        f"{named(path)}:{number}: {line.strip()[:100]}"
        for path in source.own_files(*TEXT)
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if MACHINE.search(line)
    ]

    assert found == []


def test_the_search_for_machines_finds_one() -> None:
    assert MACHINE.search('DATA = "' + "/ho" + 'me/ann/data"')
    assert MACHINE.search("see htt" + "ps://py" + "pi.org/simple")
    assert not MACHINE.search("/var/lib/fourleaf, src/work/main.py, https://semver.org")


def test_english_is_spelled_the_american_way(source: Source) -> None:
    found = [
        f"{named(path)}:{number}: {line.strip()[:100]}"
        for path in source.own_files(".py", ".md", ".toml", ".html", ".sql", ".sh")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if path.is_relative_to(ROOT / "editions") is False and BRITISH.search(line)
    ]

    assert found == []


def test_vendored_files_are_as_they_came(source: Source) -> None:
    folder = ROOT / "src/fourleaf/ui/static/vendor"
    listed = source.toml("src/fourleaf/ui/static/vendor/vendor.toml")

    hashes = {name: entry["sha256"] for name, entry in _entries(listed).items()}
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.name != "vendor.toml"}

    assert there == set(hashes)
    assert {name: sha256((folder / name).read_bytes()).hexdigest() for name in hashes} == hashes


def _entries(listed: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Files and their hashes, whatever the libraries are called: every table that holds a sha256."""
    found: dict[str, dict[str, str]] = {}
    for name, value in listed.items():
        if isinstance(value, dict) and "sha256" in value:
            found[str(value.get("path", value.get("file", name)))] = value
        elif isinstance(value, dict):
            found |= _entries(value)
        elif isinstance(value, list):
            found |= _entries(
                {str(item.get("path", item.get("file"))): item for item in value if isinstance(item, dict)}
            )
    return found

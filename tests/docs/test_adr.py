# SPDX-License-Identifier: Apache-2.0
"""Decision records: every one has its parts, its number and its line in the index."""

import re
from pathlib import Path

import pytest

from tests.docs.source import ROOT, Source

RECORDS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
PARTS = ["Context", "Decision", "Consequences", "When to turn back"]


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_its_parts_and_none_is_empty(record: Path) -> None:
    parts = re.split(r"^## ", record.read_text("utf-8"), flags=re.M)[1:]

    assert [part.splitlines()[0] for part in parts] == PARTS
    assert all(len(part.split()) > 10 for part in parts)


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_says_its_number_and_its_state(record: Path) -> None:
    lines = record.read_text("utf-8").splitlines()

    assert lines[0].startswith(f"# {int(record.stem[:4])}. ")
    assert re.fullmatch(r"Status: (proposed|accepted|replaced by \[.+\]\(.+\))", lines[2])


def test_the_index_lists_every_record_once(source: Source) -> None:
    listed = re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", source.text("docs/adr/README.md"))

    assert listed == [record.name for record in RECORDS]

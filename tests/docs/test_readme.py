# SPDX-License-Identifier: Apache-2.0
"""README and friends: commands exist, links lead somewhere, both languages stand side by side."""

import re

import pytest

from tests.docs.source import Source

LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_two_commands_come_first(source: Source, page: str) -> None:
    first_block = source.text(page).split("```")[1]

    assert re.findall(r"^make (\w+)", first_block, re.M) == ["run", "test"]


def test_every_make_command_in_the_docs_is_a_target(source: Source) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", source.text("Makefile"), re.M))
    texts = [path.read_text("utf-8") for path in source.own_files(".md")]

    named = {word for text in texts for word in re.findall(r"(?:^|`)make ([a-z][a-z0-9-]*)", text, re.M)}

    assert named - targets == set()


def test_every_target_has_one_line_of_help(source: Source) -> None:
    rules = re.findall(r"^([a-z][a-z0-9-]*):(.*)$", source.text("Makefile"), re.M)

    assert [name for name, rest in rules if "## " not in rest] == []


def test_every_fourleaf_command_in_the_docs_exists(source: Source) -> None:
    known = {word for command in source.commands() for word in [command.split()[0]]}
    texts = [path.read_text("utf-8") for path in source.own_files(".md")]

    named = {word for text in texts for word in re.findall(r"`fourleaf ([a-z][a-z-]*)", text)}

    assert named - known == set()


def test_relative_links_lead_somewhere(source: Source) -> None:
    links = [(path, link) for path in source.own_files(".md") for link in LINK.findall(path.read_text("utf-8"))]
    relative = [(path, link) for path, link in links if "://" not in link and not link.startswith("#")]

    broken = [(path.name, link) for path, link in relative if not (path.parent / link.partition("#")[0]).exists()]

    assert broken == []

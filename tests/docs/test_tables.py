# SPDX-License-Identifier: Apache-2.0
"""Every fact, refusal, setting, command and figure stands in the docs, and the docs name no other."""

import re

from fourleaf.app.settings import Settings
from tests.docs.source import Source


def test_every_fact_stands_in_the_docs(source: Source) -> None:
    assert source.first_column("docs/facts.md") == set(source.fact_kinds())


def test_facts_are_described_with_their_fields(source: Source) -> None:
    rows = [line.split("|") for line in source.text("docs/facts.md").splitlines() if line.startswith("| `")]

    described = {row[1].strip(" `"): tuple(re.findall(r"`(\w+)`", row[3])) for row in rows}

    assert described == {kind: body.__struct_fields__ for kind, body in source.fact_kinds().items()}


def test_every_refusal_stands_in_the_docs(source: Source) -> None:
    assert source.first_column("docs/refusals.md") == source.refusal_codes()


def test_every_figure_stands_in_the_docs(source: Source) -> None:
    assert source.first_column("docs/figures.md") == source.figure_keys()


def test_every_command_stands_in_the_docs(source: Source) -> None:
    assert source.first_column("docs/commands.md") == source.commands()


def test_every_setting_stands_in_the_docs(source: Source) -> None:
    described = source.first_column("docs/settings.md")

    assert described == source.variables()
    assert {f"FOURLEAF_{field.upper()}" for field in Settings.__struct_fields__} <= described


def test_facts_say_what_happened_in_the_past_tense_of_their_engine(source: Source) -> None:
    for kind, body in source.fact_kinds().items():
        assert kind == f"{body.__module__.split('.')[-2]}.{body.__name__}"

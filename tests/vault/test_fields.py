# SPDX-License-Identifier: Apache-2.0
"""However a number is written, it has one form; and the page on privacy names every field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.vault.fields import FIELDS, normal
from tests.docs.source import Source


@pytest.mark.parametrize(
    ("kind", "written", "form"),
    [
        ("phone", "138 0013 8000", "8613800138000"),
        ("phone", "+86 (0)138-0013-8000", "8613800138000"),
        ("phone", "0086 13800138000", "8613800138000"),
        ("phone", "021-6770 0000", "862167700000"),
        ("phone", "＋44 20 7946 0958", "442079460958"),
        ("phone", "none", ""),
        ("document", " g 1234_5678-x ", "G12345678X"),
        ("document", "Ｅ１２３", "E123"),
        ("email", " Ann.Lee@Example.ORG ", "ann.lee@example.org"),
    ],
)
def test_a_value_has_one_form(kind: str, written: str, form: str) -> None:
    assert normal(kind, written, country="86") == form


@given(st.sampled_from(["document", "email"]), st.text(max_size=40))
def test_a_form_is_its_own_form(kind: str, text: str) -> None:
    form = normal(kind, text, country="86")

    assert normal(kind, form, country="86") == form


def test_the_page_on_privacy_names_every_field() -> None:
    assert set(FIELDS) <= Source().first_column("docs/privacy.md")

# SPDX-License-Identifier: Apache-2.0
"""Names: sentences call kinds of things as people of either language do."""

import re
from pathlib import Path

import pytest

from fourleaf.pack import check
from fourleaf.pack.kinds import FEATURES, REFERENCES
from fourleaf.pack.names import KINDS
from fourleaf.pack.register_sentences import told
from tests.pack.small_pack import Pack


@pytest.mark.parametrize(
    "kind", sorted({*FEATURES, *REFERENCES.values(), "country", "zone", "group", "role", "source"})
)
def test_every_kind_has_a_name_in_both_languages(kind: str) -> None:
    assert re.fullmatch(r"[\u4e00-\u9fff]+", KINDS[kind].zh)
    assert "_" not in KINDS[kind].en


def test_no_english_word_for_a_kind_stands_in_a_chinese_sentence(tmp_path: Path) -> None:
    pack = Pack(tmp_path / "fair-1")
    pack.feature("booth", 0, hall="9.9")
    pack.feature("lane", 0, gate="S")

    mismatch, unknown = check(pack.root, {}).problems

    assert unknown.zh == "“hall”指向的展馆“9.9”不存在。"
    assert unknown.mend_zh == "请改正，或补上该展馆。"
    assert unknown.en == "'hall' names the hall '9.9', which does not exist."
    assert mismatch.zh == "“gate”是“S”，而出入口 N1 属于“N”。"
    assert mismatch.en == "'gate' is 'S', but entrance N1 belongs to 'N'."


def test_a_cell_names_what_it_misses() -> None:
    meal = told("cell.unknown-reference", {"field": "点位", "value": "M9", "of": "meal_point"})["what"]
    own = told("cell.unknown-reference", {"field": "hotel", "value": "H1", "of": "hotel"})["what"]

    assert meal == {
        "zh": "“点位”指向的供餐点“M9”不存在。",
        "en": "'点位' names the meal point 'M9', which does not exist.",
    }
    assert own["zh"] == "“hotel”指向的 hotel “H1”不存在。"

# SPDX-License-Identifier: Apache-2.0
"""The table is compiled from what the pack declares: zones, categories, days and lanes."""

from typing import Any

from fourleaf.engines.admission.rules import Lane, table_of
from fourleaf.engines.admission.rules.sources import MOST_DAYS

DECLARED: dict[str, dict[str, dict[str, Any]]] = {
    "admission_rule": {
        "venue": {
            "reentry_gap_s": 60,
            "lane": [
                {"zone": "venue", "gates": ["N"], "carriers": ["phone"], "direction": "in"},
                {"zone": "back", "lane_classes": ["staff"], "gate_class": "staff", "categories": ["staff"]},
            ],
        }
    },
    "access_zone": {"venue": {"number": 0}, "back": {"number": 2}},
    "credential_type": {
        "visitor": {"number": 3, "phases": ["show"], "opens": "08:30", "closes": "17:30"},
        "staff": {"number": 6, "phases": ["show"], "dates": ["2024-11-04"], "opens": "00:00", "closes": "23:59"},
    },
    "phase": {
        "show": {"from": "2024-11-05", "to": "2024-11-06"},
        "365-days": {"from": "2024-11-11", "to": "2025-11-10"},
    },
    "lane": {
        "N-1": {"gate": "N", "lane_class": "badge"},
        "S-1": {"gate": "S", "lane_class": "staff"},
        "S-2": {"gate": "S", "lane_class": "badge"},
    },
}


def test_a_lane_takes_the_first_rule_that_fits_it_and_leads_nowhere_without_one() -> None:
    lanes = table_of(DECLARED).venue.lanes

    assert lanes == {
        "N-1": Lane(gate="N", gate_class="perimeter", zone=0, direction="in", carriers=0b010, categories=0b1001000),
        "S-1": Lane(gate="S", gate_class="staff", zone=2, carriers=0b011, categories=0b1000000),
        "S-2": Lane(gate="S"),
    }


def test_days_are_those_that_a_category_is_for_and_no_others() -> None:
    assert table_of(DECLARED).venue.days == ("2024-11-04", "2024-11-05", "2024-11-06")


def test_a_code_has_room_for_so_many_days() -> None:
    types = {"staff": DECLARED["credential_type"]["staff"] | {"phases": ["365-days"]}}

    assert len(table_of(DECLARED | {"credential_type": types}).venue.days) == MOST_DAYS


def test_hours_of_a_category_become_rows() -> None:
    rows = {row.id: row.when for row in table_of(DECLARED).rows}

    assert ("minute", "lt", 510) in rows["early-visitor"]
    assert ("minute", "ge", 1_439) in rows["late-staff"]
    assert "early-staff" not in rows


def test_a_pack_that_declares_nothing_of_it_has_a_table_too() -> None:
    rows = table_of({"lane": DECLARED["lane"]}).rows

    assert not {"wrong-zone", "wrong-lane", "wrong-day", "wrong-category"} & {row.id for row in rows}


def test_the_order_of_what_is_declared_does_not_matter() -> None:
    turned = {kind: dict(reversed(list(values.items()))) for kind, values in reversed(list(DECLARED.items()))}

    assert table_of(turned) == table_of(DECLARED)

# SPDX-License-Identifier: Apache-2.0
"""Many accounts are found by words and read page by page."""

from typing import Any

import pytest

from fourleaf.app.sign_in.account_lists import SIZE, chosen

DUTY = {"name": {"zh": "值班员", "en": "Duty officer"}, "group_name": None}
CHIEF = {"name": {"zh": "组长", "en": "Group chief"}, "group_name": {"zh": "安保组", "en": "Security"}}
EVERY: list[dict[str, Any]] = [
    {"name": f"post.{number:03}", "posts": [CHIEF] if number % 40 == 0 else [DUTY]} for number in range(1, 121)
]


@pytest.mark.parametrize(
    ("words", "total"), [("", 120), ("POST.00", 9), ("安保组", 3), ("chief security", 3), ("duty 组长", 0)]
)
def test_accounts_are_found_by_their_name_role_and_group(words: str, total: int) -> None:
    found = chosen(EVERY, {"q": words})

    assert (found.every, found.total, len(found.rows)) == (120, total, min(total, SIZE))


@pytest.mark.parametrize(
    ("page", "first", "count", "more"),
    [
        ("", 0, 50, True),
        ("2", 50, 50, True),
        ("3", 100, 20, False),
        ("9", 400, 0, False),
        ("-1", 0, 50, True),
        ("²", 0, 50, True),
    ],
)
def test_accounts_stand_page_by_page(page: str, first: int, count: int, more: bool) -> None:
    found = chosen(EVERY, {"page": page})

    assert (found.first, len(found.rows), found.more) == (first, count, more)

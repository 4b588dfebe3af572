# SPDX-License-Identifier: Apache-2.0
"""One-time codes and their pictures."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from fourleaf.app.sign_in import codes

AT = datetime(2024, 11, 5, 1, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("late_s", "taken"), [(0, True), (30, True), (-30, True), (90, False), (-90, False)])
def test_a_code_is_good_for_its_step_and_one_around(late_s: int, taken: bool) -> None:
    secret = codes.fresh_secret()
    code = pyotp.TOTP(secret).at(AT + timedelta(seconds=late_s))

    step = codes.step_of(secret, f" {code[:3]} {code[3:]} ", AT)

    assert (step is not None) == taken


@pytest.mark.parametrize("code", ["", "12345", "一二三四五六", "\ud800"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert codes.step_of(codes.fresh_secret(), code, AT) is None


def test_a_picture_scales_with_its_page() -> None:
    drawn = codes.qr("https://fair.example/sign-in/card#ciie-7." + "x" * 43)

    assert "viewBox" in drawn and "height=" not in drawn

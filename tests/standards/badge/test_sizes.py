# SPDX-License-Identifier: Apache-2.0
"""How large codes are: small enough to be read fast, whatever they say."""

import msgspec
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec

from fourleaf.standards import base45
from fourleaf.standards.badge import Claims, issue, printed
from tests.standards.badge.codes import FL1, FL2, ISSUER, PAPER, on_phone, proved

MOST = 2**32 - 1
LARGEST = msgspec.structs.replace(PAPER, index=MOST, holder=MOST, category=2**16 - 1, zones=MOST, days=MOST)


def size(text: str) -> int:
    return len(base45.decode(text[4:]))


@pytest.mark.parametrize("said", [PAPER, LARGEST], ids=["ordinary", "largest"])
def test_a_printed_badge_has_130_bytes_at_most(said: Claims) -> None:
    text = printed(issue(said, ISSUER))

    code = segno.make_qr(text, error="m", boost_error=False)
    assert size(text) <= 130
    assert (code.mode, int(code.version)) <= ("alphanumeric", 8)


@pytest.mark.parametrize("said", [PAPER, LARGEST], ids=["ordinary", "largest"])
def test_a_phones_code_has_240_bytes_at_most_and_fits_into_11_m(said: Claims) -> None:
    text = proved(issue(on_phone(said), ISSUER), slot=MOST)

    code = segno.make_qr(text, error="m", boost_error=False)
    assert size(text) <= 240
    assert (code.mode, int(code.version)) <= ("alphanumeric", 11)


def test_a_size_does_not_hang_on_the_key() -> None:
    phones = [ec.derive_private_key(number, ec.SECP256R1()) for number in range(1, 12)]

    assert len({size(proved(issue(on_phone(PAPER, phone), ISSUER), phone=phone)) for phone in phones}) == 1


def test_the_documented_sizes_are_these() -> None:
    assert [size(FL1), size(FL2), size(printed(issue(LARGEST, ISSUER)))] == [112, 231, 121]

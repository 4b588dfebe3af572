# SPDX-License-Identifier: Apache-2.0
"""Codes are read as they were issued, each wrong one is refused with its reason, and a screenshot ages."""

from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from fourleaf.standards import base45, cbor, cose, cwt
from fourleaf.standards.badge import Claims, Problem, Verified, issue, printed, read, shown, slot_at, to_be_proved
from fourleaf.standards.cbor import Map, Value
from fourleaf.standards.keyring import Keyring, SigningKey
from tests.standards.badge.codes import BADGE, FL1, FL2, ISSUER, NOW, PAPER, PASS, PHONE, RING, SLOT, on_phone, proved

STRANGER = SigningKey(bytes(40))
THIEF = ec.derive_private_key(666, ec.SECP256R1())
RIGHT: list[Value] = [431_007, 902_114, 3, 0b1011, 0b111111]
EXPIRES = int(PAPER.expires_at.timestamp())


def signed(claims: Map) -> str:
    return printed(ISSUER.signed(cbor.encode(claims)))


claims_of_paper = st.builds(
    Claims,
    index=st.integers(0, 2**32 - 1),
    holder=st.integers(0, 2**32 - 1),
    category=st.integers(0, 2**16 - 1),
    zones=st.integers(0, 2**32 - 1),
    days=st.integers(0, 2**32 - 1),
    expires_at=st.just(PAPER.expires_at),
)


@given(claims_of_paper)
@settings(max_examples=50)
def test_a_printed_code_says_what_was_issued(said: Claims) -> None:
    assert read(printed(issue(said, ISSUER)), RING, NOW) == Verified(claims=said, kid=ISSUER.kid)


@given(claims_of_paper, st.integers(-1, 1))
@settings(max_examples=50)
def test_a_phones_code_says_what_was_issued_and_when_it_was_proved(said: Claims, off: int) -> None:
    said = on_phone(said)

    assert read(proved(issue(said, ISSUER), SLOT + off), RING, NOW) == Verified(
        claims=said, kid=ISSUER.kid, slot=SLOT + off
    )


@pytest.mark.parametrize("seconds", range(-50, 51, 5))
def test_a_screenshot_is_good_for_at_most_30_seconds(seconds: int) -> None:
    taken = NOW + timedelta(seconds=14)

    answer = read(proved(PASS, slot_at(taken)), RING, taken + timedelta(seconds=seconds))

    # The slot began 14 s before; the one before it and the one after it are accepted too.
    assert isinstance(answer, Verified) == (-29 <= seconds <= 15)
    assert isinstance(answer, Verified) or answer.code == "stale-proof"


def test_a_stale_proof_tells_its_slot_so_that_a_wrong_clock_shows() -> None:
    answer = read(proved(PASS, SLOT + 40), RING, NOW)

    assert answer == Problem(code="stale-proof", claims=on_phone(PAPER), slot=SLOT + 40)


@pytest.mark.parametrize(("tolerance", "code"), [(0, "stale-proof"), (1, "stale-proof"), (2, "")])
def test_the_tolerance_is_the_lanes(tolerance: int, code: str) -> None:
    answer = read(proved(PASS, SLOT - 2), RING, NOW, tolerance=tolerance)

    assert (answer.code if isinstance(answer, Problem) else "") == code


def test_a_proof_shown_twice_is_read_twice_with_the_same_slot() -> None:
    assert read(FL2, RING, NOW) == read(FL2, RING, NOW) == Verified(claims=on_phone(PAPER), kid=ISSUER.kid, slot=SLOT)


@pytest.mark.parametrize(("at", "good"), [(PAPER.expires_at - timedelta(seconds=1), True), (PAPER.expires_at, False)])
def test_a_code_counts_until_before_it_expires(at: datetime, good: bool) -> None:
    answer = read(FL1, RING, at)

    assert answer == (Verified(claims=PAPER, kid=ISSUER.kid) if good else Problem(code="expired", claims=PAPER))


@pytest.mark.parametrize(
    "text", [printed(issue(PAPER, STRANGER)), proved(issue(on_phone(PAPER), STRANGER))], ids=["printed", "phone"]
)
def test_a_stranger_who_issues_is_unknown(text: str) -> None:
    assert read(text, RING, NOW) == Problem(code="unknown-key")


def test_a_stranger_under_the_issuers_name_is_found_out() -> None:
    payload = cbor.encode({4: EXPIRES, -65537: RIGHT})

    assert read(printed(cose.sign(payload, STRANGER, {4: ISSUER.kid})), RING, NOW) == Problem(code="bad-signature")


@pytest.mark.parametrize("days", [-31, 30])
def test_a_key_out_of_its_time_does_not_count(days: int) -> None:
    assert read(FL1, RING, NOW + timedelta(days=days)) == Problem(code="key-expired")


def test_after_a_rotation_old_and_new_codes_count_until_the_old_key_closes() -> None:
    month = timedelta(days=30)
    ring = Keyring([ISSUER.published(NOW - month, NOW + timedelta(days=1)), STRANGER.published(NOW, NOW + month)])
    codes = [FL1, printed(issue(PAPER, STRANGER))]

    assert [type(read(code, ring, NOW)) for code in codes] == [Verified, Verified]
    assert read(codes[0], ring, NOW + timedelta(days=1)) == Problem(code="key-expired")
    assert isinstance(read(codes[1], ring, NOW + timedelta(days=1)), Verified)


def test_a_phones_badge_without_its_proof_is_refused() -> None:
    assert read(printed(PASS), RING, NOW) == Problem(code="bad-proof", claims=on_phone(PAPER))


def test_a_printed_badge_gains_nothing_by_a_proof() -> None:
    assert read(proved(BADGE), RING, NOW) == Problem(code="bad-proof", claims=PAPER, slot=SLOT)


@pytest.mark.parametrize(
    "text",
    [
        proved(PASS, phone=THIEF),
        shown(PASS, SLOT, bytes(64)),
        shown(PASS, SLOT, cose.signature(PHONE, to_be_proved(PASS, SLOT - 1))),
        shown(PASS, SLOT, cose.signature(PHONE, to_be_proved(BADGE, SLOT))),
        shown(PASS, SLOT, ISSUER.sign(to_be_proved(PASS, SLOT))),
        shown(PASS, SLOT, cose.signature(PHONE, PASS)),
    ],
    ids=["another phone", "none", "another slot", "another badge", "the issuer", "other words"],
)
def test_a_proof_of_anything_else_is_none(text: str) -> None:
    assert read(text, RING, NOW) == Problem(code="bad-proof", claims=on_phone(PAPER), slot=SLOT)


def test_a_proof_of_one_version_is_none_of_another() -> None:
    again = issue(msgspec.structs.replace(on_phone(PAPER), index=1), ISSUER)

    answer = read(shown(again, SLOT, cose.signature(PHONE, to_be_proved(PASS, SLOT))), RING, NOW)

    assert isinstance(answer, Problem) and answer.code == "bad-proof"


def test_the_other_form_of_a_proof_is_the_same_index_and_slot() -> None:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    proof = cose.signature(PHONE, to_be_proved(PASS, SLOT))
    other = proof[:32] + (order - int.from_bytes(proof[32:], "big")).to_bytes(32, "big")

    assert read(shown(PASS, SLOT, other), RING, NOW) == read(shown(PASS, SLOT, proof), RING, NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {4: EXPIRES},
        {-65537: RIGHT},
        {4: -1, -65537: RIGHT},
        {4: 1 << 32, -65537: RIGHT},
        {4: True, -65537: RIGHT},
        {4: str(EXPIRES), -65537: RIGHT},
        {4: EXPIRES, -65537: RIGHT[:4]},
        {4: EXPIRES, -65537: [*RIGHT, 1]},
        {4: EXPIRES, -65537: [1 << 32, *RIGHT[1:]]},
        {4: EXPIRES, -65537: [-1, *RIGHT[1:]]},
        {4: EXPIRES, -65537: [True, *RIGHT[1:]]},
        {4: EXPIRES, -65537: [b"1", *RIGHT[1:]]},
        {4: EXPIRES, -65537: [1, 2, 1 << 16, 4, 5]},
        {4: EXPIRES, -65537: {1: 2}},
        {1: "fair", 4: EXPIRES, -65537: RIGHT},
        {4: EXPIRES, 7: b"id", -65537: RIGHT},
        {4: EXPIRES, "name": "Ann", -65537: RIGHT},
        {4: EXPIRES, 8: {}, -65537: RIGHT},
        {4: EXPIRES, 8: {3: b"kid"}, -65537: RIGHT},
        {4: EXPIRES, 8: {1: {1: 2, -1: 1, -2: b"\xff" * 32, -3: True}}, -65537: RIGHT},
        {4: EXPIRES, 8: {1: {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)}}, -65537: RIGHT},
    ],
)
def test_claims_of_another_shape_are_refused_though_the_issuer_signed_them(claims: Map) -> None:
    assert read(signed(claims), RING, NOW) == Problem(code="bad-code")


def test_a_key_that_is_not_compressed_is_refused_though_the_issuer_signed_it() -> None:
    point = PHONE.public_key().public_numbers()
    full: Map = {1: 2, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}

    assert cwt.confirmed({1: full}) == PHONE.public_key()
    assert read(signed({4: EXPIRES, 8: {1: full}, -65537: RIGHT}), RING, NOW) == Problem(code="bad-code")


@pytest.mark.parametrize(
    "changed",
    [
        {"index": 1 << 32},
        {"holder": -1},
        {"category": 1 << 16},
        {"zones": 1 << 32},
        {"days": True},
        {"expires_at": NOW + timedelta(microseconds=1)},
        {"expires_at": NOW.replace(year=2200)},
        {"device": ec.derive_private_key(1, ec.SECP384R1()).public_key()},
    ],
)
def test_what_no_code_can_say_is_not_issued(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        issue(msgspec.structs.replace(PAPER, **changed), ISSUER)


def test_the_texts_say_what_they_are() -> None:
    assert (FL1[:4], FL2[:4]) == ("FL1:", "FL2:")
    assert base45.decode(FL1[4:]) == BADGE
    assert cbor.decode(base45.decode(FL2[4:]), longest=512) == [PASS, SLOT, cbor_signature(FL2)]


def cbor_signature(text: str) -> bytes:
    return base45.decode(text[4:])[-64:]

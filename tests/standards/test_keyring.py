# SPDX-License-Identifier: Apache-2.0
"""Keyring: several keys, each in its time; and a header that holds nothing but what is agreed on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.standards import cbor, cose
from fourleaf.standards.cbor import Value
from fourleaf.standards.keyring import Keyring, Opened, PublicKey, SigningKey, Untrusted

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW = SigningKey(bytes(range(40))), SigningKey(bytes(40))
RING = Keyring([OLD.published(NOW - DAY, NOW + DAY), NEW.published(NOW, NOW + 9 * DAY)])


def opened(message: bytes, now: datetime = NOW, kind: str | None = None) -> Opened | Untrusted:
    return RING.open(message, now, longest=512, kind=kind)


def with_header(header: dict[int | str, Value], open_header: Value = 0) -> bytes:
    """Rightly signed, whatever the header says."""
    protected = cbor.encode(header)
    signature = OLD.sign(cbor.encode(["Signature1", protected, b"", b"said"]))
    return b"\xd2" + cbor.encode([protected, open_header or {}, b"said", signature])


def test_a_secret_is_always_the_same_key() -> None:
    assert OLD.kid == SigningKey(bytes(range(40))).kid != NEW.kid
    assert OLD.kid.hex() == "381882a69d5c6c38"


@given(st.binary(max_size=60).filter(lambda secret: len(secret) != 40))
def test_a_secret_of_another_length_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match="40 random bytes"):
        SigningKey(secret)


def test_old_and_new_key_count_at_the_same_time() -> None:
    assert [opened(key.signed(b"said")) for key in (OLD, NEW)] == [
        Opened(kid=key.kid, payload=b"said") for key in (OLD, NEW)
    ]


@pytest.mark.parametrize(
    ("now", "counts"),
    [(NOW - DAY - DAY, False), (NOW - DAY, True), (NOW + DAY - timedelta(seconds=1), True), (NOW + DAY, False)],
)
def test_a_key_counts_from_its_opening_until_before_its_closing(now: datetime, counts: bool) -> None:
    assert opened(OLD.signed(b""), now) == (Opened(kid=OLD.kid, payload=b"") if counts else "key-expired")


def test_a_key_that_nobody_published_is_unknown() -> None:
    assert opened(SigningKey(b"\x01" * 40).signed(b"")) == "unknown-key"


def test_a_key_stands_in_a_ring_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Keyring([OLD.published(NOW, NOW + DAY)] * 2)


def test_another_key_under_a_known_name_is_a_wrong_signature() -> None:
    stranger = SigningKey(b"\x01" * 40)
    message = cose.sign(b"", stranger, {cose.KEY_ID: OLD.kid})

    assert opened(message) == "bad-signature"


def test_the_agreed_header_is_right_in_this_test_too() -> None:
    assert opened(with_header({1: -7, 4: OLD.kid})) == Opened(kid=OLD.kid, payload=b"said")


@pytest.mark.parametrize(
    "header",
    [
        {},
        {1: -7},
        {4: OLD.kid},
        {1: -35, 4: OLD.kid},
        {1: -8, 4: OLD.kid},
        {1: 5, 4: OLD.kid},
        {1: 0, 4: OLD.kid},
        {1: "none", 4: OLD.kid},
        {1: "ES256", 4: OLD.kid},
        {1: b"\x26", 4: OLD.kid},
        {1: [-7], 4: OLD.kid},
        {1: -7, 4: OLD.kid[:7]},
        {1: -7, 4: OLD.kid + b"\0"},
        {1: -7, 4: OLD.kid.hex()},
        {1: -7, 4: 7},
        {1: -7, 4: [OLD.kid]},
        {1: -7, 2: [4], 4: OLD.kid},
        {1: -7, 2: [99], 4: OLD.kid, 99: 1},
        {1: -7, 3: 0, 4: OLD.kid},
        {1: -7, 4: OLD.kid, 16: "application/statuslist+cwt"},
        {1: -7, 4: OLD.kid, "x": 1},
    ],
)
def test_any_other_header_is_refused_though_it_is_signed(header: dict[int | str, Value]) -> None:
    assert opened(with_header(header)) == "bad-code"


@pytest.mark.parametrize("open_header", [{1: -7}, {4: OLD.kid}, {1: "none"}, {33: b""}])
def test_a_header_that_is_not_signed_is_refused(open_header: dict[int | str, Value]) -> None:
    assert opened(with_header({1: -7, 4: OLD.kid}, open_header)) == "bad-code"


def test_what_is_signed_as_one_kind_is_none_of_another() -> None:
    message = OLD.signed(b"said", kind="a")

    assert opened(message, kind="a") == Opened(kid=OLD.kid, payload=b"said")
    assert [opened(message, kind=kind) for kind in (None, "b")] == ["bad-code", "bad-code"]
    assert opened(OLD.signed(b"said"), kind="a") == "bad-code"


def test_more_than_agreed_is_not_looked_at() -> None:
    assert isinstance(opened(OLD.signed(bytes(420))), Opened)
    assert opened(OLD.signed(bytes(440))) == "bad-code"


@given(st.binary(max_size=200))
def test_noise_is_a_bad_code(noise: bytes) -> None:
    assert opened(noise) == opened(b"\xd2" + noise) == "bad-code"


def test_a_key_knows_its_name() -> None:
    assert PublicKey(key=OLD.public, opens_at=NOW, closes_at=NOW).kid == OLD.kid

# SPDX-License-Identifier: Apache-2.0
"""A delta of a status list: small, and of use only to who holds the list that it starts from."""

import random
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourleaf.standards import cbor
from fourleaf.standards.cbor import Map
from fourleaf.standards.keyring import SigningKey
from fourleaf.standards.status_list import StatusList, apply, difference, sign
from fourleaf.standards.status_list.delta import MEDIA_TYPE
from tests.standards.status_list.lists import KEY, NOW, RING, URI, listed

HELD = listed(3, 16, [1, 9])
DIGEST = sha256(b"\x02\x00").digest()
CLAIMS: Map = {2: URI, 6: 1_793_869_200, -65538: [4, 16], -65539: [3, DIGEST, [9]]}


@given(st.sets(st.integers(0, 99)), st.sets(st.integers(0, 149)))
@settings(max_examples=50)
def test_old_list_and_delta_make_the_new_list(old: set[int], new: set[int]) -> None:
    before, after = listed(3, 100, old), listed(9, 150, new)

    assert apply(before, difference(before, after, KEY), RING, NOW) == after


def test_500_changes_among_700_000_take_5_kb_at_most() -> None:
    chance = random.Random(4)
    invalid = set(chance.sample(range(700_000), 9_000))
    changed = invalid ^ set(chance.sample(range(700_000), 500))

    delta = difference(listed(1, 700_000, invalid), listed(2, 700_000, changed), KEY)

    assert len(delta) <= 2_000


def test_the_claims_of_these_tests_are_right() -> None:
    assert applied(CLAIMS) == listed(4, 16, [1])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({2: "another"}, "other-list"),
        ({4: 1_793_869_200}, "expired"),
        ({-65538: [3, 16]}, "wrong-base"),
        ({-65538: [4, 8]}, "wrong-base"),
        ({-65539: [2, DIGEST, [9]]}, "wrong-base"),
        ({-65539: [3, bytes(32), [9]]}, "wrong-base"),
        ({-65539: [3, DIGEST, [16]]}, "bad-code"),
        ({-65539: [3, DIGEST, [9, 9]]}, "bad-code"),
        ({-65539: [3, DIGEST, [-1]]}, "bad-code"),
        ({-65539: [3, DIGEST, [True]]}, "bad-code"),
        ({-65539: [3, DIGEST, [1 << 63]]}, "bad-code"),
        ({-65539: [3, DIGEST]}, "bad-code"),
        ({-65539: [True, DIGEST, []]}, "bad-code"),
        ({-65539: 0}, "bad-code"),
        ({-65538: 0}, "bad-code"),
        ({6: True}, "bad-code"),
    ],
)
def test_a_delta_that_does_not_fit_is_refused(changed: Map, code: str) -> None:
    assert applied({**CLAIMS, **changed}) == code


def test_keys_and_kinds_are_looked_at() -> None:
    delta = difference(HELD, listed(4, 16, []), SigningKey(bytes(40)))

    assert apply(HELD, delta, RING, NOW) == "unknown-key"
    assert apply(HELD, sign(HELD, KEY), RING, NOW) == "bad-code"
    assert apply(HELD, difference(HELD, listed(4, 16, []), KEY), RING, NOW + timedelta(days=2)) == "key-expired"


@pytest.mark.parametrize("new", [listed(3, 16, []), listed(4, 8, []), listed(4, 16, [], uri="another")])
def test_a_delta_leads_to_a_later_version_of_the_same_list(new: StatusList) -> None:
    with pytest.raises(ValueError, match="later version"):
        difference(HELD, new, KEY)


def test_what_has_changed_too_much_is_sent_whole() -> None:
    with pytest.raises(ValueError, match="too many"):
        difference(listed(1, 700_000, []), listed(2, 700_000, range(0, 700_000, 2)), KEY)


def applied(claims: Map) -> object:
    return apply(HELD, KEY.signed(cbor.encode(claims), kind=MEDIA_TYPE), RING, NOW)

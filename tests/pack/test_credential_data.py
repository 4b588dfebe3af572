# SPDX-License-Identifier: Apache-2.0
"""The categories, zones and organizations of the 7th edition are what is published of them, and marked where they are assumed."""

from collections import Counter

import msgspec
import pytest

from fourleaf.engines.credentials.declares import CredentialType, Organizations
from fourleaf.engines.credentials.rules.clocks import days_of
from fourleaf.pack import Edition

SORTS = {"exhibitor", "buyer", "visitor", "media", "volunteer", "staff", "build-crew", "guest", "vehicle", "same-day"}


@pytest.fixture(scope="module")
def types(edition: Edition) -> dict[str, CredentialType]:
    found = [one for one in edition.values if one.kind == "credential_type"]
    return {one.key: msgspec.convert(one.value, CredentialType, strict=False) for one in found}


def test_every_sort_of_credential_is_there_and_free_of_charge(types: dict[str, CredentialType]) -> None:
    assert set(types) == SORTS
    assert all(one.fee_free for one in types.values())


def test_43_delegations_39_of_governments_and_4_of_industries(edition: Edition) -> None:
    said = next(one.value for one in edition.values if (one.kind, one.key) == ("organization", "delegations"))
    organizations = msgspec.convert(said, Organizations).organizations

    sorts = Counter("industry" if one.id.startswith("td-industry") else "government" for one in organizations)
    assert sorts == {"government": 39, "industry": 4}
    assert all(one.synthetic and one.source == "assumed" for one in organizations)


def test_the_quota_of_the_delegations_holds_the_430_000_visitors(types: dict[str, CredentialType]) -> None:
    assert 43 * types["visitor"].quota >= 430_000


def test_the_emergency_credential_is_as_published(types: dict[str, CredentialType]) -> None:
    """Twice a person, valid on the day only, decided within ten minutes."""
    one = types["same-day"]

    assert (one.most, one.counted, one.validity, one.carriers) == (2, "ever", "same-day", ("phone",))
    assert sum(stage.minutes for stage in one.stages) == 10


def test_badges_of_the_5th_and_6th_are_used_again(types: dict[str, CredentialType]) -> None:
    again = {key for key, one in types.items() if one.reuse}

    assert again == {"exhibitor", "buyer", "visitor", "staff"}
    assert {edition for key in again for edition in types[key].reuse} == {"ciie-5", "ciie-6"}


def test_every_category_opens_on_some_day(edition: Edition, types: dict[str, CredentialType]) -> None:
    phases = {one.key: one.value for one in edition.values if one.kind == "phase"}

    assert all(days_of(one, phases) for one in types.values())

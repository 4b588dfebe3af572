# SPDX-License-Identifier: Apache-2.0
"""Tries: what a right one forgives, and what it must not: nobody opens an address for guessing with an account of his own."""

from datetime import UTC, datetime

import pytest

from fourleaf.app.sign_in import door
from fourleaf.engines.people import rules
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins
from fourleaf.postgres.logins import Tried
from tests.app.sign_in.fair import Fair

pytestmark = pytest.mark.postgres
NOW = datetime(2024, 11, 5, 1, tzinfo=UTC)


async def _try(fair: Fair, name: str) -> tuple[Tried | Refusal, bytes]:
    key = logins.attempt_key("account", fair.run, name)
    return await door.tries(fair.site, key, f"203.0.113.7/{fair.run}", NOW), key


async def test_a_success_forgives_the_account_and_of_the_address_its_own_try_alone(fair: Fair) -> None:
    for number in range(rules.FREE_FAILURES_OF_ADDRESS - 2):
        await _try(fair, f"guessed-{number}")
        tried, mine = await _try(fair, "own")
        assert isinstance(tried, Tried)
        await door.forgive(fair.site, tried, mine)

    before_last, _ = await _try(fair, "guessed-last")
    last, _ = await _try(fair, "guessed-once-more")
    told, _ = await _try(fair, "own")

    assert (type(before_last), type(last)) == (Tried, Tried)
    assert isinstance(told, Refusal) and told.code == "people.locked"


async def test_a_success_ends_no_pause_that_another_try_began(fair: Fair) -> None:
    for number in range(rules.FREE_FAILURES_OF_ADDRESS - 2):
        await _try(fair, f"guessed-{number}")
    own, mine = await _try(fair, "own")
    await _try(fair, "guessed-last")  # begins the pause, while the own one is still looked at
    assert isinstance(own, Tried)

    await door.forgive(fair.site, own, mine)
    told, _ = await _try(fair, "guessed-once-more")

    assert isinstance(told, Refusal) and told.code == "people.locked"


async def test_a_success_at_the_limit_leaves_no_pause_behind(fair: Fair) -> None:
    for number in range(rules.FREE_FAILURES_OF_ADDRESS - 1):
        await _try(fair, f"guessed-{number}")
    own, mine = await _try(fair, "own")
    assert isinstance(own, Tried)

    await door.forgive(fair.site, own, mine)
    after, _ = await _try(fair, "a-colleague")

    assert isinstance(after, Tried)


async def test_a_good_card_forgives_no_wrong_ones(fair: Fair) -> None:
    wall = await fair.open("wall-1", "screen")
    card = (await fair.act(wall.account, "card")).card
    wrong, where = f"{fair.run}.{'x' * 43}", f"203.0.113.8/{fair.run}"

    for _ in range(rules.FREE_FAILURES - 1):
        await door.by_card(fair.site, wrong, where, "?")
    entered = await door.by_card(fair.site, card, where, "?")
    await door.by_card(fair.site, wrong, where, "?")
    told = await door.by_card(fair.site, card, where, "?")

    assert isinstance(entered, door.Entered)
    assert isinstance(told, Refusal) and told.code == "people.locked"

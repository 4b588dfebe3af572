# SPDX-License-Identifier: Apache-2.0
"""The list of runs is of those that one may enter: of one's own edition, and of none before the account is one's own."""

import pytest

from fourleaf.app.rooms import rooms
from fourleaf.kernel.clock import RunClock
from fourleaf.postgres import runs
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import AT, Fair

pytestmark = pytest.mark.postgres


async def _foreign(fair: Fair, connection: Connection) -> str:
    """A run of another edition, the newest of all."""
    name = f"{fair.run}x"
    made = runs.Run(
        run=name,
        edition=name,
        kind="live",
        state="running",
        seed=1,
        sample_ppm=1_000_000,
        day=AT.date(),
        zone="Asia/Shanghai",
        created_at=AT,
    )
    clock = RunClock(edition_at=AT, wall_at=AT, speed=0.0)
    await runs.create(connection, made, cache_schema=f"{rooms().schema}\n{rooms().kept_schema}", clock=clock)
    return name


@pytest.mark.parametrize(
    ("post", "more", "seen"),
    [
        ("officer", {}, {"", ".r1"}),
        ("guest", {}, {"", ".r1"}),
        ("officer", {"synthetic": True}, {".r1"}),
        ("officer", {"chosen": False}, set()),
    ],
)
async def test_one_is_told_of_the_runs_of_his_own_edition_and_of_none_before_the_account_is_his(
    fair: Fair, connection: Connection, post: str, more: dict[str, bool], seen: set[str]
) -> None:
    foreign = await _foreign(fair, connection)
    said = await fair.open("ann", post, **more)
    browser = fair.browser()
    browser.sign_in("ann", said.password)

    listed, page, home = browser.json("/runs.json"), browser.get("/runs").text, browser.get("/")

    await runs.drop(connection, foreign)
    assert {one["run"] for one in listed.json()} == {f"{fair.run}{end}" for end in seen}
    assert foreign not in page + home.headers["location"]
    assert (fair.run in page) == bool(seen)

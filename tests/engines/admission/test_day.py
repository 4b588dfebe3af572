# SPDX-License-Identifier: Apache-2.0
"""Admission's day: what is called today began at midnight where the fair is held."""

from datetime import date, datetime, timedelta

import pytest

from fourleaf.engines.admission import actions, store
from fourleaf.engines.admission.state import GateView, VenueView
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.append import Answer
from tests.engines.at_work import AT, AtWork

pytestmark = pytest.mark.postgres

LANE = Principal(id="lane:n-1", labels=("office",), permissions=())


async def _enters(at_work: AtWork, holder: str, at: datetime) -> None:
    at_work.at = at
    answer = await actions.attempt(
        at_work.site, LANE, request_id=f"{holder}-{at:%d%H}", holder=holder, lane="n-1", direction="in", at=at
    )

    assert isinstance(answer, Answer)
    assert answer.value["decision"] == "entered"


async def _looked(at_work: AtWork, at: datetime) -> tuple[GateView, VenueView]:
    async with at_work.site.connection() as connection:
        gates, venue = await store.gates(connection, None, at), await store.venue(connection, None, at)
    return gates["N"], venue["entries"]


async def test_the_next_morning_counts_nobody_of_the_day_before(at_work: AtWork) -> None:
    await at_work.declare("lane", "n-1", gate="N", entrance="north")
    evening, morning = AT + timedelta(hours=8), AT + timedelta(hours=24)
    await _enters(at_work, "a", evening)
    await _enters(at_work, "b", evening)

    late, (early, waking) = await _looked(at_work, evening), await _looked(at_work, morning)
    await _enters(at_work, "a", morning)
    gate, venue = await _looked(at_work, morning + timedelta(minutes=1))

    assert (late[0].entries, early.entries, gate.entries) == (2, 0, 1)
    assert (waking.day, waking.minutes) == (None, [])
    assert venue.day is not None
    assert (venue.day.day, venue.day.entries, venue.minutes) == (date(2024, 11, 6), 1, [(morning, 1)])
    assert [count for _, count in venue.hours] == [2, 1]

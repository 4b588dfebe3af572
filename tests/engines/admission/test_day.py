# SPDX-License-Identifier: Apache-2.0
"""Admission's day: what is called today began at midnight where the fair is held."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fourleaf.engines.admission import actions
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


async def _shown(at_work: AtWork) -> tuple[Any, Any]:
    """What the gate and the wall say was entered today."""
    gates, figures = await at_work.picture("gate"), await at_work.picture("figure")
    return gates["N"]["entries_today"], figures["admission.entries_today"]["value"]


async def test_the_next_morning_counts_nobody_of_the_day_before(at_work: AtWork) -> None:
    await at_work.declare("lane", "n-1", gate="N", entrance="north")
    evening, morning = AT + timedelta(hours=8), AT + timedelta(hours=24)
    await _enters(at_work, "a", evening)
    await _enters(at_work, "b", evening)
    late = await _shown(at_work)
    at_work.at = morning
    early = await _shown(at_work)

    await _enters(at_work, "a", morning)
    again = await _shown(at_work)

    assert (late, early, again) == ((2, 2), (0, 0), (1, 1))

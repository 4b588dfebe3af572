# SPDX-License-Identifier: Apache-2.0
"""The tables of the engines are the image of the log: a rebuild of a run gives the same rows."""

from datetime import timedelta
from typing import Any

import pytest

from fourleaf.app.rooms import rooms
from fourleaf.engines.admission.facts import Entered, KeyTrusted, Left, TurnedAway
from fourleaf.engines.admission.state import HOLDERS, KEYS, UNREAD, Holder, Presence, SigningKey, Unread
from fourleaf.engines.credentials.facts import Applied, Issued, Step
from fourleaf.engines.credentials.state import STREAMS as CREDENTIAL_STREAMS
from fourleaf.engines.credentials.state import Credential
from fourleaf.engines.sensing.facts import (
    DeviceEnrolled,
    DeviceListed,
    FeedTokenMade,
    FellSilent,
    LevelChanged,
    LevelReached,
)
from fourleaf.engines.sensing.state import DEVICES, LEVELS, REACHED, VOICES, Device, DoorVoice, HallLevel, LevelState
from fourleaf.engines.sensing.state.feeds import FEEDS, FeedNow
from fourleaf.engines.world.facts import Added, Closed, Moved
from fourleaf.engines.world.state import THINGS, start
from fourleaf.postgres import runs
from fourleaf.postgres.pool import Connection
from tests.engines.at_work import AT, AtWork

pytestmark = pytest.mark.postgres

(CREDENTIALS,) = [one for one in CREDENTIAL_STREAMS if one.prefix == "credential"]
FIGURE = {"key": "admission.entries", "edition": "test-1", "value": 9, "unit": "person-time", "bound": "over"}
TABLES = (*(row for stream in rooms().streams for row in stream.tables), *(total.row for total in rooms().totals))


async def _happen(at_work: AtWork) -> None:
    """At least one row in every table of these engines."""
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    await at_work.declare("door", "8.1-D1", hall="8.1")
    await at_work.declare("lane", "L1", gate="N", entrance="N1", lane_class="wide")
    await at_work.declare("history", "test-1", figure=[FIGURE | {"source": "1", "quote": "九人次"}])
    told: list[tuple[Any, str, Any, Any]] = [
        (HOLDERS, "a", Holder(presence=Presence(holder="a")), _passages()),
        (UNREAD, "L1", Unread(lane="L1"), TurnedAway(**_AT_L1, direction="in", code="admission.bad-code")),
        (KEYS, "k1", SigningKey(kid="k1"), KeyTrusted(kid="k1", x="x", y="y", opens_at=AT, closes_at=AT)),
        (CREDENTIALS, "c1", Credential(credential="c1"), [_APPLIED, _ISSUED]),
        (LEVELS, "8.1", HallLevel(hall="8.1"), _level()),
        (VOICES, "8.1-D1", DoorVoice(door="8.1-D1"), FellSilent(door="8.1-D1", hall="8.1", last=AT)),
        (DEVICES, "lane:L1", Device(device="lane:L1"), [_LISTED, DeviceEnrolled(device="lane:L1")]),
        (REACHED, _LEVEL, LevelState(name=_LEVEL, level="hot", source="lane:L1", thing="L1"), _REACHED),
        (FEEDS, "metro", FeedNow(feed="metro"), FeedTokenMade(feed="metro")),
        (THINGS, "N", start("N"), Closed(thing="N", reason_zh="检修", reason_en="repair", until=AT)),
        (THINGS, "M1", start("M1"), Moved(thing="M1", level="L1", lon="121.3", lat="31.19")),
        (THINGS, "lift.L1", start("lift.L1"), [_LIFT, Closed(thing="lift.L1", reason_zh="检修", reason_en="repair")]),
    ]
    for stream, name, state, bodies in told:
        assert await at_work.site.record("test", stream, name, state, bodies, occurred_at=AT - timedelta(minutes=1))


_AT_L1: dict[str, Any] = {"lane": "L1", "gate": "N", "day": AT.date()}
_STEP = Step(key="decision", kind="decision", decides="credentials.decide", due_at=AT)
_APPLIED = Applied(holder="a", type="visitor", organization="o", documents=[], slot=1, step=_STEP)
_ISSUED = Issued(index=1, carrier="badge", valid_from=AT, valid_until=AT)


def _passages() -> list[Entered | Left]:
    """Out, and in twice without an exit between."""
    return [Left(**_AT_L1, nonce="1"), Entered(**_AT_L1, nonce="2", first=True), Entered(**_AT_L1, nonce="3")]


_LIFT = Added(
    register="lift", item="L1", values={"serial": "S-1", "tags": ["a"], "place": {"at": "8.1"}}, unique=["serial"]
)


_LISTED = DeviceListed(device="lane:L1", device_type="lane", thing="L1", name_zh="一", name_en="1", place={"at": "L1"})
_LEVEL = "hot/lane:L1/L1"
_REACHED = LevelReached(
    level="hot",
    source="lane:L1",
    thing="L1",
    quantity="celsius",
    before="calm",
    after="watch",
    value="71.5",
    threshold="70",
    at=AT,
)


def _level() -> LevelChanged:
    return LevelChanged(hall="8.1", before="calm", after="watch", occupancy=8_500, threshold=8_000)


async def test_a_rebuild_gives_every_table_the_same_rows(at_work: AtWork) -> None:
    await _happen(at_work)
    await at_work.picture("attention")
    before = await at_work.rows(*TABLES)

    await at_work.rebuild()

    ours = ("admission_", "sensing_", "world_", "declared")
    assert [table for table, rows in before.items() if table.startswith(ours) and not rows] == []
    assert await at_work.rows(*TABLES) == before


async def test_a_run_that_another_release_made_gets_this_release_s_tables(
    at_work: AtWork, connection: Connection
) -> None:
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    before = await at_work.rows(*TABLES)
    await connection.execute(f'drop table "{at_work.run}".reading cascade')
    await connection.execute(f'drop table "{at_work.run}".world_thing')
    stamp = rooms().folds.stamp
    assert at_work.run in await runs.outdated(connection, stamp)

    await at_work.rebuild()

    assert at_work.run not in await runs.outdated(connection, stamp)
    assert await at_work.rows(*TABLES) == before
    assert await (await connection.execute(f'select count(*) from "{at_work.run}".reading')).fetchone() == (0,)

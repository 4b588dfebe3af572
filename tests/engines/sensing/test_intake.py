# SPDX-License-Identifier: Apache-2.0
"""Intake at work: whatever devices send, what is right is kept once and the rest is counted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from fourleaf.engines.sensing import actions, store
from fourleaf.engines.sensing.actions import Message, Taken
from fourleaf.engines.sensing.facts import DeviceListed, DeviceRevoked
from fourleaf.engines.sensing.state import DEVICES, Device
from tests.engines.at_work import AT, AtWork

pytestmark = pytest.mark.postgres

BOX = "electric-box:B001"
DOOR = "door:8.1-D1"
WALL = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = {"zh": "某", "en": "some"}


def quantity(key: str, low: int, high: int) -> dict[str, Any]:
    return {"key": key, "name": WORDS, "unit": "", "min": low, "max": high}


@pytest.fixture
async def site(at_work: AtWork) -> AtWork:
    """An electric box and a hall door with a counter."""
    speaks = {"name": WORDS, "interval_s": 60, "silent_after_s": 300}
    box = [quantity("leak_ma", 0, 1000), quantity("celsius", -40, 150)]
    door = [quantity("in", 0, 5000), quantity("out", 0, 5000)]
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    await at_work.declare("door", "8.1-D1", hall="8.1")
    await at_work.declare("device_type", "electric-box", of="electric-box", quantity=box, **speaks)
    await at_work.declare("device_type", "hall-counter", of="door", quantity=door, counts=True, **speaks)
    for name, kind in ((BOX, "electric-box"), (DOOR, "hall-counter")):
        body = DeviceListed(
            device=name, device_type=kind, thing=name.partition(":")[2], name_zh="某", name_en="some", place={}
        )
        assert await at_work.site.record("test", DEVICES, name, Device(device=name), body)
    return at_work


def message(body: Any, device: str = BOX) -> Message:
    return Message("r", device, body if isinstance(body, bytes) else msgspec.json.encode(body), WALL)


def point(sequence: int, at: datetime = AT, battery: int | None = None, **quantities: float) -> dict[str, Any]:
    said: dict[str, Any] = {"s": sequence, "t": at.isoformat(), "q": quantities}
    return said if battery is None else said | {"b": battery}


async def kept(site: AtWork, columns: str = "sequence, quantity, value") -> Sequence[Any]:
    async with site.site.connection() as connection:
        cursor = await connection.execute(f"select {columns} from measure order by source, sequence, quantity")
        return await cursor.fetchall()


async def test_readings_are_kept_once_however_often_they_come(site: AtWork) -> None:
    messages = [message(point(1, leak_ma=3, celsius=21.5)), message([point(2, leak_ma=4), point(3, leak_ma=5)])]

    first = await actions.take_in(site.site, messages)
    again = await actions.take_in(site.site, [*messages, *messages])

    assert first == Taken(kept=4, doubled=0, refused={})
    assert again == Taken(kept=0, doubled=8, refused={})
    assert await kept(site) == [(1, "celsius", 21.5), (1, "leak_ma", 3.0), (2, "leak_ma", 4.0), (3, "leak_ma", 5.0)]


async def test_a_sequence_number_told_again_with_another_time_of_the_day_is_not_kept(site: AtWork) -> None:
    taken = await actions.take_in(
        site.site, [message(point(1, leak_ma=3)), message(point(1, AT - timedelta(minutes=9), leak_ma=9))]
    )

    assert taken == Taken(kept=1, doubled=1, refused={})
    assert await kept(site) == [(1, "leak_ma", 3.0)]


async def test_late_readings_go_to_their_own_day_and_the_newest_stays_the_newest(site: AtWork) -> None:
    late = AT - timedelta(days=3)
    await actions.take_in(site.site, [message(point(2, leak_ma=4, battery=80))])

    await actions.take_in(site.site, [message(point(1, late, leak_ma=300, battery=99))])

    assert await kept(site, "tableoid::regclass::text, day, value") == [
        ("measure_20241102", late.date(), 300.0),
        ("measure_20241105", AT.date(), 4.0),
    ]
    async with site.site.connection() as connection:
        heard = await connection.execute("select last, sequence, battery, kept from device_heard")
        assert await heard.fetchall() == [(AT, 2, 80, 2)]


async def test_counts_of_a_door_go_where_halls_are_counted(site: AtWork) -> None:
    body = {"s": 1, "t": (AT + timedelta(seconds=20)).isoformat(), "q": {"in": 12, "out": 2}}

    taken = [await actions.take_in(site.site, [message(body, DOOR)]) for _ in range(2)]

    assert taken == [Taken(kept=1, doubled=0, refused={}), Taken(kept=0, doubled=1, refused={})]
    async with site.site.connection() as connection:
        halls = await store.halls.halls(connection, None, AT)
    assert halls["8.1"].occupancy == 10
    assert await kept(site) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (point(1, AT + timedelta(minutes=11), leak_ma=3), "clock-ahead"),
        (point(1, AT - timedelta(days=7, minutes=1), leak_ma=3), "clock-behind"),
        (point(1, leak_ma=1001), "implausible"),
        (point(1, leak_a=1), "unknown-quantity"),
        (b"\x00\xff\xfe\x01 binary", "malformed"),
        (b'{"s": 1, "t": "yesterday", "q": {}}', "malformed"),
        (b'{"s": -1, "t": "2024-11-05T01:00:00Z"}', "malformed"),
        (b'{"s": 1, "t": "2024-11-05T01:00:00"}', "malformed"),
        (b'{"s": 1, "t": "2024-11-05T01:00:00Z", "q": {"leak_ma": NaN}}', "malformed"),
        (b'{"s": 1, "t": "2024-11-05T01:00:00Z", "q": {"leak_ma": 1e999}}', "malformed"),
        (b"[" * 9_000, "malformed"),
        (b'"' + b"x" * 17_000 + b'"', "oversize"),
    ],
)
async def test_what_cannot_be_kept_is_counted_and_harms_nobody_else(site: AtWork, body: Any, reason: str) -> None:
    taken = await actions.take_in(site.site, [message(body), message(point(7, leak_ma=1))])

    assert taken == Taken(kept=1, doubled=0, refused={reason: 1})
    assert await kept(site) == [(7, "leak_ma", 1.0)]
    async with site.site.connection() as connection:
        cursor = await connection.execute("select device, reason, count, total from device_refusal")
        assert await cursor.fetchall() == [(BOX, reason, 1, 1)]


async def test_unknown_and_revoked_devices_are_not_heard(site: AtWork) -> None:
    async with site.site.connection() as connection:
        box = await store.device(connection, BOX)
    await site.site.record("test", DEVICES, BOX, box, DeviceRevoked(device=BOX, reason="lost"))

    taken = await actions.take_in(
        site.site, [message(point(1, leak_ma=3)), message(point(1, leak_ma=3), "electric-box:no-such")]
    )

    assert taken == Taken(kept=0, doubled=0, refused={"revoked": 1, "unknown-device": 1})
    assert await kept(site) == []


async def test_days_that_are_over_are_dropped_whole(site: AtWork) -> None:
    old = AT - timedelta(days=5)
    await actions.take_in(site.site, [message([point(1, old, leak_ma=1), point(2, leak_ma=2)])])

    async with site.site.connection() as connection:
        dropped = await store.drop_days(connection, AT.date() - timedelta(days=4))

    assert dropped == ["measure_20241031"]
    assert await kept(site) == [(2, "leak_ma", 2.0)]


async def test_one_reading_that_came_before_keeps_none_of_the_others_out(site: AtWork) -> None:
    await actions.take_in(site.site, [message(point(1, leak_ma=3))])

    taken = await actions.take_in(site.site, [message([point(1, leak_ma=9, celsius=20), point(2, leak_ma=4)])])

    assert taken == Taken(kept=2, doubled=1, refused={})
    assert await kept(site) == [(1, "celsius", 20.0), (1, "leak_ma", 3.0), (2, "leak_ma", 4.0)]
    async with site.site.connection() as connection:
        cursor = await connection.execute("select kept, doubled from device_heard")
        assert await cursor.fetchall() == [(3, 1)]


async def test_a_reading_is_kept_as_it_was_told_in_the_day_that_it_was_there(site: AtWork) -> None:
    midnight = AT.replace(hour=16, minute=0, second=0) - timedelta(days=1)  # in Shanghai
    moments = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(microseconds=123_456)]

    await actions.take_in(
        site.site, [message(point(2**62 - number, at, celsius=-0.1)) for number, at in enumerate(moments)]
    )

    assert await kept(site, "day, source, thing, quantity, at, value, sequence, received_at") == [
        (moments[2].date() + timedelta(days=1), BOX, "B001", "celsius", moments[2], -0.1, 2**62 - 2, WALL),
        (moments[1].date() + timedelta(days=1), BOX, "B001", "celsius", moments[1], -0.1, 2**62 - 1, WALL),
        (moments[0].date(), BOX, "B001", "celsius", moments[0], -0.1, 2**62, WALL),
    ]


async def test_a_message_with_one_value_too_many_keeps_the_others_of_its_moment(site: AtWork) -> None:
    taken = await actions.take_in(site.site, [message(point(1, leak_ma=3, celsius=151, volt=230))])

    assert taken == Taken(kept=1, doubled=0, refused={"implausible": 1, "unknown-quantity": 1})
    assert await kept(site) == [(1, "leak_ma", 3.0)]

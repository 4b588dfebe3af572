# SPDX-License-Identifier: Apache-2.0
"""Floods over HTTP: who says too much waits and is counted, and nobody else notices."""

from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.sensing import actions
from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.facts import DeviceListed, DeviceRefused
from fourleaf.engines.sensing.rules import flow
from tests.engines.at_work import AT, AtWork
from tests.engines.sensing.test_intake import WORDS, point, quantity

BOXES = ("electric-box:B001", "electric-box:B002")
# A point of this type: 86,400 / 60 in a minute.
MOMENTS = 1_440
TYPE = {"name": WORDS, "of": "electric-box", "interval_s": 60, "silent_after_s": 300}
ONE_VALUE = msgspec.convert(TYPE | {"quantity": [quantity("leak_ma", 0, 1000)]}, DeviceType, strict=False)


@pytest.fixture
async def site(at_work: AtWork) -> AtWork:
    """Two electric boxes."""
    await at_work.declare("device_type", "electric-box", **TYPE, quantity=[quantity("leak_ma", 0, 1000)])
    listed = [
        DeviceListed(device=box, device_type="electric-box", thing=box[-4:], name_zh="", name_en="", place={})
        for box in BOXES
    ]
    async with at_work.site.connection() as connection:
        await actions.take_over(at_work.site.journal, connection, listed, actor="pack", now=AT)
    return at_work


def enrolled(site: AtWork, box: str) -> str:
    code = site.post(f"/sensing/devices/{box}/code", request_id=f"code-{box[-4:]}").json()["code"]
    answer = site.post(f"/sensing/devices/{box}/enrol", code=code)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["secret"])


def send(site: AtWork, secret: str, first: int, moments: int = 200) -> httpx.Response:
    body: Any = [point(first + number, leak_ma=1) for number in range(moments)]
    return site.post_as(secret, "/sensing/readings", body)


async def test_a_device_that_floods_waits_and_is_counted_and_others_are_heard(site: AtWork) -> None:
    loud, calm = (enrolled(site, box) for box in BOXES)
    told = [send(site, loud, 200 * number) for number in range(MOMENTS // 200 + 1)]

    refused, others = send(site, loud, 5_000), send(site, calm, 0)

    assert {one.status_code for one in told} == {200}
    assert (refused.status_code, refused.json()["code"]) == (429, "sensing.flooding")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert others.json() == {"accepted": 200, "duplicates": 0, "refused": {}, "ask": []}
    await actions.watch_refusals(site.site)
    facts = [one for one in await site.facts(f"device:{BOXES[0]}") if isinstance(one, DeviceRefused)]
    assert [(one.reason, one.count) for one in facts] == [("flooding", 1)]
    assert [one for one in await site.facts(f"device:{BOXES[1]}") if isinstance(one, DeviceRefused)] == []


async def test_a_flood_of_bytes_that_are_no_readings_is_held_back_too(site: AtWork) -> None:
    secret = enrolled(site, BOXES[0])

    answers = [site.post_as(secret, "/sensing/readings", b"x" * 16_384).status_code for _ in range(20)]

    most = flow.most(ONE_VALUE).bytes
    assert answers.count(422) == pytest.approx(most / 16_640, abs=1)
    assert answers == sorted(answers)
    assert answers[-1] == 429


async def test_who_was_held_back_is_heard_again_after_the_time_that_was_told(site: AtWork) -> None:
    now = 0.0
    flows = actions.Flows(lambda: now)
    await flows.ask(site.site, BOXES[0], 100)
    flows.said(site.site, BOXES[0], MOMENTS + 100)

    wait = await flows.ask(site.site, BOXES[0], 100)
    now += wait - 1.5
    early = await flows.ask(site.site, BOXES[0], 100)
    now += 1.6
    later = await flows.ask(site.site, BOXES[0], 100)

    assert (wait, early, later) == (5, 1, 0)


async def test_a_flood_is_written_down_once_a_second_with_how_often(site: AtWork) -> None:
    now = 0.0
    flows = actions.Flows(lambda: now)
    await flows.ask(site.site, BOXES[0], 100)
    flows.said(site.site, BOXES[0], 100_000)

    for number in range(30):
        now = number / 10
        await flows.ask(site.site, BOXES[0], 100)

    async with site.site.connection() as connection:
        cursor = await connection.execute("select reason, about, count from device_refusal")
        assert await cursor.fetchall() == [("flooding", "HTTP, 100 B", 21)]


@given(st.lists(st.tuples(st.floats(0, 90), st.integers(0, 16_384), st.integers(0, 300)), max_size=40))
def test_in_any_minute_a_device_is_let_say_two_minutes_worth_and_a_message_at_most(
    asks: list[tuple[float, int, int]],
) -> None:
    most, left, now, said = flow.most(ONE_VALUE), None, 0.0, list[tuple[float, int, int]]()

    for pause, size, readings in asks:
        now += pause
        left = flow.refilled(left, most, now)
        if flow.wait_s(left, most) == 0:
            left = flow.said(flow.asked(left, size), readings)
            said.append((now, size, readings))

    for start, _, _ in said:
        minute = [one for one in said if start <= one[0] < start + 60]
        assert sum(one[1] for one in minute) <= 2 * most.bytes + 16_384
        assert sum(one[2] for one in minute) <= 2 * most.readings + 300


@given(st.integers(1, 86_400), st.floats(0, 5), st.floats(0, 5))
def test_after_the_wait_that_was_told_a_device_may_speak(interval_s: int, readings: float, size: float) -> None:
    most = flow.most(msgspec.structs.replace(ONE_VALUE, interval_s=interval_s))
    left = flow.Left(-readings * most.readings, -size * most.bytes, 0.0)

    wait = flow.wait_s(left, most)

    assert wait >= 1
    assert flow.wait_s(flow.refilled(left, most, wait + 0.001), most) == 0


@pytest.mark.parametrize(("interval_s", "moments"), [(1, 12_000), (60, 1_440), (3_600, 200)])
def test_a_minute_holds_a_day_of_the_type_within_bounds(interval_s: int, moments: int) -> None:
    most = flow.most(msgspec.structs.replace(ONE_VALUE, interval_s=interval_s))

    assert most == flow.Flow(moments, moments * 208)

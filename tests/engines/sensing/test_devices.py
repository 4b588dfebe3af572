# SPDX-License-Identifier: Apache-2.0
"""Devices at work: codes, secrets, revocations, self-tests, silence; over HTTP as a device and the office meet them."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from fourleaf.engines.sensing import actions, rules, store
from fourleaf.engines.sensing.actions import Tried
from fourleaf.engines.sensing.facts import (
    CodeIssued,
    DeviceEnrolled,
    DeviceFellSilent,
    DeviceListed,
    DeviceRefused,
    DeviceRevoked,
    DeviceSpokeAgain,
    SelfTestAsked,
    SelfTested,
)
from fourleaf.engines.sensing.rules import devices as ruled
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer
from tests.engines.at_work import AT, AtWork
from tests.engines.sensing.test_intake import WORDS, message, point, quantity

pytestmark = pytest.mark.postgres

BOX = "electric-box:B001"
LISTED = DeviceListed(
    device=BOX, device_type="electric-box", thing="B001", name_zh="配电箱001", name_en="Box 1", place={"at": "8.1"}
)


@pytest.fixture
async def site(at_work: AtWork) -> AtWork:
    """One electric box, listed by a load."""
    await at_work.declare(
        "device_type",
        "electric-box",
        name=WORDS,
        of="electric-box",
        interval_s=60,
        silent_after_s=300,
        battery=True,
        self_test=True,
        quantity=[quantity("leak_ma", 0, 1000)],
    )
    assert await _list(at_work) == 1
    return at_work


async def _list(site: AtWork) -> int:
    async with site.site.connection() as connection:
        return await actions.take_over(site.site.journal, connection, [LISTED], actor="pack", now=AT)


def issue(site: AtWork, request: str = "c1") -> str:
    return str(site.post(f"/sensing/devices/{BOX}/code", request_id=request).json()["code"])


def enrol(site: AtWork, code: str) -> httpx.Response:
    return site.post(f"/sensing/devices/{BOX}/enrol", code=code)


def send(site: AtWork, secret: str, body: Any) -> httpx.Response:
    return site.post_as(secret, "/sensing/readings", body)


async def test_a_device_enrols_once_with_its_code_and_reports_with_its_secret(site: AtWork) -> None:
    code = issue(site)

    first, again = enrol(site, code.lower().replace("-", " ")), enrol(site, code)
    sent = send(site, first.json()["secret"], [point(1, leak_ma=3), point(1, leak_ma=3)])

    assert first.status_code == 200
    assert first.json()["topic"] == f"d/{site.run}/{BOX}/r"
    assert (again.status_code, again.json()["code"]) == (422, "sensing.wrong-code")
    assert sent.json() == {"accepted": 1, "duplicates": 1, "refused": {}, "ask": []}
    assert await site.facts(f"device:{BOX}") == [
        LISTED,
        CodeIssued(device=BOX, valid_for_s=rules.devices.CODE_VALID_S),
        DeviceEnrolled(device=BOX),
    ]


async def test_of_ten_who_bring_one_code_at_once_one_gets_a_secret_that_works(site: AtWork) -> None:
    code = issue(site)

    answers = await asyncio.gather(
        *(actions.enrol(site.site, BOX, code, secret=f"secret-{one}", request_id=f"r{one}") for one in range(10))
    )

    won = [number for number, answer in enumerate(answers) if isinstance(answer, Answer)]
    assert [one for one in answers if isinstance(one, Refusal)] == [Refusal("sensing.wrong-code", field="code")] * 9
    async with site.site.connection() as connection:
        credential = await store.credential(connection, site.run, BOX)
    assert credential.hash == rules.devices.hash_of(f"secret-{won[0]}")
    assert (await site.facts(f"device:{BOX}"))[2:] == [DeviceEnrolled(device=BOX)]


async def test_wrong_codes_of_others_do_not_use_a_code_up(site: AtWork) -> None:
    code = issue(site)
    for number in range(3 * ruled.FREE_TRIES):
        await actions.enrol(site.site, BOX, "AAAA-AAAA-AAAA", secret="s" * 43, request_id=f"guess-{number}")

    enrolled = enrol(site, code)

    assert enrolled.status_code == 200


async def test_a_code_that_is_too_old_works_no_more(site: AtWork) -> None:
    late = issue(site)
    async with site.site.connection() as connection:
        await connection.execute("update device_code set expires_at = clock_timestamp() - interval '1 second'")

    too_late = enrol(site, late)

    assert too_late.json()["code"] == "sensing.wrong-code"
    assert enrol(site, issue(site, "c2")).status_code == 200


async def test_wrong_codes_slow_down_whoever_brings_them_and_nobody_elsewhere(site: AtWork) -> None:
    code = issue(site)

    guesses = [enrol(site, "AAAA-AAAA-AAAA").status_code for _ in range(ruled.FREE_TRIES + 1)]
    there = enrol(site, code)
    elsewhere = await actions.begin_try(site.site, BOX, "203.0.113.7", AT)

    assert guesses == [422] * ruled.FREE_TRIES + [429]
    assert (there.status_code, there.json()["code"]) == (429, "sensing.too-many-tries")
    assert 0 < int(there.headers["Retry-After"]) <= 30
    assert isinstance(elsewhere, Tried)


async def test_an_address_that_tries_one_device_after_the_other_is_held_back_too(site: AtWork) -> None:
    tries = [
        await actions.begin_try(site.site, f"electric-box:B{number}", "203.0.113.7", AT)
        for number in range(ruled.FREE_TRIES_OF_ADDRESS + 1)
    ]

    assert {type(one) for one in tries[:-1]} == {Tried}
    assert tries[-1] == Refusal("sensing.too-many-tries", {"seconds": 30})


async def test_devices_that_enrol_rightly_behind_one_address_are_not_held_back(site: AtWork) -> None:
    for number in range(2 * ruled.FREE_TRIES_OF_ADDRESS):
        tried = await actions.begin_try(site.site, f"electric-box:B{number}", "203.0.113.7", AT)
        assert isinstance(tried, Tried)
        await actions.was_right(site.site, tried)

    last = await actions.begin_try(site.site, BOX, "203.0.113.7", AT)

    assert isinstance(last, Tried)


async def test_no_two_devices_of_a_run_have_one_secret(site: AtWork) -> None:
    secret, other = "s" * 43, "electric-box:B002"
    async with site.site.connection() as connection:
        await actions.take_over(
            site.site.journal,
            connection,
            [LISTED, msgspec.structs.replace(LISTED, device=other, thing="B002")],
            actor="pack",
            now=AT,
        )
    assert site.post(f"/sensing/devices/{BOX}/enrol", code=issue(site), secret=secret).status_code == 200
    code = site.post(f"/sensing/devices/{other}/code", request_id="c2").json()["code"]

    taken = site.post(f"/sensing/devices/{other}/enrol", code=code, secret=secret)
    own = site.post(f"/sensing/devices/{other}/enrol", code=code, secret="t" * 43)

    assert (taken.status_code, taken.json()["code"]) == (422, "sensing.secret-taken")
    assert own.status_code == 200
    assert send(site, secret, point(1, leak_ma=3)).json()["accepted"] == 1


async def test_a_code_is_told_once_and_a_new_one_replaces_it(site: AtWork) -> None:
    old = issue(site)
    repeated = site.post(f"/sensing/devices/{BOX}/code", request_id="c1").json()
    new = issue(site, "c2")

    assert repeated["code"] is None
    assert enrol(site, old).status_code == 422
    assert enrol(site, new).status_code == 200


async def test_no_secret_and_no_code_stands_in_the_log_or_the_answers_that_are_kept(site: AtWork) -> None:
    code = issue(site)
    secret = enrol(site, code).json()["secret"]

    async with site.site.connection() as connection:
        for table in ("request", "fourleaf.log", "device_code", "fourleaf.device_token"):
            cursor = await connection.execute(f"select coalesce(string_agg(t::text, ' '), '') from {table} t")
            row = await cursor.fetchone()
            assert row is not None
            assert code not in row[0] and secret not in row[0]


async def test_a_revoked_device_is_nobody_until_it_enrols_anew(site: AtWork) -> None:
    secret = enrol(site, issue(site)).json()["secret"]
    waiting = issue(site, "c2")

    revoked = site.post(f"/sensing/devices/{BOX}/revoke", request_id="v1", reason="lost")
    sent = send(site, secret, point(1, leak_ma=3))
    with_old_code = enrol(site, waiting)
    async with site.site.connection() as connection:
        credential = await store.credential(connection, site.run, BOX)

    assert revoked.status_code == 200
    assert sent.status_code == 401
    assert with_old_code.status_code == 422
    assert credential == store.Credential(hash=None, revoked=True)
    assert site.post(f"/sensing/devices/{BOX}/revoke", request_id="v2", reason="x").json()["code"] == (
        "sensing.already-revoked"
    )
    assert DeviceRevoked(device=BOX, reason="lost") in await site.facts(f"device:{BOX}")
    fresh = enrol(site, issue(site, "c3")).json()["secret"]
    assert send(site, fresh, point(1, leak_ma=3)).json()["accepted"] == 1


async def test_a_self_test_is_asked_with_the_next_report_and_its_answer_recorded_once(site: AtWork) -> None:
    secret = enrol(site, issue(site)).json()["secret"]

    asked = site.post(f"/sensing/devices/{BOX}/self-test", request_id="t1")
    told = send(site, secret, point(1, leak_ma=3)).json()["ask"]
    body = point(2) | {"test": {"ok": False, "note": "relay stuck"}}
    after = [send(site, secret, body).json()["ask"] for _ in range(2)]

    assert (asked.status_code, told, after) == (200, ["self-test"], [[], []])
    assert (await site.facts(f"device:{BOX}"))[3:] == [
        SelfTestAsked(device=BOX),
        SelfTested(device=BOX, passed=False, note="relay stuck"),
    ]
    assert site.get(f"/sensing/devices/{BOX}/health.json").json()["word"] == "failed"


async def test_a_device_that_falls_silent_and_speaks_again_is_recorded_once_each(site: AtWork) -> None:
    await actions.take_in(site.site, [message(point(1, leak_ma=3))])

    site.at = AT + timedelta(seconds=301)
    silent = [await actions.watch_devices(site.site) for _ in range(2)]
    await actions.take_in(site.site, [message(point(2, site.at, leak_ma=3))])
    again = [await actions.watch_devices(site.site) for _ in range(2)]

    assert (silent, again) == ([1, 0], [1, 0])
    assert (await site.facts(f"device:{BOX}"))[1:] == [
        DeviceFellSilent(device=BOX, last=AT),
        DeviceSpokeAgain(device=BOX),
    ]


async def test_a_flood_of_refusals_is_one_fact_a_minute_with_how_many_there_were(site: AtWork) -> None:
    flood = [message(b"\xff" * 30)] * 700 + [message(point(1, leak_ma=5_000))] * 300
    await actions.take_in(site.site, flood)
    first = await actions.watch_refusals(site.site)

    await actions.take_in(site.site, flood[:10])
    within = await actions.watch_refusals(site.site)
    async with site.site.connection() as connection:
        await connection.execute("update device_refusal set told_at = told_at - interval '61 seconds'")
    later = await actions.watch_refusals(site.site)

    assert (first, within, later) == (1, 0, 1)
    told = [one for one in await site.facts(f"device:{BOX}") if isinstance(one, DeviceRefused)]
    assert [(one.reason, one.count) for one in told] == [("malformed", 1000), ("malformed", 10)]
    assert told[0].about.startswith("30 B, sha256 ")


async def test_wrong_codes_are_counted_of_devices_that_are_listed_only(site: AtWork) -> None:
    enrol(site, "AAAA-AAAA-AAAA")
    site.post("/sensing/devices/electric-box:nobody/enrol", code="AAAA-AAAA-AAAA")

    async with site.site.connection() as connection:
        cursor = await connection.execute("select device, reason, count from device_refusal")
        assert await cursor.fetchall() == [(BOX, "wrong-code", 1)]


async def test_a_second_load_lists_nothing_new(site: AtWork) -> None:
    assert await _list(site) == 0


async def test_messages_over_http_are_refused_as_over_mqtt(site: AtWork) -> None:
    secret = enrol(site, issue(site)).json()["secret"]

    answers = [send(site, secret, body) for body in (b"\x00\xff", b"[" * 9_000, b"x" * 17_000)]
    skewed = send(site, secret, point(1, AT + timedelta(hours=1), leak_ma=3))

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (422, "sensing.malformed"),
        (422, "sensing.malformed"),
        (413, "sensing.oversize"),
    ]
    assert skewed.json() == {"accepted": 0, "duplicates": 0, "refused": {"clock-ahead": 1}, "ask": []}
    assert site.post("/sensing/readings").status_code == 403


async def test_whoever_may_not_keep_devices_issues_no_codes(site: AtWork) -> None:
    secret = enrol(site, issue(site)).json()["secret"]

    answer = site.post_as(secret, f"/sensing/devices/{BOX}/code", {"request_id": "x"})

    assert answer.status_code == 403


async def test_a_device_with_a_secret_of_its_own_may_ask_again_and_nobody_else_may(site: AtWork) -> None:
    code, secret = issue(site), "s" * 43
    path = f"/sensing/devices/{BOX}/enrol"

    answers = [site.post(path, code=code, secret=secret) for _ in range(2)]
    others = [site.post(path, code=code), site.post(path, code=code, secret="t" * 43)]

    assert [(one.status_code, one.json()["secret"]) for one in answers] == [(200, secret)] * 2
    assert {one.json()["code"] for one in others} == {"sensing.wrong-code"}
    assert send(site, secret, point(1, leak_ma=3)).json()["accepted"] == 1
    assert len([one for one in await site.facts(f"device:{BOX}") if isinstance(one, DeviceEnrolled)]) == 1


@pytest.mark.parametrize("secret", ["s" * 42, "s" * 129, "s" * 42 + " ", "s" * 42 + "é"])
async def test_a_secret_that_is_too_short_or_cannot_be_sent_is_refused(site: AtWork, secret: str) -> None:
    code = issue(site)

    answer = site.post(f"/sensing/devices/{BOX}/enrol", code=code, secret=secret)

    assert (answer.status_code, enrol(site, code).status_code) == (400, 200)


async def test_a_revoked_device_does_not_come_back_with_the_secret_it_had(site: AtWork) -> None:
    code, secret = issue(site), "s" * 43
    site.post(f"/sensing/devices/{BOX}/enrol", code=code, secret=secret)
    site.post(f"/sensing/devices/{BOX}/revoke", request_id="r1", reason="lost")

    again = site.post(f"/sensing/devices/{BOX}/enrol", code=code, secret=secret)

    assert again.json()["code"] == "sensing.wrong-code"

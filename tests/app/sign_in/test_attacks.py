# SPDX-License-Identifier: Apache-2.0
"""What somebody tries who should not come in, or not so far: each is named and fails."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from fourleaf.app.directory import Directory
from fourleaf.app.guard import HEADERS
from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.forms import way_back
from fourleaf.app.sign_in.standing import OVER, Standings, while_seated
from fourleaf.postgres.pool import Connection, Pools
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres


@pytest.fixture
async def signed_in(fair: Fair) -> Browser:
    """A duty officer's browser."""
    ann = await fair.open("duty.officer", "officer")
    browser = fair.browser()
    assert browser.sign_in("duty.officer", ann.password).status_code == 303
    return browser


async def test_a_planted_session_is_not_the_one_that_signs_in(fair: Fair) -> None:
    ann = await fair.open("duty.officer", "officer")
    victim, planted = fair.browser(), "planted-token-of-somebody-else-000000000000"
    victim.client.cookies.set("fourleaf", planted)

    victim.sign_in("duty.officer", ann.password)

    attacker = fair.browser()
    attacker.client.cookies.set("fourleaf", planted)
    assert attacker.get("/account").status_code == 303


async def test_signing_in_again_ends_the_session_before(fair: Fair, signed_in: Browser) -> None:
    ann = await fair.open("another.officer", "officer")
    before = signed_in.client.cookies["fourleaf"]

    signed_in.sign_in("another.officer", ann.password)

    other = fair.browser()
    other.client.cookies.set("fourleaf", before)
    assert signed_in.client.cookies["fourleaf"] != before
    assert other.get("/account").status_code == 303


@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000, "\u00e9"])
async def test_a_form_without_our_token_is_refused(fair: Fair, signed_in: Browser, token: str) -> None:
    own = signed_in.client.post("/account/password", data={"csrf": token, "password": "seven quiet lanterns"})
    door = fair.browser().client.post("/sign-in", data={"csrf": token, "login": "a", "password": "b"})

    assert (own.status_code, own.json()["code"]) == (403, "request.foreign-form")
    assert door.status_code == 403


async def test_a_script_of_another_page_cannot_use_the_session(fair: Fair, signed_in: Browser) -> None:
    path, body = f"/r/{fair.run}/world/closures/N/reopen", {"request_id": "r1"}
    token = signed_in.csrf("/account")

    bare = signed_in.client.post(path, json=body)
    foreign = signed_in.client.post(path, json=body, headers={"x-csrf-token": token, "origin": "https://evil.example"})
    own = signed_in.client.post(path, json=body, headers={"x-csrf-token": token})

    assert (bare.status_code, bare.json()["code"]) == (403, "request.foreign-form")
    assert foreign.json()["code"] == "request.foreign-origin"
    assert own.json()["code"] == "world.not-closed"


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/r/x/wall\r\nSet-Cookie: fourleaf=mine",
        "/sign-out",
        "",
        "/" + "x" * 600,
    ],
)
def test_the_way_back_never_leads_elsewhere(asked: str) -> None:
    assert way_back(asked) == "/"


def test_the_way_back_keeps_a_path_of_ours() -> None:
    assert way_back("/r/ciie-7/wall?lang=en&at=2024-11-05T10:20:00%2B08:00") == (
        "/r/ciie-7/wall?lang=en&at=2024-11-05T10:20:00%2B08:00"
    )


async def test_sign_in_does_not_lead_to_another_site(fair: Fair) -> None:
    wall = await fair.open("duty.officer", "officer")
    browser = fair.browser()
    browser.sign_in("duty.officer", wall.password)
    new = {"password": "seven quiet lanterns", "again": "seven quiet lanterns"}
    browser.post("/account/password", "/account", old=wall.password, **new)

    led = fair.browser().sign_in("duty.officer", new["password"], next="//evil.example/x")

    assert led.headers["location"] == "/"


async def test_nobody_ends_a_session_of_somebody_else_by_its_name(fair: Fair, signed_in: Browser) -> None:
    bob = await fair.open("bob", "officer")
    other = fair.browser()
    other.sign_in("bob", bob.password)
    page = other.get("/account").text
    theirs = [part.partition('"')[0] for part in page.split('name="session" value="')[1:]]
    async with fair.site.connection() as connection:
        rows = await (
            await connection.execute("select id from fourleaf.session where account = %s", [bob.account])
        ).fetchall()

    signed_in.post("/account/sessions", "/account", session=rows[0][0])

    assert theirs == []  # one's own present session has no button
    assert other.get("/account").status_code == 200


async def test_the_office_pages_are_for_those_who_may(fair: Fair, signed_in: Browser) -> None:
    bob = await fair.open("bob", "officer")
    keeper = await fair.open("keeper", "keeper")
    browser = fair.browser()
    browser.sign_in("keeper", keeper.password)

    seen = [signed_in.get(path).status_code for path in ("/accounts", f"/accounts/{bob.account}")]
    changed = signed_in.post(f"/accounts/{bob.account}/password", "/account").status_code
    own = browser.post(f"/accounts/{keeper.account}/give", "/account", post="officer")
    allowed = browser.post(f"/accounts/{bob.account}/give", "/account", post="chief@security")

    assert (seen, changed) == ([403, 403], 403)
    assert own.status_code == 422
    assert allowed.headers["location"] == f"/accounts/{bob.account}?done=given"


async def test_an_account_of_one_edition_opens_nothing_of_another(
    fair: Fair, connection: Connection, dsn: str, tmp_path: Path
) -> None:
    keeper = await fair.open("keeper", "keeper")
    async with Fair(
        Settings(database_url=dsn, data=tmp_path, sign_in="required"), connection, f"{fair.run}-b"
    ) as other:
        victim = await other.open("victim", "officer")
        browser = fair.browser()
        browser.sign_in("keeper", keeper.password)

        seen = browser.get(f"/accounts/{victim.account}").status_code
        listed = browser.json(f"/r/{other.run}/people/accounts.json").status_code
        token = browser.csrf("/account")
        given = browser.client.post(
            f"/r/{other.run}/people/accounts/{victim.account}/give",
            json={"request_id": "r", "role": "keeper"},
            headers={"x-csrf-token": token},
        )
        in_own = browser.client.post(
            f"/r/{fair.run}/people/accounts/{victim.account}/give",
            json={"request_id": "r", "role": "keeper"},
            headers={"x-csrf-token": token},
        )

    assert (seen, listed, given.status_code) == (404, 403, 403)
    assert in_own.json()["code"] == "people.not-open"


CLOSED = (
    "/ /runs.json /metrics /schema/openapi.json /accounts /account /r/{run}/admission/figures.json?day=2024-11-05"
    " /r/{run}/people/accounts.json /r/{run}/wall"
)


async def test_a_visitor_has_only_what_is_public(fair: Fair) -> None:
    visitor = fair.browser()

    closed = {path: visitor.json(path.format(run=fair.run)) for path in CLOSED.split()}
    opened = [
        visitor.json(path.format(run=fair.run)) for path in ("/healthz", "/r/{run}/clock", "/r/{run}/picture.json")
    ]

    assert {answer.json()["code"] for answer in closed.values()} == {"request.sign-in"}
    assert {answer.status_code for answer in closed.values()} == {401}
    assert [answer.status_code for answer in opened] == [200, 200, 200]


@pytest.mark.parametrize("path", ["/accounts", "/nowhere", "/r/none/wall", "/healthz", "/sign-in", "/static/none.js"])
async def test_every_answer_carries_the_headers_that_keep_a_browser_in_bounds(fair: Fair, path: str) -> None:
    page = fair.browser().get(path)
    told = fair.browser().client.post(path, headers={"origin": "https://evil.example"})

    for answer in (page, told):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "cache-control" in answer.headers


async def test_a_visitor_changes_nothing(fair: Fair) -> None:
    answer = fair.browser().client.post(f"/r/{fair.run}/world/closures", json={})

    assert (answer.status_code, answer.json()["detail"]["zh"]) == (401, "此内容需要登录后查看，请先登录。")


async def test_many_tries_at_once_get_no_more_than_one_after_the_other(fair: Fair) -> None:
    await fair.open("duty.officer", "officer")
    browsers = [fair.browser() for _ in range(12)]

    tried = await asyncio.gather(
        *(asyncio.to_thread(browser.sign_in, "duty.officer", f"guess number {n}") for n, browser in enumerate(browsers))
    )

    statuses = sorted(answer.status_code for answer in tried)
    assert statuses.count(422) <= 5
    assert set(statuses) == {422, 429}


async def test_what_is_typed_at_the_door_is_in_no_log(fair: Fair, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ann = await fair.open("duty.officer", "officer")
    browser = fair.browser()

    browser.sign_in('x\n{"level":"error","event":"forged"}', "wrong horse battery")
    browser.sign_in("duty.officer", ann.password)

    told = caplog.text
    assert "forged" not in told
    assert ann.password not in told and "wrong horse" not in told
    assert browser.client.cookies["fourleaf"] not in told


async def _pulses() -> AsyncIterator[bytes]:
    while True:
        yield b"pulse"
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("act", ["end", "take", "close"])
async def test_an_open_stream_closes_when_its_session_or_roles_are_gone(fair: Fair, dsn: str, act: str) -> None:
    ann = await fair.open("duty.officer", "officer")
    browser = fair.browser()
    browser.sign_in("duty.officer", ann.password)
    pools = Pools(dsn)
    standings = Standings(pools, Directory(pools), timedelta(minutes=30))
    who = await standings.who(browser.client.cookies["fourleaf"])
    assert who is not None
    principal = who.principal(rehearsal=False)
    assert principal is not None
    stream = while_seated(_pulses(), standings, who, principal, rehearsal=False)
    before = [await anext(stream) for _ in range(30)]

    await fair.act(ann.account, act, "officer")
    async with asyncio.timeout(20):
        last = [message async for message in stream][-1]
    await pools.close()

    assert set(before) == {b"pulse"}
    assert last == OVER


async def test_many_right_passwords_from_one_address_do_not_lock_it(fair: Fair) -> None:
    opened = [(name, await fair.open(name, "officer")) for name in ("ann", "bob", "cai", "dee", "eva", "fay")]
    browsers = [fair.browser() for _ in opened]

    entered = await asyncio.gather(
        *(
            asyncio.to_thread(browser.sign_in, name, said.password)
            for browser, (name, said) in zip(browsers, opened, strict=True)
        )
    )

    assert [answer.status_code for answer in entered] == [303] * len(opened)

# SPDX-License-Identifier: Apache-2.0
"""Signing in through another service: a provider of its own on a real port signs the tokens, and may be lied about."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import run_server_in_thread

from fourleaf.app.settings import Settings
from fourleaf.app.variables import BadSetting
from fourleaf.engines.people.facts import IdentityLinked, RoleGiven, RoleTaken, SignedIn
from fourleaf.postgres import logins
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a sign-in service."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
async def fair(dsn: str, connection: Connection, run_name: str, tmp_path: Path, provider: str) -> AsyncIterator[Fair]:
    secret = tmp_path / "secret"
    secret.write_text("known to both\n")
    settings = Settings(
        database_url=dsn,
        data=tmp_path,
        sign_in="required",
        oidc_issuer=provider,
        oidc_client="fourleaf",
        oidc_secret=secret,
    )
    async with Fair(settings, connection, run_name) as opened:
        yield opened


def _tell(provider: str, subject: str, **claims: Any) -> None:
    """What the service says of somebody from now on."""
    httpx.put(f"{provider}/users/{subject}", json=claims).raise_for_status()


def _vouch(there: str, subject: str) -> str:
    """Sign in at the service. Gives the path it sends the browser back to."""
    answer = httpx.post(there, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    found = urlsplit(answer.headers["location"])
    return f"{found.path}?{found.query}"


def _enter(browser: Browser, subject: str, start: str = "/sign-in/oidc") -> httpx.Response:
    return browser.get(_vouch(browser.get(start).headers["location"], subject))


async def _account(connection: Connection, fair: Fair, provider: str, subject: str) -> str:
    login = await logins.by_identity(connection, fair.run, provider, subject)
    assert login is not None
    return login.account


async def test_whom_the_service_vouches_for_with_a_role_of_the_pack_enters(
    fair: Fair, connection: Connection, provider: str
) -> None:
    _tell(provider, "ann", groups=["visitors", "others"])
    browser = fair.browser()

    entered = _enter(browser, "ann", f"/sign-in/oidc?next=/r/{fair.run}/wall")

    account = await _account(connection, fair, provider, "ann")
    facts = await fair.facts(account)
    assert (entered.status_code, entered.headers["location"]) == (303, f"/r/{fair.run}/wall")
    assert browser.get("/account").status_code == 200
    assert IdentityLinked(account=account, issuer=provider) in facts
    assert RoleGiven(account=account, role="guest") in facts
    assert [body.method for body in facts if isinstance(body, SignedIn)] == ["oidc"]


async def test_a_role_that_the_service_gave_it_also_takes(fair: Fair, connection: Connection, provider: str) -> None:
    _tell(provider, "bo", groups=["visitors"])
    _enter(fair.browser(), "bo")

    _tell(provider, "bo", groups=[])
    _enter(fair.browser(), "bo")

    account = await _account(connection, fair, provider, "bo")
    changes = [body for body in await fair.facts(account) if isinstance(body, RoleGiven | RoleTaken)]
    assert changes == [RoleGiven(account=account, role="guest"), RoleTaken(account=account, role="guest")]


async def test_a_stranger_is_told_that_no_account_is_his(fair: Fair, provider: str) -> None:
    _tell(provider, "stranger", groups=["others"])

    refused = _enter(fair.browser(), "stranger")

    assert refused.status_code == 422
    assert "未关联本系统账号" in refused.text


async def test_an_account_is_linked_by_its_owner_and_then_opens(fair: Fair, provider: str) -> None:
    _tell(provider, "cy")
    owner = await fair.open("duty.officer", "officer")
    browser, other = fair.browser(), fair.browser()
    browser.sign_in("duty.officer", owner.password)

    linked = _enter(browser, "cy", "/account/identity")
    entered = _enter(other, "cy")

    assert (linked.status_code, linked.headers["location"]) == (303, "/account?done=linked")
    assert entered.status_code == 303
    assert "duty.officer" in other.get("/account").text


async def _asked(fair: Fair, provider: str, subject: str, role: str = "keeper") -> tuple[Browser, str, str]:
    """A browser whose owner sends a form that must be proved. Gives it, the page that asks, and its way to the service."""
    _tell(provider, subject)
    opened, browser = await fair.open(f"the.{subject}", role), fair.browser()
    browser.sign_in(f"the.{subject}", opened.password)
    _enter(browser, subject, "/account/identity")
    async with fair.site.connection() as connection:
        await connection.execute("update fourleaf.session set proved_at = null where account = %s", [opened.account])
    form = {"csrf": browser.csrf("/account"), "login": f"new.{subject}", "post": "officer", "code": "<b>&"}
    page = browser.client.post("/accounts", data=form, headers={"accept": "text/html"}, follow_redirects=True).text
    found = re.search(r'href="(/sign-in/oidc\?[^"]+)"', page)
    assert found
    return browser, page, html.unescape(found[1])


async def test_a_form_waits_while_its_sender_shows_to_the_service_who_he_is(fair: Fair, provider: str) -> None:
    browser, page, there = await _asked(fair, provider, "gil")

    back = _enter(browser, "gil", there).headers["location"]
    proved, once_more = browser.get(back), browser.get(back)

    assert "您填写的内容已保留" in page
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', proved.text)}
    assert fields.pop("csrf") == browser.csrf("/account")
    assert fields == {"login": "new.gil", "post": "officer", "code": "<b>&"}
    assert 'action="/accounts"' in proved.text
    done = browser.post("/accounts", "/account", **fields)
    assert (done.status_code, "new.gil" in done.text) == (200, True)
    assert once_more.headers["location"] == "/account"


async def test_a_form_that_waits_goes_on_for_nobody_else_and_from_nowhere_else(fair: Fair, provider: str) -> None:
    browser, _, there = await _asked(fair, provider, "hal")
    other, _, elsewhere = await _asked(fair, provider, "ida")

    lured = browser.get(_enter(browser, "hal", elsewhere).headers["location"])
    stolen = other.get(parse_qs(urlsplit(there).query)["next"][0])
    back = _enter(browser, "ida", there).headers["location"]
    as_another = browser.get(back)

    assert [one.headers["location"] for one in (lured, stolen, as_another)] == ["/account"] * 3


async def test_who_is_signed_in_at_the_service_for_long_proves_nothing_by_coming_from_it(
    fair: Fair, provider: str
) -> None:
    browser, _, there = await _asked(fair, provider, "jo")
    _tell(provider, "jo", auth_time=int((await fair.now()).timestamp()) - 3_600)

    quietly = _enter(browser, "jo", f"/sign-in/oidc?run={fair.run}")
    still = browser.post("/accounts", "/account", login="new.jo", post="officer")
    refused = _enter(browser, "jo", there)

    assert quietly.status_code == 303
    assert still.headers["location"].startswith("/account/prove")
    assert refused.status_code == 422


async def test_an_identity_opens_one_account_only(fair: Fair, provider: str) -> None:
    _tell(provider, "dee")
    browsers = []
    for name in ("first.officer", "second.officer"):
        opened, browser = await fair.open(name, "officer"), fair.browser()
        browser.sign_in(name, opened.password)
        browsers.append(browser)

    answers = [_enter(browser, "dee", "/account/identity") for browser in browsers]

    assert [answer.status_code for answer in answers] == [303, 422]
    assert "已关联另一个账号" in answers[1].text


async def test_a_role_that_asks_for_codes_asks_the_service_for_a_second_step(fair: Fair, provider: str) -> None:
    _tell(provider, "eve")
    director = await fair.open("director", "director")
    browser = fair.browser()
    browser.sign_in("director", director.password)
    linked = _enter(browser, "eve", "/account/identity")

    weak = _enter(fair.browser(), "eve")
    _tell(provider, "eve", amr=["pwd", "otp"])
    strong = _enter(fair.browser(), "eve")

    assert linked.headers["location"] == "/account?done=linked"
    assert (weak.status_code, strong.status_code) == (422, 303)
    assert "两步验证" in weak.text


async def test_what_comes_back_opens_nothing_twice_nor_in_another_browser(fair: Fair, provider: str) -> None:
    _tell(provider, "flo", groups=["visitors"])
    browser, thief = fair.browser(), fair.browser()
    back = _vouch(browser.get("/sign-in/oidc").headers["location"], "flo")
    state = parse_qs(urlsplit(back).query)["state"][0]

    stolen = thief.get(back)
    forged = browser.get(back.replace(state, "another"))
    mixed = _started(fair, provider, "flo", "&iss=https://evil.example")
    first = _enter(browser, "flo")
    again = browser.get(back)

    assert [answer.status_code for answer in (stolen, forged, mixed, again)] == [422] * 4
    assert first.status_code == 303
    assert thief.get("/account").status_code == 303


def _started(fair: Fair, provider: str, subject: str, added: str) -> httpx.Response:
    browser = fair.browser()
    return browser.get(_vouch(browser.get("/sign-in/oidc").headers["location"], subject) + added)


async def test_the_request_carries_state_nonce_and_a_challenge(fair: Fair, provider: str) -> None:
    answer = fair.browser().get("/sign-in/oidc")

    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(f"{provider}/oauth2/authorize?")
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert "HttpOnly" in answer.headers["set-cookie"]


async def test_a_link_begun_from_another_site_is_refused(fair: Fair) -> None:
    opened, browser = await fair.open("duty.officer", "officer"), fair.browser()
    browser.sign_in("duty.officer", opened.password)

    answer = browser.get("/account/identity", headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403


async def test_a_service_that_is_away_is_said_and_passwords_still_work(
    dsn: str, connection: Connection, run_name: str, tmp_path: Path
) -> None:
    away = Settings(
        database_url=dsn, data=tmp_path, sign_in="required", oidc_issuer="http://localhost:9", oidc_client="fourleaf"
    )
    async with Fair(away, connection, run_name) as fair:
        opened, browser = await fair.open("duty.officer", "officer"), fair.browser()

        told = browser.get("/sign-in/oidc")
        entered = browser.sign_in("duty.officer", opened.password)

    assert (told.status_code, entered.status_code) == (422, 303)
    assert "单位登录服务暂时没有响应" in told.text


@pytest.mark.parametrize(
    "environ",
    [
        {"FOURLEAF_OIDC_ISSUER": "http://login.example", "FOURLEAF_OIDC_CLIENT": "fourleaf"},
        {"FOURLEAF_OIDC_ISSUER": "https://login.example"},
        {
            "FOURLEAF_OIDC_ISSUER": "https://login.example",
            "FOURLEAF_OIDC_CLIENT": "fourleaf",
            "FOURLEAF_OIDC_SECRET": "/nowhere/secret",
        },
    ],
)
def test_a_setting_that_cannot_be_right_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(BadSetting) as told:
        Settings.read(environ)

    assert told.value.name.startswith("FOURLEAF_OIDC_")

# SPDX-License-Identifier: Apache-2.0
"""Proof: a session that somebody left open, or stole, gives out no credentials."""

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pyotp
import pytest
from litestar.routes import HTTPRoute

from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.waiting import HOLDS
from fourleaf.engines.people.facts import CodesSet, RoleGiven
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres
NEEDED = {
    "/account/codes",
    "/account/identity",
    "/accounts",
    "/accounts/codes",
    "/accounts/imports/{blob:str}",
    "/accounts/imports/{blob:str}/stream",
    "/accounts/people",
    "/accounts/people.xlsx",
    "/accounts/{account:str}/person",
    "/accounts/{account:str}/{act:str}",
    "/r/{run:str}/people/accounts/{account:str}/give",
    "/r/{run:str}/people/accounts/{account:str}/take",
    "/r/{run:str}/sensing/devices/{device:str}/code",
    "/r/{run:str}/sensing/feeds/{feed:str}/token",
    "/r/{run:str}/desk/devices/{device:str}/{what:str}",
    "/r/{run:str}/desk/feeds/{feed:str}/token",
}


class Left(Browser):
    """A browser that was left open some time after its owner signed in."""

    def __init__(self, fair: Fair, name: str, account: str, password: str) -> None:
        super().__init__(fair)
        self.name, self.account, self.password = name, account, password


async def _left(fair: Fair, role: str, name: str = "ann") -> Left:
    said = await fair.open(name, role)
    browser = Left(fair, name, said.account, said.password)
    assert browser.sign_in(name, said.password).status_code == 303
    await _pass(fair, said.account)
    return browser


async def _pass(fair: Fair, account: str) -> None:
    """Let as much time go by as a proof holds."""
    async with fair.site.connection() as connection:
        await connection.execute(
            "update fourleaf.session set proved_at = proved_at - %s where account = %s", [HOLDS, account]
        )


def _offered(browser: Browser) -> tuple[str, str]:
    """The secret of one-time codes that the page shows, and what its form carries of it."""
    text = browser.get("/account").text
    return (
        text.partition('class="secret">')[2].partition("<")[0],
        text.partition('name="pending" value="')[2].partition('"')[0],
    )


async def test_whatever_gives_out_credentials_asks_for_proof(fair: Fair) -> None:
    handlers = [
        (route.path, one) for route in fair.app.routes if isinstance(route, HTTPRoute) for one in route.route_handlers
    ]

    marked = {path for path, handler in handlers if handler.opt.get("needs_proof")}

    assert marked == NEEDED


async def test_one_time_codes_are_not_replaced_by_a_session_alone(fair: Fair) -> None:
    ann = await _left(fair, "officer")
    secret, pending = _offered(ann)
    code = pyotp.TOTP(secret).at(await fair.now())

    stolen = ann.post("/account/codes", "/account", pending=pending, code=code)
    proved = ann.post("/account/prove", "/account/prove", password=ann.password, next="/account")
    own = ann.post("/account/codes", "/account", pending=pending, code=code)

    assert (stolen.status_code, stolen.headers["location"]) == (
        307,
        "/account/prove?next=%2Faccount&again=%2Faccount%2Fcodes",
    )
    assert (proved.status_code, proved.headers["location"]) == (303, "/account")
    assert own.headers["location"] == "/account?done=codes"
    assert len([body for body in await fair.facts(ann.account) if isinstance(body, CodesSet)]) == 1


@pytest.mark.parametrize("act", ["give", "take", "password", "card", "codes"])
async def test_an_account_is_opened_further_with_proof_only(fair: Fair, act: str) -> None:
    bob = await fair.open("bob", "officer")
    keeper = await _left(fair, "keeper")
    before = await fair.facts(bob.account)

    asked = keeper.post(f"/accounts/{bob.account}/{act}", "/account", post="chief@security")
    as_json = keeper.client.post(
        f"/r/{fair.run}/people/accounts/{bob.account}/give",
        json={"request_id": "r", "role": "chief", "group": "security"},
        headers={"x-csrf-token": keeper.csrf("/account")},
    )

    assert asked.headers["location"].startswith("/account/prove?next=")
    assert (as_json.status_code, as_json.json()["code"]) == (403, "request.prove-again")
    assert "/account/prove" in as_json.json()["detail"]["zh"]
    assert await fair.facts(bob.account) == before


async def test_to_end_and_to_close_needs_no_proof(fair: Fair) -> None:
    bob = await fair.open("bob", "officer")
    keeper = await _left(fair, "keeper")

    ended = keeper.post(f"/accounts/{bob.account}/end", "/account")
    closed = keeper.post(f"/accounts/{bob.account}/close", "/account")

    assert [one.headers["location"].partition("=")[2] for one in (ended, closed)] == ["ended", "closed"]


async def test_a_wrong_password_proves_nothing_and_is_counted(fair: Fair) -> None:
    bob = await fair.open("bob", "officer")
    keeper = await _left(fair, "keeper")

    wrong = [
        keeper.post("/account/prove", "/account/prove", password=f"wrong {number} battery").status_code
        for number in range(5)
    ]
    waits = keeper.post("/account/prove", "/account/prove", password=keeper.password)
    given = keeper.post(f"/accounts/{bob.account}/give", "/account", post="chief@security")

    assert wrong == [422] * 5
    assert "错误次数过多" in waits.text
    assert given.headers["location"].startswith("/account/prove")


async def _with_codes(fair: Fair) -> tuple[Left, str]:
    """A keeper with one-time codes. Gives one that was not used yet."""
    keeper = await _left(fair, "keeper")
    keeper.post("/account/prove", "/account/prove", password=keeper.password)
    secret, pending = _offered(keeper)
    now = await fair.now()
    keeper.post("/account/codes", "/account", pending=pending, code=pyotp.TOTP(secret).at(now))
    await _pass(fair, keeper.account)
    return keeper, pyotp.TOTP(secret).at(now + timedelta(seconds=30))


async def test_where_one_time_codes_are_set_up_neither_the_password_nor_the_code_alone_proves_it(fair: Fair) -> None:
    bob = await fair.open("bob", "officer")
    keeper, code = await _with_codes(fair)

    page = keeper.get("/account/prove").text
    halves = [
        keeper.post("/account/prove", "/account/prove", **one)
        for one in ({"password": keeper.password}, {"code": code})
    ]
    given = keeper.post(f"/accounts/{bob.account}/give", "/account", post="chief@security")

    assert [one.status_code for one in halves] == [422, 422]
    assert given.headers["location"].startswith("/account/prove")
    assert ('name="password"' in page, 'name="code"' in page) == (True, True)


async def test_the_password_and_a_one_time_code_prove_it(fair: Fair) -> None:
    bob = await fair.open("bob", "officer")
    keeper, code = await _with_codes(fair)

    proved = keeper.post(
        "/account/prove", "/account/prove", password=keeper.password, code=code, next=f"/accounts/{bob.account}"
    )
    given = keeper.post(f"/accounts/{bob.account}/give", "/account", post="chief@security")

    assert proved.headers["location"] == f"/accounts/{bob.account}"
    assert given.headers["location"] == f"/accounts/{bob.account}?done=given"
    assert RoleGiven(account=bob.account, role="chief", group="security") in await fair.facts(bob.account)


async def test_a_card_proves_nothing(fair: Fair) -> None:
    await fair.declare(
        "role", "desk-screen", name={"zh": "a", "en": "a"}, labels=["public"], may=["people.manage"], card=True
    )
    wall = await fair.open("wall-1", "desk-screen")
    bob = await fair.open("bob", "officer")
    card = (await fair.act(wall.account, "card")).card
    browser = fair.browser()
    browser.post("/sign-in/card", "/sign-in/card", card=card)

    given = browser.post(f"/accounts/{bob.account}/give", "/account", post="chief@security")

    assert given.headers["location"].startswith("/account/prove")


class _Form(HTMLParser):
    """What the form of a page would send, and where."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action, self.fields = "", list[tuple[str, str]]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.action = said["action"]
        elif tag == "input":
            self.fields.append((said["name"], said.get("value", "")))

    def told(self, **typed: str) -> dict[str, str]:
        return {**dict(self.fields), **typed}


async def test_a_form_that_was_filled_in_waits_until_it_is_proved_who_sends_it(fair: Fair) -> None:
    keeper = await _left(fair, "keeper")
    html = {"accept": "text/html", "referer": "http://testserver.local/accounts"}
    form = {"csrf": keeper.csrf("/account"), "login": "new.one", "post": "officer", "code": "<b>&"}

    asked = keeper.client.post("/accounts", data=form, headers=html, follow_redirects=True)
    wrong = keeper.client.post("/account/prove", data=_Form(asked.text).told(password="wrong battery"), headers=html)
    proved = keeper.client.post("/account/prove", data=_Form(wrong.text).told(password=keeper.password), headers=html)
    waiting = _Form(proved.text)
    done = keeper.client.post(waiting.action, data=waiting.told(), headers=html)

    assert [one.status_code for one in (asked, wrong, proved, done)] == [200, 422, 200, 200]
    assert (waiting.action, waiting.told()) == ("/accounts", form)
    assert keeper.password not in proved.text
    assert "new.one" in done.text


async def test_a_form_of_another_site_does_not_wait(fair: Fair) -> None:
    keeper = await _left(fair, "keeper")

    sent = keeper.client.post(
        "/accounts", data={"login": "spy", "post": "officer"}, headers={"accept": "text/html"}, follow_redirects=True
    )

    assert sent.status_code == 403
    assert "spy" not in sent.text


async def test_the_way_on_leads_to_the_page_of_the_form_and_nowhere_else(fair: Fair) -> None:
    keeper = await _left(fair, "keeper")
    form = {"csrf": keeper.csrf("/account"), "login": "new.one", "post": "officer"}

    led = [
        keeper.client.post(
            "/accounts", data=form, headers={"accept": "text/html", "referer": referer}, follow_redirects=False
        ).headers["location"]
        for referer in ("http://testserver.local/accounts?lang=en", "http://evil.example/x", "")
    ]
    foreign = keeper.post("/account/prove", "/account/prove", password=keeper.password, next="//evil.example")

    back = ("%2Faccounts", "%2Faccount", "%2Faccount")
    assert led == [f"/account/prove?next={path}&again=%2Faccounts" for path in back]
    assert foreign.headers["location"] == "/"


async def test_on_a_loopback_address_without_sign_in_nothing_is_asked(
    dsn: str, connection: Connection, run_name: str, tmp_path: Path, vault_key: Path
) -> None:
    settings = Settings(database_url=dsn, data=tmp_path, vault_key=vault_key)
    async with Fair(settings, connection, run_name) as fair:
        opened = fair.browser().post("/accounts", login="bob", post="officer")

    assert (opened.status_code, "prove" in opened.text) == (200, False)

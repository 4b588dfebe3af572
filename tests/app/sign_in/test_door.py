# SPDX-License-Identifier: Apache-2.0
"""The door: who comes in, who does not, and what is said to both."""

from datetime import timedelta

import pyotp
import pytest

from fourleaf.engines.people.facts import SignedIn, SignInLocked
from tests.app.sign_in.fair import Fair

pytestmark = pytest.mark.postgres


async def test_who_signs_in_is_led_to_where_he_wanted(fair: Fair) -> None:
    ann = await fair.open("duty.officer", "officer", chosen=False)
    browser = fair.browser()

    led = browser.get(f"/r/{fair.run}/wall?lang=en")
    entered = browser.sign_in("Duty.Officer ", ann.password, next=f"/r/{fair.run}/wall")

    assert (led.status_code, led.headers["location"]) == (303, f"/sign-in?next=%2Fr%2F{fair.run}%2Fwall%3Flang%3Den")
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert [type(body) for body in await fair.facts(ann.account)][-1] is SignedIn


async def test_a_password_of_the_office_opens_nothing_until_another_is_chosen(fair: Fair) -> None:
    ann = await fair.open("duty.officer", "officer", chosen=False)
    browser = fair.browser()
    browser.sign_in("duty.officer", ann.password)

    figures = [f"/r/{run}/admission/figures.json?day=2024-11-05" for run in (fair.run, fair.rehearsal)]
    before = [browser.json(path).status_code for path in figures]
    told = browser.get("/account?lang=en").text
    new = {"password": "seven quiet lanterns", "again": "seven quiet lanterns"}
    changed = browser.post("/account/password", "/account", old=ann.password, **new)
    after = [browser.json(path).status_code for path in figures]

    assert before == [403, 403]
    assert "Until then you see only what is public." in told
    assert changed.status_code == 303
    assert after == [200, 200]


@pytest.mark.parametrize("name", ["duty.officer", "nobody", "Not A Login\r\nX: y", "x" * 100])
async def test_a_wrong_password_and_an_unknown_account_are_told_the_same(fair: Fair, name: str) -> None:
    await fair.open("duty.officer", "officer")

    refused = fair.browser().sign_in(name, "wrong horse battery")

    assert refused.status_code == 422
    assert "登录名、密码或动态码有误" in refused.text
    assert "fourleaf=" not in refused.headers.get("set-cookie", "")


async def test_after_five_mistakes_everybody_waits_even_with_the_right_password(fair: Fair) -> None:
    ann = await fair.open("duty.officer", "officer")
    known, unknown = fair.browser(), fair.browser()
    tries = [known.sign_in("duty.officer", f"wrong {number} battery").status_code for number in range(5)]

    told = known.sign_in("duty.officer", ann.password)
    for number in range(5):
        unknown.sign_in("nobody", f"wrong {number} battery")
    told_of_nobody = unknown.sign_in("nobody", "wrong once more")

    assert tries == [422] * 5
    assert (told.status_code, told_of_nobody.status_code) == (429, 429)
    assert "错误次数过多，请等待" in told.text
    assert [body.failures for body in await fair.facts(ann.account) if isinstance(body, SignInLocked)] == [5]


async def test_one_time_codes_are_asked_once_set_up_and_taken_once(fair: Fair) -> None:
    ann = await fair.open("director", "director")
    browser = fair.browser()
    browser.sign_in("director", ann.password)
    before = browser.json(f"/r/{fair.run}/people/accounts.json").status_code

    page = browser.get("/account").text
    secret = page.partition('class="secret">')[2].partition("<")[0]
    pending = page.partition('name="pending" value="')[2].partition('"')[0]
    code = pyotp.TOTP(secret).at(await fair.now())
    wrong = browser.post("/account/codes", "/account", pending=pending, code="000000")
    right = browser.post("/account/codes", "/account", pending=pending, code=code)
    after = browser.json(f"/r/{fair.run}/people/accounts.json").status_code

    other = fair.browser()
    assert (before, wrong.status_code, right.status_code, after) == (403, 422, 303, 200)
    assert other.sign_in("director", ann.password).status_code == 422
    assert other.sign_in("director", ann.password, code=code).status_code == 422
    later = pyotp.TOTP(secret).at(await fair.now() + timedelta(seconds=30))
    assert other.sign_in("director", ann.password, code=later).status_code == 303


async def test_a_card_opens_what_its_roles_allow_until_it_is_revoked(fair: Fair) -> None:
    wall = await fair.open("wall-1", "screen")
    card = (await fair.act(wall.account, "card")).card
    browser, second, third = fair.browser(), fair.browser(), fair.browser()

    by_scanner = browser.post("/sign-in/card", "/sign-in/card", card=f"http://testserver.local/sign-in/card#{card}")
    seen = browser.get(f"/r/{fair.run}/wall").status_code
    await fair.act(wall.account, "give", "officer")
    with_more = second.post("/sign-in/card", "/sign-in/card", card=card).status_code
    await fair.act(wall.account, "take", "officer")
    await fair.act(wall.account, "card-revoke")
    revoked = third.post("/sign-in/card", "/sign-in/card", card=card).status_code

    assert (by_scanner.status_code, seen, with_more, revoked) == (303, 200, 422, 422)
    assert browser.get(f"/r/{fair.run}/wall").status_code == 303


async def test_a_made_up_account_opens_rehearsals_and_not_the_live_run(fair: Fair) -> None:
    demo = await fair.open("demo", "officer", synthetic=True)
    browser = fair.browser()
    browser.sign_in("demo", demo.password)

    live, rehearsal = (
        browser.json(f"/r/{run}/admission/figures.json?day=2024-11-05") for run in (fair.run, fair.rehearsal)
    )

    assert (live.status_code, rehearsal.status_code) == (403, 200)


async def test_a_changed_password_ends_every_other_session(fair: Fair) -> None:
    ann = await fair.open("duty.officer", "officer")
    here, there = fair.browser(), fair.browser()
    for browser in (here, there):
        browser.sign_in("duty.officer", ann.password)
    new = {"password": "seven quiet lanterns", "again": "seven quiet lanterns"}

    wrong = here.post("/account/password", "/account", old="not it at all", **new).status_code
    changed = here.post("/account/password", "/account", old=ann.password, **new)

    assert (wrong, changed.status_code) == (422, 303)
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 303)
    assert fair.browser().sign_in("duty.officer", ann.password).status_code == 422
    assert fair.browser().sign_in("duty.officer", "seven quiet lanterns").headers["location"] == "/"


async def test_signing_out_ends_the_session_on_the_server_too(fair: Fair) -> None:
    ann = await fair.open("duty.officer", "officer")
    browser = fair.browser()
    browser.sign_in("duty.officer", ann.password)
    kept = browser.client.cookies["fourleaf"]

    out = browser.post("/sign-out", "/account")
    browser.client.cookies.set("fourleaf", kept)
    again = browser.get("/account")

    assert (out.headers["location"], again.status_code) == ("/sign-in", 303)
    assert "会话已结束" in browser.get("/sign-in").text

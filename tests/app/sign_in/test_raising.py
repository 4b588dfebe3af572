# SPDX-License-Identifier: Apache-2.0
"""Nobody makes himself more than he is: not through somebody else's account, nor by a token that opens nothing."""

import re

import pytest

from fourleaf.app.sign_in.gate import OPEN
from fourleaf.engines.sensing import actions as sensing
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.postgres import activations, runs
from tests.app.sign_in.fair import AT, Browser, Fair

pytestmark = pytest.mark.postgres
NAME = {"zh": "某", "en": "some"}


@pytest.fixture
async def keeper(fair: Fair) -> Browser:
    said = await fair.open("keeper", "keeper")
    browser = fair.browser()
    browser.sign_in("keeper", said.password)
    return browser


@pytest.mark.parametrize("act", ["password", "codes", "card", "take", "close"])
async def test_a_keeper_of_accounts_does_not_get_at_a_director(fair: Fair, keeper: Browser, act: str) -> None:
    director = await fair.open("director", "director")

    refused = keeper.post(f"/accounts/{director.account}/{act}", "/account", post="director")

    assert refused.status_code == 422
    assert "多于您" in refused.text
    assert fair.browser().sign_in("director", director.password).status_code == 303


@pytest.mark.parametrize("act", ["password", "codes", "card"])
async def test_nobody_does_to_his_own_account_what_the_office_does_for_others(fair: Fair, act: str) -> None:
    said, browser = await fair.open("keeper", "keeper"), fair.browser()
    browser.sign_in("keeper", said.password)
    before = await fair.facts(said.account)

    page = browser.get(f"/accounts/{said.account}").text
    refused = browser.post(f"/accounts/{said.account}/{act}", "/account")

    assert refused.status_code == 422
    assert "以办公室身份为自己" in refused.text
    assert f'action="/accounts/{said.account}/{act}"' not in page
    assert await fair.facts(said.account) == before


async def test_nor_does_he_by_json(fair: Fair, keeper: Browser) -> None:
    director = await fair.open("director", "director")
    token, at = keeper.csrf("/account"), f"/r/{fair.run}/people/accounts/{director.account}"

    answers = [
        keeper.client.post(f"{at}/{act}", json={"request_id": act} | more, headers={"x-csrf-token": token})
        for act, more in (("take", {"role": "director"}), ("close", {}))
    ]

    assert [answer.json()["code"] for answer in answers] == ["people.beyond-you"] * 2


async def test_a_keeper_prints_no_code_that_opens_a_director(fair: Fair, keeper: Browser) -> None:
    for name in ("director", "officer"):
        said = await fair.open(name, name)
        async with fair.site.connection() as connection:
            await connection.execute("update fourleaf.login set password = null where account = %s", [said.account])

    printed = keeper.post("/accounts/codes", "/account")

    async with fair.site.connection() as connection:
        waiting = await activations.waiting(connection, fair.run, await fair.now(), again=False)
    assert printed.status_code == 200
    assert list(waiting.values()) == ["director"]


async def test_a_keeper_helps_those_who_may_no_more_than_he(fair: Fair, keeper: Browser) -> None:
    other, officer = await fair.open("other", "keeper"), await fair.open("bob", "officer")

    answers = [keeper.post(f"/accounts/{one.account}/password", "/account") for one in (other, officer)]

    assert [answer.status_code for answer in answers] == [200, 200]


def _addresses(fair: Fair) -> list[str]:
    """Every address that can be asked without more than a run and some name."""
    found = {path for route in fair.app.routes for path in [route.path] if "GET" in getattr(route, "methods", ())}
    return sorted(re.sub(r"{run:str}", fair.run, path) for path in found)


async def test_a_header_that_proves_nothing_opens_nothing(fair: Fair) -> None:
    client = fair.browser().client
    asked = [re.sub(r"{[^}]*}", "door:D1", path) for path in _addresses(fair)]
    closed = [path for path in asked if not OPEN.fullmatch(path)]

    told = {
        header: {path: client.get(path, headers={"authorization": header}).status_code for path in closed}
        for header in ("Bearer guessed", "Basic YTpi", "")
    }

    assert len(closed) > 40
    assert {path: status for found in told.values() for path, status in found.items() if status != 401} == {}


async def test_a_device_sees_nothing_outside_of_its_run(fair: Fair) -> None:
    client, header = fair.browser().client, {"authorization": "Bearer lane-secret"}
    async with fair.site.connection() as connection:
        await runs.set_tokens(connection, fair.run, {"lane:N-01": "lane-secret"})

    own = client.get(f"/r/{fair.run}/world/registers", headers=header)
    others = [client.get(path, headers=header) for path in ("/runs.json", "/metrics", f"/r/{fair.rehearsal}/wall")]

    assert (own.status_code, own.json()) == (200, [])
    assert [answer.status_code for answer in others] == [401, 401, 401]


async def test_a_device_without_a_secret_can_show_its_one_time_code(fair: Fair) -> None:
    answer = fair.browser().client.post(f"/r/{fair.run}/sensing/devices/door:D1/enrol", json={"code": "AAAA-BBBB-CCCC"})

    assert (answer.status_code, answer.json()["code"]) == (422, "sensing.wrong-code")


async def test_what_is_closed_and_why_is_for_those_who_see_it_on_the_map(fair: Fair, keeper: Browser) -> None:
    said = await fair.open("ann", "officer")
    officer = fair.browser()
    officer.sign_in("ann", said.password)

    hidden = keeper.get(f"/r/{fair.run}/desk/closures")
    desk = keeper.get(f"/r/{fair.run}/desk")
    seen = officer.get(f"/r/{fair.run}/desk/closures")

    assert (hidden.status_code, desk.status_code, seen.status_code) == (403, 200, 200)
    assert "desk/closures" not in desk.text


async def test_who_keeps_devices_keeps_only_those_that_he_may_see(fair: Fair) -> None:
    await fair.declare("role", "warden", name=NAME, labels=["group:{group}"], may=["sensing.keep"], in_group=True)
    await fair.declare(
        "device_type",
        "box",
        of="box",
        interval_s=60,
        silent_after_s=300,
        name=NAME,
        see=["group:traffic"],
        keep=["group:traffic"],
    )
    listed = DeviceListed(device="box:1", device_type="box", thing="1", name_zh="1", name_en="1", place={})
    async with fair.site.connection() as connection:
        await sensing.take_over(fair.site.journal, connection, [listed], actor="pack", now=AT)
    told = list[list[int]]()

    for name in ("security", "traffic"):
        said, browser = await fair.open(name, f"warden@{name}"), fair.browser()
        browser.sign_in(name, said.password)
        token, at = {"x-csrf-token": browser.csrf("/account")}, f"/r/{fair.run}/sensing/devices/box:1"
        by_json = browser.client.post(f"{at}/code", json={"request_id": name}, headers=token)
        by_form = browser.post(f"/r/{fair.run}/desk/devices/box:1/code", "/account", nonce=name)
        revoked = browser.client.post(f"{at}/revoke", json={"request_id": f"{name}-r", "reason": "x"}, headers=token)
        told.append([answer.status_code for answer in (by_json, by_form, revoked)])

    assert told == [[404, 404, 404], [200, 200, 200]]


async def test_whoever_may_not_do_something_is_sent_to_who_gives_roles(fair: Fair) -> None:
    said, browser = await fair.open("duty.officer", "officer"), fair.browser()
    browser.sign_in("duty.officer", said.password)

    told = {lang: browser.get(f"/accounts?lang={lang}") for lang in ("zh", "en")}

    assert {one.status_code for one in told.values()} == {403}
    assert "账号管理员" in told["zh"].text
    assert "account keeper" in told["en"].text


async def test_the_form_that_opens_an_account_chooses_no_role_by_itself(keeper: Browser) -> None:
    page = keeper.get("/accounts?lang=en").text

    assert '<select id="post" name="post" required><option value="">Choose</option>' in page

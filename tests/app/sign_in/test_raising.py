# SPDX-License-Identifier: Apache-2.0
"""Nobody makes himself more than he is: not through somebody else's account, nor by a token that opens nothing."""

import re

import pytest

from fourleaf.app.sign_in.gate import OPEN
from fourleaf.postgres import activations, runs
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres


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

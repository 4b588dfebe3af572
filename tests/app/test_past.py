# SPDX-License-Identifier: Apache-2.0
"""The past over HTTP: an instant is what its changes add up to, marks name what mattered, and what is not there is refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Live, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.process]

Things = dict[tuple[str, str], Any]


@pytest.fixture
def client(live_server: Live) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{live_server.url}/r/{live_server.run}", trust_env=False, timeout=20) as opened:
        yield opened


def _now(client: httpx.Client) -> datetime:
    return datetime.fromisoformat(client.get("/clock").json()["now"])


def _at(client: httpx.Client, at: str) -> Things:
    answer = client.get("/picture.json", params={"at": at})
    assert answer.status_code == 200, answer.text
    return {(one["layer"], one["thing"]): one["props"] for one in answer.json()["things"]}


def _closed(client: httpx.Client, thing: str) -> bool:
    things = client.get("/picture.json").json()["things"]
    return any(one["thing"] == f"closure:{thing}" for one in things)


def _close_and_reopen(client: httpx.Client, thing: str) -> tuple[datetime, datetime, datetime]:
    """Gives an instant before, one while it was closed, one after."""
    reason = {"zh": "检修", "en": "repair"}
    before = _now(client)
    client.post("/world/closures", json={"request_id": f"close-{before.timestamp()}", "thing": thing, "reason": reason})
    wait_for(lambda: _closed(client, thing), "the closure on the map")
    while_closed = _now(client)
    client.post(f"/world/closures/{thing}/reopen", json={"request_id": f"reopen-{before.timestamp()}"})
    wait_for(lambda: not _closed(client, thing), "its end")
    return before, while_closed, _now(client)


def test_a_closure_shows_at_the_instants_it_stood_and_its_marks_say_when(
    client: httpx.Client, live_server: Live
) -> None:
    thing = client.get("/venue.json").json()["features"]["gate"]["features"][1]["id"]

    instants = _close_and_reopen(client, thing)

    key = ("attention", f"closure:{thing}")
    assert [key in _at(client, at.isoformat()) for at in instants] == [False, True, False]
    span = {"from": instants[0].isoformat(), "to": instants[2].isoformat()}
    told = client.get("/marks.json", params=span).json()
    mine = [one for one in told["marks"] if one["thing"] == key[1] and instants[0] <= datetime.fromisoformat(one["at"])]
    assert [(one["status"], one["says"]["why"]["en"]) for one in mine] == [("watch", "repair"), ("over", "repair")]
    assert told["first"] < mine[0]["at"] < mine[1]["at"] < told["now"]

    before = client.get("/marks.json", params=span | {"to": span["from"]}).json()["marks"]
    assert [one for one in before if datetime.fromisoformat(one["at"]) > instants[0]] == []


def _changes(client: httpx.Client, asked: dict[str, Any]) -> dict[str, Any]:
    page: dict[str, Any] = client.get("/changes.json", params=asked).json()
    return page


def test_changes_put_over_an_instant_give_a_later_one(client: httpx.Client) -> None:
    thing = client.get("/venue.json").json()["features"]["gate"]["features"][0]["id"]
    start, _, end = _close_and_reopen(client, thing)
    asked: dict[str, Any] = {"from": start.isoformat(), "to": end.isoformat(), "every_s": 10}
    # The clock that is told may run ahead of a worker that is held up: settled is what the answer itself reaches.
    wait_for(lambda: datetime.fromisoformat(_changes(client, asked)["to"]) == end, "what can still be added")

    state = _at(client, start.isoformat())
    page = _changes(client, asked)
    for one in page["changes"]:
        state[one["layer"], one["thing"]] = one["props"]

    assert (page["next"], datetime.fromisoformat(page["to"])) == (None, end)
    assert ("attention", f"closure:{thing}") in {(one["layer"], one["thing"]) for one in page["changes"]}
    assert {key: props for key, props in state.items() if props is not None} == _at(client, end.isoformat())


def test_one_answer_holds_only_so_many_frames_and_nothing_that_may_still_change(client: httpx.Client) -> None:
    first = datetime.fromisoformat(client.get("/marks.json").json()["first"])
    wait_for(lambda: _now(client) > first + timedelta(minutes=6), "some minutes")

    brief = client.get("/changes.json", params={"from": first.isoformat(), "to": _now(client).isoformat()}).json()
    whole: dict[str, Any] = {
        "from": first.isoformat(),
        "to": (_now(client) + timedelta(days=1)).isoformat(),
        "every_s": 3600,
    }
    ends = datetime.fromisoformat(client.get("/changes.json", params=whole).json()["to"])

    assert datetime.fromisoformat(brief["to"]) == first + timedelta(seconds=120)
    assert ends < _now(client) - timedelta(minutes=2)  # three seconds at sixty times


@pytest.mark.parametrize(
    ("at", "status", "code", "zh", "en"),
    [
        (
            "2024-11-04T00:00:00+08:00",
            422,
            "past.before-first",
            "之前没有画面",
            "There is no picture from before 2024-",
        ),
        ("2024-12-05T00:00:00+08:00", 422, "past.after-now", "尚未发生", "what comes after cannot be shown"),
        ("yesterday", 400, "request.invalid", "2000 年至 2100 年", "no moment between 2000 and 2100"),
        ("", 400, "request.invalid", "2000 年至 2100 年", "no moment between 2000 and 2100"),
        ("2024-11-05T10:20:00", 400, "request.invalid", "缺少时区", "lacks its zone"),
        ("0001-01-01T00:00:00Z", 400, "request.invalid", "2000 年至 2100 年", "no moment between 2000 and 2100"),
        ("2024-11-05T10:20:00+23:00", 400, "request.invalid", "2000 年至 2100 年", "no moment between 2000 and 2100"),
    ],
)
def test_an_instant_that_cannot_be_shown_is_refused_in_both_languages(
    client: httpx.Client, at: str, status: int, code: str, zh: str, en: str
) -> None:
    refused = [
        client.get("/picture.json", params={"at": at}),
        client.get("/changes.json", params={"from": at, "to": "2024-12-31T00:00:00Z"}),
    ]

    for answer, field in zip(refused, ("at", "from"), strict=True):
        told = answer.json()
        detail = told["errors"][0]["detail"] if "errors" in told else told["detail"]
        assert (answer.status_code, told["code"]) == (status, code)
        assert zh in detail["zh"] and en in detail["en"]
        assert told["errors"][0]["field"] == field if "errors" in told else told["field"] == field


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": "2024-01-01T00:00:00Z"}, "past.ends-before-it-starts"),
        ({"every_s": 0}, "request.invalid"),
        ({"every_s": 3601}, "request.invalid"),
        ({"every_s": "often"}, "request.invalid"),
        ({"after": "1.2.3"}, "request.invalid"),
        ({"after": "1.-2"}, "request.invalid"),
        ({"after": "9" * 19 + ".1"}, "request.invalid"),
    ],
)
def test_a_stretch_that_makes_no_sense_is_refused(client: httpx.Client, changed: dict[str, Any], code: str) -> None:
    now = _now(client).isoformat()

    refused = client.get("/changes.json", params={"from": now, "to": now} | changed)

    assert (refused.status_code // 100, refused.json()["code"]) == (4, code)


def test_a_zone_typed_into_the_address_may_lose_its_plus(client: httpx.Client) -> None:
    at = _now(client).replace(microsecond=0)

    typed = client.get(f"/picture.json?at={at.isoformat()}")

    assert "+08:00" in at.isoformat()
    assert datetime.fromisoformat(typed.json()["at"]) == at


def test_a_device_sees_of_the_past_what_it_sees_of_the_present(client: httpx.Client, live_server: Live) -> None:
    token = next(iter(live_server.lane_tokens.values()))
    paths = [f"/picture.json?at={_now(client).isoformat()}", "/marks.json"]

    told = [client.get(path, headers={"Authorization": f"Bearer {token}"}).json() for path in paths]

    assert (told[0]["things"], told[1]["marks"]) == ([], [])

# SPDX-License-Identifier: Apache-2.0
"""The web side against a real worker and database: devices, idempotence, bad input, hosts, streams."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.app.screen import Screen
from tests.conftest import Live, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.process]


@pytest.fixture
def client(live_server: Live) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.url, trust_env=False, timeout=20) as opened:
        yield opened


def _now(client: httpx.Client, live: Live) -> datetime:
    return datetime.fromisoformat(client.get(f"/r/{live.run}/clock").json()["now"])


def _passage(client: httpx.Client, live: Live, holder: str, direction: str = "in", /, **changed: Any) -> httpx.Response:
    lane = changed.pop("lane", next(iter(live.lane_tokens)))
    body = {
        "request_id": f"{holder}-{direction}",
        "holder": holder,
        "direction": direction,
        "occurred_at": changed.pop("occurred_at", _now(client, live).isoformat()),
    }
    headers = {"Authorization": f"Bearer {live.lane_tokens[lane]}"}
    return client.post(f"/r/{live.run}/admission/passages", json=body | changed, headers=headers)


def test_a_passage_is_decided_once_and_answered_in_both_languages(client: httpx.Client, live_server: Live) -> None:
    at = _now(client, live_server).isoformat()

    first = _passage(client, live_server, "w-1", occurred_at=at)
    again = _passage(client, live_server, "w-1", occurred_at=at)
    twice = _passage(client, live_server, "w-1", request_id="other", occurred_at=at)
    out = _passage(client, live_server, "w-1", "out")

    assert first.json() == {
        "decision": "entered",
        "code": None,
        "fact": "holder:w-1@1",
        "message": {"zh": "请进", "en": "Come in"},
    }
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert (twice.json()["decision"], twice.json()["code"]) == ("turned_away", "admission.already-inside")
    assert out.json()["fact"] == "holder:w-1@3"


def test_a_request_id_used_for_other_input_is_a_conflict(client: httpx.Client, live_server: Live) -> None:
    _passage(client, live_server, "w-2", request_id="w-2-r")
    conflict = _passage(client, live_server, "w-2", "out", request_id="w-2-r")

    assert conflict.status_code == 409
    assert conflict.json()["code"] == "request.conflict"
    assert conflict.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("changed", "field", "zh", "en"),
    [
        ({"direction": "up"}, "direction", "不在可选值之内", "'up' is none of the values"),
        ({"holder": ""}, "holder", "过短", "Too short: text, at least 1"),
        ({"holder": "x" * 65}, "holder", "文字过长，最多 64", "Too long: text, at most 64"),
        ({"holder": "a b"}, "holder", "格式应为", "does not have the form"),
        ({"holder": 5}, "holder", "此处应为文字，收到的是整数", "Expected: text. Sent: a whole number."),
        ({"occurred_at": "yesterday"}, "occurred_at", "不是 2000 年至 2100 年", "no moment between 2000 and 2100"),
        ({"occurred_at": "2024-11-05T09:00:00"}, "occurred_at", "缺少时区", "lacks its zone"),
        ({"surprise": 1}, "surprise", "没有这一项", "no such field"),
        ({"request_id": None}, "request_id", "收到的是空值", "Sent: null."),
    ],
)
def test_malformed_input_is_a_problem_that_names_the_field_and_says_what_to_do(
    client: httpx.Client, live_server: Live, changed: dict[str, Any], field: str, zh: str, en: str
) -> None:
    answer = _passage(client, live_server, "w-3", **changed)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "request.invalid")
    assert problem["detail"].keys() == {"zh", "en"}
    assert [error["field"] for error in problem["errors"]] == [field]
    assert zh in problem["errors"][0]["detail"]["zh"]
    assert en in problem["errors"][0]["detail"]["en"]


def test_a_mistake_deep_in_a_list_is_found_by_its_path(client: httpx.Client, live_server: Live) -> None:
    headers = {"Authorization": f"Bearer {next(iter(live_server.door_tokens.values()))}"}
    counts = [{"minute": "2024-11-05T08:30:00+08:00", "in": 1, "out": 0}, {"minute": "2024-11-05T08:31:00+08:00"}]
    path = f"/r/{live_server.run}/sensing/counts"

    missing = client.post(path, json={"sequence": 1, "counts": counts}, headers=headers)
    empty = client.post(path, json={"sequence": 1, "counts": []}, headers=headers)
    query = client.get(
        f"/r/{live_server.run}/admission/figures.json", params={"day": "2024-11-05", "happened_by": "soon"}
    )

    assert [error["field"] for error in missing.json()["errors"]] == ["counts[1].in"]
    assert "列表过短，至少 1" in empty.json()["errors"][0]["detail"]["zh"]
    assert "moment" in query.json()["errors"][0]["detail"]["en"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("stream?position=zzz", ["position"]),
        ("picture.json?known=foo", ["known"]),
        ("picture.json?at=2024-11-05T09:00:00Z&known=1&known=2&when=now", ["known", "when"]),
        ("marks.json?from=2024-11-05T00:00:00Z&to=2024-11-05T01:00:00Z&since=0", ["since"]),
        ("clock?" + "x" * 500 + "=1", ["x" * 60]),
    ],
)
def test_a_name_that_an_address_does_not_take_is_a_problem_as_an_unknown_field_is(
    client: httpx.Client, live_server: Live, path: str, fields: list[str]
) -> None:
    answer = client.get(f"/r/{live_server.run}/{path}")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "request.invalid")
    assert [error["field"] for error in problem["errors"]] == fields
    assert "没有这一项" in problem["errors"][0]["detail"]["zh"]
    assert "no such field" in problem["errors"][0]["detail"]["en"]


def test_pages_and_tables_take_names_of_their_own(client: httpx.Client, live_server: Live) -> None:
    pages = ["wall?lang=en&from=elsewhere", "world/registers/meal/things?q=a&lang=en", "picture.json"]

    answers = [client.get(f"/r/{live_server.run}/{path}") for path in pages]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


def test_a_body_that_is_no_json_or_too_large_is_refused(client: httpx.Client, live_server: Live) -> None:
    headers = {
        "Authorization": f"Bearer {next(iter(live_server.lane_tokens.values()))}",
        "Content-Type": "application/json",
    }
    path = f"/r/{live_server.run}/admission/passages"

    broken = client.post(path, content=b'{"request_id": ', headers=headers)
    large = client.post(path, content=b" " * 1_000_000, headers=headers)
    deep = client.post(path, content=b"[" * 100_000, headers=headers)

    assert [answer.status_code for answer in (broken, large, deep)] == [400, 413, 400]
    assert ["JSON" in answer.json()["errors"][0]["detail"]["zh"] for answer in (broken, deep)] == [True, True]
    assert large.json()["code"] == "request.too-large"


def test_a_time_from_the_future_is_refused(client: httpx.Client, live_server: Live) -> None:
    later = (_now(client, live_server) + timedelta(hours=3)).isoformat()

    answer = _passage(client, live_server, "w-4", occurred_at=later)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "admission.clock-ahead",
        "occurred_at",
    )


def test_devices_do_only_what_is_theirs(client: httpx.Client, live_server: Live) -> None:
    door = {"Authorization": f"Bearer {next(iter(live_server.door_tokens.values()))}"}
    stranger = {"Authorization": "Bearer made-up"}
    passage = {
        "request_id": "r",
        "holder": "h",
        "direction": "in",
        "occurred_at": _now(client, live_server).isoformat(),
    }
    path = f"/r/{live_server.run}/admission/passages"
    closure = {"request_id": "r", "thing": "N", "reason": {"zh": "x", "en": "x"}}

    assert client.post(path, json=passage, headers=door).status_code == 403
    assert client.post(path, json=passage, headers=stranger).status_code == 401
    assert client.post(path, json=passage).status_code == 403
    assert client.post(f"/r/{live_server.run}/world/closures", json=closure, headers=door).status_code == 403
    assert client.get("/r/no-such-run/clock").json()["code"] == "request.not-found"


def test_a_foreign_page_cannot_reach_in(client: httpx.Client, live_server: Live) -> None:
    closure = {"request_id": "foreign", "thing": "N", "reason": {"zh": "x", "en": "x"}}
    path = f"/r/{live_server.run}/world/closures"

    assert client.post(path, json=closure, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(path, json=closure, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(path, json=closure, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert client.get("/static/a%00b").status_code == 404
    assert client.post(path, json=closure, headers={"Origin": "null"}).status_code == 403
    assert client.get("/runs.json", headers={"Host": "evil.example"}).status_code == 421


def test_what_a_proxy_asks_that_adds_no_header_is_refused_with_what_to_set(live_server: Live) -> None:
    address = (live_server.settings.host, live_server.settings.port)

    with socket.create_connection(address, timeout=20) as line, line.makefile("rb") as answer:
        line.sendall(b"GET /runs.json HTTP/1.0\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % address[1])
        status, body = answer.readline(), answer.read()

    assert status.split()[1] == b"421"
    assert b"FOURLEAF_URL" in body


def test_what_came_through_a_proxy_is_refused_where_nobody_signs_in(client: httpx.Client) -> None:
    answer = client.get("/runs.json", headers={"X-Forwarded-For": "192.0.2.1"})

    assert (answer.status_code, answer.json()["code"]) == (421, "request.behind-proxy")
    assert all("FOURLEAF_URL" in said for said in answer.json()["detail"].values())


def test_pages_carry_a_strict_policy(client: httpx.Client, live_server: Live) -> None:
    answer = client.get(f"/r/{live_server.run}/wall")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_counts_of_a_door_are_taken_once(client: httpx.Client, live_server: Live) -> None:
    token = next(iter(live_server.door_tokens.values()))
    minute = (_now(client, live_server) - timedelta(minutes=1)).replace(second=0, microsecond=0).isoformat()
    body = {"sequence": 1, "counts": [{"minute": minute, "in": 5, "out": 2}]}

    answers = [
        client.post(
            f"/r/{live_server.run}/sensing/counts", json=body, headers={"Authorization": f"Bearer {token}"}
        ).json()
        for _ in range(2)
    ]

    assert answers == [{"accepted": 1, "duplicates": 0}, {"accepted": 0, "duplicates": 1}]


def test_a_closed_gate_turns_away_at_once_and_shows_on_the_map(client: httpx.Client, live_server: Live) -> None:
    lane = next(lane for lane in live_server.edition.venue.features("lane") if lane["properties"]["gate"] == "S")
    path = f"/r/{live_server.run}/world/closures"
    body = {"request_id": "close-S", "thing": "S", "reason": {"zh": "检修", "en": "repair"}}

    closed = client.post(path, json=body)
    refused = _passage(client, live_server, "w-5", lane=lane["id"])
    wait_for(lambda: "closure:S" in _things(client, live_server, "attention"), "the closure on the map")
    reopened = client.post(f"{path}/S/reopen", json={"request_id": "open-S"})
    entered = _passage(client, live_server, "w-5", lane=lane["id"], request_id="again")
    wait_for(lambda: "closure:S" not in _things(client, live_server, "attention"), "the closure gone")

    assert (closed.status_code, reopened.status_code) == (200, 200)
    assert refused.json()["code"] == "admission.gate-closed"
    assert entered.json()["decision"] == "entered"
    assert (
        client.post(path, json=body | {"thing": "nowhere", "request_id": "x"}).json()["code"] == "world.unknown-thing"
    )


def _things(client: httpx.Client, live: Live, layer: str) -> dict[str, Any]:
    things = client.get(f"/r/{live.run}/picture.json").json()["things"]
    return {thing["thing"]: thing["props"] for thing in things if thing["layer"] == layer}


def test_figures_are_asked_as_of_two_times(client: httpx.Client, live_server: Live) -> None:
    before = _now(client, live_server)
    happened = (before - timedelta(minutes=5)).isoformat()
    path = f"/r/{live_server.run}/admission/figures.json"
    asked = {"day": "2024-11-05", "happened_by": before.isoformat()}

    _passage(client, live_server, "w-late", occurred_at=happened)
    known_then = client.get(path, params=asked | {"known_by": before.isoformat()}).json()
    known_now = client.get(path, params=asked).json()

    assert [figure["key"] for figure in known_now] == ["admission.entries", "admission.inside"]
    assert known_now[0]["value"] == known_then[0]["value"] + 1
    assert (known_now[0]["unit"], known_now[0]["bound"], known_now[0]["source"]) == (
        "person-time",
        "exact",
        "admission.Entered",
    )
    assert client.get(path, params={"day": "tomorrow"}).status_code == 400


def _entries(screen: Screen) -> int:
    return int(screen.state[("figure", "admission.entries_today")]["value"])


def test_a_change_reaches_every_screen_without_a_refetch(client: httpx.Client, live_server: Live) -> None:
    screens = [Screen(live_server) for _ in range(5)]
    wait_for(lambda: all(screen.events for screen in screens), "five snapshots")
    before = _entries(screens[0])

    _passage(client, live_server, "w-6")

    wait_for(lambda: all(_entries(screen) > before for screen in screens), "the entry on five screens")
    assert [[event for event, _, _ in screen.events].count("snapshot") for screen in screens] == [1] * 5
    for screen in screens:
        screen.stop()


def test_a_screen_resumes_where_it_broke_off(client: httpx.Client, live_server: Live) -> None:
    screen = Screen(live_server)
    wait_for(lambda: bool(screen.events), "a snapshot")
    before, position = _entries(screen), screen.stop()
    _passage(client, live_server, "w-7")
    wait_for(lambda: _things(client, live_server, "figure")["admission.entries_today"]["value"] > before, "the count")

    resumed = Screen(live_server, after=position)
    wait_for(lambda: ("figure", "admission.entries_today") in resumed.state, "what was missed")
    made_up = Screen(live_server, after="9.9.9")
    wait_for(lambda: bool(made_up.events), "a snapshot")

    assert resumed.events[0][0] == "changes"
    assert _entries(resumed) > before
    assert made_up.events[0][0] == "snapshot"
    resumed.stop()
    made_up.stop()


def test_a_foreign_open_transaction_turns_the_screens_unknown(
    client: httpx.Client, live_server: Live, dsn: str
) -> None:
    screen = Screen(live_server)
    wait_for(lambda: screen.pulse().get("unknown") is False, "a calm pulse")
    with psycopg.connect(dsn) as foreign:
        foreign.execute("create temporary table held (x int)")
        _passage(client, live_server, "w-8")
        wait_for(lambda: screen.pulse()["unknown"] is True, "unknown")
        assert screen.pulse()["why"] == "tail-lag"
    wait_for(lambda: screen.pulse()["unknown"] is False, "known again")
    screen.stop()


def test_a_killed_worker_turns_the_screens_unknown_and_loses_nothing(client: httpx.Client, live_server: Live) -> None:
    screen = Screen(live_server)
    wait_for(lambda: screen.pulse().get("unknown") is False, "a calm pulse")
    before = _things(client, live_server, "figure")["admission.entries_today"]["value"]

    os.kill(live_server.processes["worker"].pid, signal.SIGKILL)
    live_server.processes["worker"].wait(10)
    for number in range(10):
        assert _passage(client, live_server, f"killed-{number}").json()["decision"] == "entered"
    wait_for(lambda: screen.pulse()["unknown"] is True, "unknown")
    assert screen.pulse()["why"] == "worker-silent"
    stood = _now(client, live_server)
    time.sleep(1.5)
    assert _now(client, live_server) == stood
    live_server.processes["worker"] = live_server.start("worker")
    wait_for(lambda: screen.pulse()["unknown"] is False, "known again")

    wait_for(lambda: _entries(screen) == before + 10, "all ten entries")
    screen.stop()


def test_health_metrics_and_the_interface_description_answer(client: httpx.Client, live_server: Live) -> None:
    schema = client.get("/schema/openapi.json").json()

    assert client.get("/healthz").json()["status"] in ("well", "unwell")
    assert f'fourleaf_tail_lag_seconds{{run="{live_server.run}"}}' in client.get("/metrics").text
    assert schema["openapi"].startswith("3.1")
    assert "/r/{run}/admission/passages" in schema["paths"]
    assert client.get("/runs.json").json()[0]["run"].startswith("ciie-7")


def test_a_run_whose_tables_another_release_made_does_not_hide_the_others(
    client: httpx.Client, live_server: Live, run_name: str
) -> None:
    assert live_server.settings.database_url is not None
    with psycopg.connect(live_server.settings.database_url, autocommit=True) as connection:
        # Loading, so that no worker takes it up.
        connection.execute(
            "insert into fourleaf.run (run, edition, kind, state) values (%s, 'old', 'rehearsal', 'loading')",
            [run_name],
        )
        connection.execute(f'create schema "{run_name}"')
        listed = client.get("/runs.json").json()
        connection.execute("delete from fourleaf.run where run = %s", [run_name])
        connection.execute(f'drop schema "{run_name}"')

    totals = {row["run"]: row["totals"] for row in listed}
    assert totals[run_name] == {}
    assert set(totals[live_server.run]) == {"entries", "exits", "peak_inside"}

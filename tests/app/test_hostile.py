# SPDX-License-Identifier: Apache-2.0
"""Every door under input that is meant to break it: never an internal error, always a problem in both languages."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from inspect import signature
from typing import Any, get_args
from urllib.parse import urlsplit

import httpx
import pytest

from fourleaf.app import pace, pages
from fourleaf.app.rooms import rooms
from fourleaf.ui.sent import Sent
from tests.app.screen import Screen
from tests.conftest import Live, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.process]


@pytest.fixture
def client(live_server: Live) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.url, trust_env=False, timeout=20) as opened:
        yield opened


def _problem(answer: httpx.Response, *statuses: int) -> str:
    """Check that it is a problem as promised. Gives its code."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert set(problem["detail"]) == {"zh", "en"}
    assert all(problem["detail"].values())
    return str(problem["code"])


def _lane(live: Live) -> dict[str, str]:
    return {"Authorization": f"Bearer {next(iter(live.lane_tokens.values()))}"}


def _door(live: Live) -> dict[str, str]:
    return {"Authorization": f"Bearer {next(iter(live.door_tokens.values()))}"}


def _passage(**changed: object) -> dict[str, object]:
    at = "2024-11-05T08:31:00+08:00"
    return {"request_id": "hostile", "holder": "hostile", "direction": "in", "occurred_at": at} | changed


def _closure(**changed: object) -> dict[str, object]:
    return {"request_id": "hostile", "thing": "N", "reason": {"zh": "检修", "en": "repair"}} | changed


# ---------------------------------------------------------------- bodies

TEXTS = ["a\x00b", "\x00", "a\x1bb", "a\x7f", "a\x85", "ends\n", "ends\r"]


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_cannot_be_kept_is_refused(client: httpx.Client, live_server: Live, text: str) -> None:
    run = live_server.run

    passage = client.post(f"/r/{run}/admission/passages", json=_passage(holder=text), headers=_lane(live_server))
    closure = client.post(f"/r/{run}/world/closures", json=_closure(reason={"zh": text, "en": "x"}))

    assert [_problem(answer, 400) for answer in (passage, closure)] == ["request.invalid"] * 2


NO_ZONE = "2024-11-05T09:00:00"
MOMENTS: list[object] = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "0588-08-29T14:21:13+22:42",
    "1999-12-31T23:59:59Z",
    "2024-11-05T09:00:00+23:59",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59.999999Z",
    "2024-11-05T24:00:00Z",
    "2024-02-30T00:00:00Z",
    NO_ZONE,
    None,
    {},
]


@pytest.mark.parametrize("at", MOMENTS)
def test_an_absurd_moment_is_refused_at_every_door(client: httpx.Client, live_server: Live, at: object) -> None:
    run = live_server.run
    counts = {"sequence": 1, "counts": [{"minute": at, "in": 1, "out": 1}]}

    answers = [
        client.post(f"/r/{run}/admission/passages", json=_passage(occurred_at=at), headers=_lane(live_server)),
        client.post(f"/r/{run}/sensing/counts", json=counts, headers=_door(live_server)),
    ]
    if at is not None:
        answers.append(client.post(f"/r/{run}/world/closures", json=_closure(until=at)))
    if isinstance(at, str) and at != NO_ZONE:  # in a query a time without a zone is read as UTC
        query = {"day": "2024-11-05", "happened_by": at}
        answers.append(client.get(f"/r/{run}/admission/figures.json", params=query))

    assert {_problem(answer, 400) for answer in answers} == {"request.invalid"}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2024-11-05"])
def test_figures_of_any_day_are_answered(client: httpx.Client, live_server: Live, day: str) -> None:
    answer = client.get(f"/r/{live_server.run}/admission/figures.json", params={"day": day})

    assert answer.status_code == 200
    assert [figure["key"] for figure in answer.json()] == ["admission.entries", "admission.inside"]


@pytest.mark.parametrize("number", ["1e400", "-1", "9223372036854775808", "1" + "0" * 400, "0.5", "NaN", "true", '"x"'])
def test_a_number_out_of_bounds_is_refused(client: httpx.Client, live_server: Live, number: str) -> None:
    minute = "2024-11-05T08:31:00+08:00"
    bodies = [
        f'{{"sequence": {number}, "counts": [{{"minute": "{minute}", "in": 1, "out": 1}}]}}',
        f'{{"sequence": 1, "counts": [{{"minute": "{minute}", "in": {number}, "out": 1}}]}}',
    ]

    answers = [
        client.post(f"/r/{live_server.run}/sensing/counts", content=body, headers=_door(live_server)) for body in bodies
    ]

    assert [_problem(answer, 400) for answer in answers] == ["request.invalid"] * 2


BODIES = {
    "nothing": b"",
    "a word": b"passage",
    "null": b"null",
    "a list": b"[]",
    "half": b'{"request_id": "a"',
    "two": b"{}{}",
    "invalid UTF-8": b'{"request_id": "\xff\xfe"}',
    "UTF-16": json.dumps(_passage()).encode("utf-16"),
    "half a character": b'{"request_id": "a", "holder": "\\ud800", "direction": "in", "occurred_at": "2024-11-05T08:31:00+08:00"}',
    "deep": b'{"holder":' * 20_000 + b"1" + b"}" * 20_000,
    "deep lists": b"[" * 100_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_such_json_is_refused(client: httpx.Client, live_server: Live, body: bytes) -> None:
    answer = client.post(f"/r/{live_server.run}/admission/passages", content=body, headers=_lane(live_server))

    assert _problem(answer, 400) == "request.invalid"


@pytest.mark.parametrize(
    "sent_as",
    [
        "text/plain",
        "text/html",
        "application/xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/x-msgpack",
        "nonsense",
        "\xff/\xfe",
    ],
)
def test_a_body_of_another_type_is_read_as_json_or_refused(
    client: httpx.Client, live_server: Live, sent_as: str
) -> None:
    own = [(name.encode(), value.encode()) for name, value in _lane(live_server).items()]
    headers = [*own, (b"Content-Type", sent_as.encode("latin-1"))]
    path = f"/r/{live_server.run}/admission/passages"

    broken = client.post(path, content=b"a=1&b=2\x00", headers=headers)
    whole = client.post(path, content=json.dumps(_passage(request_id="typed", holder="typed")), headers=headers)

    assert _problem(broken, 400, 415) in ("request.invalid", "request.type")
    assert whole.status_code == 200 or _problem(whole, 400, 415)


def test_the_last_of_doubled_keys_counts_and_no_other_field_is_taken(client: httpx.Client, live_server: Live) -> None:
    path, at = f"/r/{live_server.run}/admission/passages", "2024-11-05T08:31:00+08:00"
    doubled = f'{{"request_id": "d-1", "holder": "d-0", "holder": "d-1", "direction": "in", "occurred_at": "{at}"}}'

    answer = client.post(path, content=doubled, headers=_lane(live_server))
    more = client.post(path, json=_passage(labels=["public"]), headers=_lane(live_server))

    assert answer.json()["fact"].startswith("holder:d-1@")
    assert _problem(more, 400) == "request.invalid"


def test_every_body_keeps_to_the_same_rules() -> None:
    handlers = [*rooms().handlers, *pages.HANDLERS, *pace.HANDLERS]
    bodies = {handler: signature(handler.fn).parameters.get("data") for handler in handlers}

    loose = [
        str(handler)
        for handler, data in bodies.items()
        if data is not None and not issubclass(next(iter(get_args(data.annotation)), data.annotation), Sent)
    ]

    assert any(bodies.values())
    assert loose == []


def test_too_much_is_refused_whether_its_length_is_told_or_not(client: httpx.Client, live_server: Live) -> None:
    path, headers = f"/r/{live_server.run}/admission/passages", _lane(live_server)

    told = client.post(path, content=b" " * 300_000, headers=headers)
    chunked = client.post(path, content=(b" " * 10_000 for _ in range(30)), headers=headers)

    assert [_problem(answer, 413) for answer in (told, chunked)] == ["request.too-large"] * 2
    # Whoever goes on sending beyond all measure may find the line closed instead of an answer.
    with suppress(httpx.TransportError):
        assert client.post(path, content=(b" " * 100_000 for _ in range(60)), headers=headers).status_code == 413


# ---------------------------------------------------------------- addresses

RUNS = [
    "ciie-7.r1'",
    'ciie-7.r1"',
    "ciie-7.r1%27--",
    "%22;drop%20schema%20fourleaf;--",
    "%00",
    "%0d%0aX-Evil:%201",
    "%F0%28%8C%28",
    "%ff",
    "%",
    "%25",
    "%zz",
    "..",
    "%2e%2e",
    "..%2f..%2fschema",
    "ciie-7.r1~new",
    "fourleaf",
    "public",
    "进博会",
    "%E8%BF%9B",
    "a" * 5_000,
    "{run}",
]


@pytest.mark.parametrize("run", RUNS)
def test_a_run_of_no_such_name_is_not_found(live_server: Live, run: str) -> None:
    body = json.dumps(_passage()).encode()
    asked = [
        _raw(live_server, b"GET", f"/r/{run}/{page}".encode()) for page in ("clock", "picture.json", "wall", "stream")
    ]
    asked.append(_raw(live_server, b"POST", f"/r/{run}/admission/passages".encode(), _lane(live_server), body))

    assert all(status in (400, 404) for status, _, _ in asked), asked
    assert all(headers["content-type"] == "application/problem+json" for _, headers, _ in asked)
    assert not any("x-evil" in headers for _, headers, _ in asked)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app/web.py",
        "/static/../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/app/web.py",
        "/static/..%2f..%2fapp%2fweb.py",
        "/static/..\\..\\app\\web.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/....//....//etc/passwd",
        "/static/%00",
        "/static/kit/%00.js",
        "/static/%ff",
        "/static/" + "a" * 5_000,
        "/static/",
        "/schema/nothing",
        "/schema/../static/x",
        "/nothing",
        "/%00",
    ],
)
def test_no_path_leads_out_of_the_house(live_server: Live, path: str) -> None:
    status, headers, body = _raw(live_server, b"GET", path.encode())

    assert status in (400, 404), (status, body[:200])
    assert headers["content-type"] == "application/problem+json"
    assert b"root:" not in body
    assert b"import" not in body


@pytest.mark.parametrize("method", [b"PUT", b"DELETE", b"PATCH", b"TRACE", b"HEAD", b"BREW"])
def test_another_method_is_refused(live_server: Live, method: bytes) -> None:
    status, headers, _ = _raw(live_server, method, f"/r/{live_server.run}/clock".encode())

    assert status == 405
    assert "GET" in headers["allow"]
    assert headers["content-type"] == "application/problem+json"


# ---------------------------------------------------------------- headers

POSITIONS = [
    b"1.2.3\tX-Evil: 1",
    b"\x01\x02",
    b"\xff\xfe",
    b"1.1.18446744073709551616",
    b"-1.0.0",
    b"1.1",
    b"1.2.3; drop table log",
    b"'",
    b"9" * 4_000,
    "１.２.３".encode(),
    b"",
]


@pytest.mark.parametrize("position", POSITIONS)
def test_a_made_up_position_gets_a_snapshot(live_server: Live, position: bytes) -> None:
    status, headers, body = _raw(
        live_server, b"GET", f"/r/{live_server.run}/stream".encode(), {"Last-Event-ID": position}, stream=True
    )

    assert status == 200 or (status == 400 and not body), (status, body[:200])
    assert "x-evil" not in headers
    assert status == 400 or b"event: snapshot" in body


@pytest.mark.parametrize(
    "authorization",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Basic YTpi",
        b"bearer \xff\xfe",
        b"Bearer " + b"x" * 4_000,
        b"Bearer a b c",
        b"'",
        b"\x01",
    ],
)
def test_a_token_nobody_has_is_refused(live_server: Live, authorization: bytes) -> None:
    path, body = f"/r/{live_server.run}/admission/passages", json.dumps(_passage()).encode()

    status, headers, _ = _raw(live_server, b"POST", path.encode(), {"Authorization": authorization}, body)

    assert status in (400, 401)
    assert status == 400 or headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "host", [b"", b"evil.example", b"127.0.0.1.evil.example", b"\xff", b"[::1", b"localhost:x:y", b"a" * 3_000]
)
def test_another_host_is_refused(live_server: Live, host: bytes) -> None:
    status, _, _ = _raw(live_server, b"GET", b"/runs.json", {"Host": host})

    assert status in (400, 421)


def test_our_own_host_is_known_in_capitals(live_server: Live) -> None:
    host = f"LocalHost:{urlsplit(live_server.url).port}"

    status, _, _ = _raw(live_server, b"GET", b"/runs.json", {"Host": host})

    assert status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": b"\xff"},
        {"Accept": b"\xff/*;q=nonsense"},
        {"Accept-Language": b"zh;q=\xff," * 200},
        {"Accept-Encoding": b"nothing;q=0"},
        {"Cookie": b"lang=\x01; =; ;;" + b"a=b;" * 500},
        {"Range": b"bytes=-1-"},
        {"X-Forwarded-For": b"'; drop table log; --"},
    ],
)
def test_odd_headers_change_nothing(live_server: Live, headers: dict[str, bytes]) -> None:
    paths = [f"/r/{live_server.run}/venue.json", f"/r/{live_server.run}/wall", "/static/kit/dom.js"]

    asked = [_raw(live_server, b"GET", path.encode(), headers)[0] for path in paths]

    assert set(asked) <= {200, 206, 400, 416, 421}


def test_after_all_this_the_run_works(client: httpx.Client, live_server: Live) -> None:
    screen = Screen(live_server)
    wait_for(lambda: screen.pulse().get("unknown") is False, "a calm screen")
    at = datetime.fromisoformat(client.get(f"/r/{live_server.run}/clock").json()["now"]).isoformat()

    answer = client.post(
        f"/r/{live_server.run}/admission/passages",
        json=_passage(request_id="calm", holder="calm", occurred_at=at),
        headers=_lane(live_server),
    )

    assert answer.json()["decision"] == "entered"
    assert "crashed" not in (live_server.data / "web.log").read_text("utf-8")
    screen.stop()


def _raw(
    live: Live,
    method: bytes,
    target: bytes,
    headers: dict[str, Any] | None = None,
    body: bytes = b"",
    *,
    stream: bool = False,
) -> tuple[int, dict[str, str], bytes]:
    """Ask byte by byte, as no client of good manners does. stream: read until the first event is whole."""
    place = urlsplit(live.url)
    sent = {"Host": place.netloc, "Connection": "close", "Content-Length": str(len(body))} | (headers or {})
    lines = [
        name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) for name, value in sent.items()
    ]
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(method + b" " + target + b" HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + body)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            if stream and b"\n\n" in answer.partition(b"\r\n\r\n")[2]:
                break
    head, _, rest = answer.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    found = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return int(first.split(" ")[1]), found, rest

# SPDX-License-Identifier: Apache-2.0
"""The ways of a feed, each against a real thing: a folder with hostile files, a server that leads elsewhere, a token."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import msgspec
import pytest

from fourleaf.blobs import keep
from fourleaf.engines.sensing.actions import feeds as taking
from fourleaf.engines.sensing.facts import FeedFell, FeedRecovered, FeedTokenMade
from fourleaf.engines.sensing.feeds import pull as pulling
from fourleaf.engines.sensing.feeds.folder import collect, read, waiting
from fourleaf.engines.sensing.feeds.pull import Answer, ask, pull_due
from fourleaf.engines.sensing.rules.feed_tables import MOST_BYTES, Broken
from fourleaf.engines.sensing.store import feeds as store
from fourleaf.engines.sensing.store.feeds import Delivered
from fourleaf.kernel.outside import Outside, is_allowed
from fourleaf.postgres import runs
from tests.engines.at_work import AT, AtWork
from tests.engines.meanwhile import answered_meanwhile
from tests.engines.sensing.feed_samples import METRO
from tests.engines.sensing.test_feeds import both, kept

MINUTE = timedelta(minutes=1)
OPEN = ("127.0.0.0/8", "::1/128")


async def delivered(site: AtWork) -> list[Delivered]:
    async with site.site.connection() as connection:
        return await store.deliveries(connection, "metro", 20)


class Box:
    """The folder of a feed. Files lie there long enough to be whole."""

    def __init__(self, root: Path, run: str) -> None:
        self.root, self.here = root, root / run / "metro"
        waiting(self.here)

    @property
    def outside(self) -> Outside:
        return Outside(folder=str(self.root))

    def put(self, name: str, body: bytes, old: bool = True) -> Path:
        path = self.here / "in" / name
        path.write_bytes(body)
        if old:
            os.utime(path, (1, 1))
        return path

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.here / folder).iterdir())


@pytest.fixture
async def box(at_work: AtWork, tmp_path: Path) -> Box:
    await at_work.declare("feed", "metro", **METRO | {"way": "folder"})
    return Box(tmp_path / "feeds", at_work.run)


@pytest.mark.postgres
async def test_a_file_is_taken_once_and_moved_under_a_name_of_ours(at_work: AtWork, box: Box) -> None:
    box.put("counts $(reboot) \n.csv", both())

    taken = [await collect(at_work.site, box.outside) for _ in range(2)]
    box.put("again.csv", both())
    taken.append(await collect(at_work.site, box.outside))

    assert taken == [1, 0, 1]
    assert len(await kept(at_work)) == 4
    assert [one.verdict for one in await delivered(at_work)] == ["taken"]
    assert [name.partition("-")[2] for name in box.names("done")] in (
        ["counts_reboot_.csv", "again.csv"],
        ["again.csv", "counts_reboot_.csv"],
        ["again.csv", "counts_reboot_.csv"],
    )
    assert box.names("in") == []


@pytest.mark.postgres
async def test_what_is_not_whole_or_no_plain_file_is_left_alone(at_work: AtWork, box: Box, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(both())
    os.utime(secret, (1, 1))
    for name in (".hidden.csv", "a.csv.part", "b.tmp", "c.filepart", "d.csv~"):
        box.put(name, both())
    box.put("being-written.csv", both()[:20], old=False)
    (box.here / "in" / "link.csv").symlink_to(secret)
    (box.here / "in" / "folder.csv").mkdir()
    os.mkfifo(box.here / "in" / "pipe.csv")

    assert await collect(at_work.site, box.outside) == 0

    assert len(box.names("in")) == 9
    assert read(box.here / "in", "link.csv", 999) is None
    assert read(box.here / "in", "pipe.csv", 999) is None
    assert await kept(at_work) == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("body", "code"),
    [(b"x" * (MOST_BYTES + 1), "oversize"), (b"\x00\x01\x02", "binary"), (b"", "empty"), (b"PK\x03\x04", "columns")],
)
async def test_a_file_that_cannot_be_used_goes_to_refused_and_says_why(
    at_work: AtWork, box: Box, body: bytes, code: str
) -> None:
    box.put("bad.csv", body)

    await collect(at_work.site, box.outside)

    assert [one.code for one in await delivered(at_work)] == [code]
    assert (box.names("in"), len(box.names("refused"))) == ([], 1)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "row",
    [
        '{"at": "2024-11-05T09:00+08:00", "line": "\\u0000", "in": 1}',
        '{"at": "2024-11-05T09:00+08:00", "line": "\\ud800", "in": 1}',
        '{"at": "\\ud800\\u0000", "line": "line-2", "in": "\\udfff", "\\ud800": 1}',
        '{"\\u0000": 1, "\\u0000": 2}',
    ],
)
async def test_signs_that_cannot_be_kept_do_not_stop_the_worker_of_all_feeds(
    at_work: AtWork, tmp_path: Path, row: str
) -> None:
    schema = {"at": "at", "thing": "line", "format": "json"}
    quantity = {"key": "n_in", "name": {"zh": "进站", "en": "In"}, "column": "in", "min": 0, "max": 20000}
    await at_work.declare("feed", "metro", **METRO | {"way": "folder", "schema": schema, "quantity": [quantity]})
    box = Box(tmp_path / "feeds", at_work.run)
    box.put("bad \udcff.json", f"[{row}]".encode())

    await collect(at_work.site, box.outside)

    (found,) = await delivered(at_work)
    assert (found.verdict, found.name) == ("refused", "bad \N{REPLACEMENT CHARACTER}.json")
    assert (box.names("in"), len(box.names("refused"))) == ([], 1)


@pytest.mark.postgres
async def test_a_file_finer_than_allowed_or_after_the_grant_does_not_stay(at_work: AtWork, tmp_path: Path) -> None:
    await at_work.declare("feed", "metro", **METRO | {"way": "folder", "aggregates": {"smallest": 5, "column": "n"}})
    box = Box(tmp_path / "feeds", at_work.run)
    box.put("fine.csv", b"line,at,in,out,n\nline-2,2024-11-05 08:00,1,1,1\n")
    await collect(at_work.site, box.outside)
    at_work.at = AT + timedelta(days=9)
    box.put("late.csv", both())

    await collect(at_work.site, box.outside)

    assert [one.code for one in await delivered(at_work)] == ["grant-ended", "all-refused"]
    assert (box.names("in"), box.names("done"), box.names("refused")) == ([], [], [])


class Server(ThreadingHTTPServer):
    """An owner's server. answer: path -> status, headers, body; asked: what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def at(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.answer.get(self.path, (404, {}, b""))
        if body == b"slow":
            sleep(0.5)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def owner() -> Iterator[Server]:
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def outside(owner: Server, *, private: tuple[str, ...] = OPEN) -> Outside:
    return Outside(folder="", hosts=frozenset({f"127.0.0.1:{owner.server_port}"}), private=private)


@pytest.mark.parametrize(
    ("address", "private", "allowed"),
    [
        ("127.0.0.1", (), False),
        ("10.1.2.3", (), False),
        ("169.254.169.254", (), False),
        ("100.64.0.1", (), False),
        ("0.0.0.0", (), False),
        ("224.0.0.1", (), False),
        ("::1", (), False),
        ("fe80::1%eth0", (), False),
        ("fd00::1", (), False),
        ("::ffff:127.0.0.1", (), False),
        ("::ffff:10.0.0.1", (), False),
        ("::127.0.0.1", (), False),
        ("64:ff9b::10.0.0.1", (), False),
        ("2002:a00:1::1", (), False),
        ("8.8.8.8", (), True),
        ("2001:4860:4860::8888", (), True),
        ("10.1.2.3", ("10.1.0.0/16",), True),
        ("10.2.2.3", ("10.1.0.0/16",), False),
    ],
)
def test_only_the_wide_world_and_named_networks_are_asked(
    address: str, private: tuple[str, ...], allowed: bool
) -> None:
    assert is_allowed(address, private) is allowed


async def test_a_host_that_is_not_named_or_lies_in_a_private_network_is_never_asked(owner: Server) -> None:
    owner.answer["/a"] = (200, {}, b"secret")
    named = Outside(folder="", hosts=frozenset({"localhost"}))

    found = [
        await ask(f"{owner.at}/a", Outside(folder="")),
        await ask(f"{owner.at}/a", outside(owner, private=())),
        await ask(f"http://localhost:{owner.server_port}/a", named),
    ]

    assert found == [
        Broken("host-not-allowed", "127.0.0.1"),
        Broken("private-address", "127.0.0.1"),
        Broken("private-address", "localhost"),
    ]
    assert owner.asked == []


@pytest.mark.parametrize(
    "there",
    [
        "http://169.254.169.254/latest",
        "http://localhost:1/a",
        "https://127.0.0.1/a",
        "file:///etc/passwd",
        "//evil.example/a",
    ],
)
async def test_an_answer_never_leads_to_another_host(owner: Server, there: str) -> None:
    owner.answer["/a"] = (302, {"Location": there}, b"")

    found = await ask(f"{owner.at}/a", outside(owner))

    assert isinstance(found, Broken) and found.code == "redirected"
    assert len(owner.asked) == 1


async def test_an_answer_may_lead_on_at_the_same_host_but_not_in_circles(owner: Server) -> None:
    owner.answer |= {
        "/a": (302, {"Location": "/b"}, b""),
        "/b": (200, {}, b"here"),
        "/c": (307, {"Location": "/c"}, b""),
    }

    assert await ask(f"{owner.at}/a", outside(owner)) == Answer(b"here")
    assert await ask(f"{owner.at}/c", outside(owner)) == Broken("redirected", "> 3")


@pytest.mark.parametrize(
    ("status", "headers", "body", "broken"),
    [
        (500, {}, b"", Broken("http-status", "500")),
        (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b", Broken("packed", "gzip")),
        (200, {}, b"x" * (MOST_BYTES + 1), Broken("oversize", f"> {MOST_BYTES:,} B")),
        (200, {"Content-Length": "99999999999"}, b"x", Broken("unreachable", "RemoteProtocolError")),
    ],
)
async def test_what_a_server_does_wrong_is_told(
    owner: Server, status: int, headers: dict[str, str], body: bytes, broken: Broken
) -> None:
    owner.answer["/a"] = (status, headers, body)

    assert await ask(f"{owner.at}/a", outside(owner)) == broken


async def test_a_server_that_does_not_answer_is_not_waited_for(owner: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "WHOLE_S", 0.1)
    owner.answer["/a"] = (200, {}, b"slow")

    assert await ask(f"{owner.at}/a", outside(owner)) == Broken("timeout", "> 0.1 s")


async def due_again(site: AtWork) -> None:
    async with site.site.connection() as connection:
        await connection.execute("update feed_heard set due_at = '-infinity'")


@pytest.mark.postgres
async def test_a_pull_asks_for_what_is_new_waits_longer_after_failures_and_recovers(
    at_work: AtWork, owner: Server
) -> None:
    await at_work.declare("feed", "metro", **METRO | {"way": "pull", "url": f"{owner.at}/a"})
    there = outside(owner)
    owner.answer["/a"] = (200, {"ETag": '"1"', "Last-Modified": "yesterday"}, both())
    first = [await pull_due(at_work.site, there) for _ in range(2)]
    for status in (503, 503, 304):
        owner.answer["/a"] = (status, {}, b"")
        await due_again(at_work)
        await pull_due(at_work.site, there)

    assert first == [1, 0]
    assert owner.asked[1][1]["If-None-Match"] == '"1"'
    assert owner.asked[1][1]["If-Modified-Since"] == "yesterday"
    assert owner.asked[1][1]["Accept-Encoding"] == "identity"
    assert await at_work.facts("feed:metro") == [
        FeedFell(feed="metro", state="broken", reason="http-status", count=1, about="503"),
        FeedRecovered(feed="metro", before="broken"),
    ]
    assert len(await kept(at_work)) == 4


@pytest.mark.postgres
async def test_nobody_is_asked_outside_of_the_grant(at_work: AtWork, owner: Server) -> None:
    await at_work.declare("feed", "metro", **METRO | {"way": "pull", "url": f"{owner.at}/a"})
    at_work.at = AT + timedelta(days=9)

    assert await pull_due(at_work.site, outside(owner)) == 0
    assert owner.asked == []


@pytest.fixture
async def pushed(at_work: AtWork) -> AtWork:
    await at_work.declare("feed", "metro", **METRO)
    await at_work.declare("feed", "parking", **METRO)
    async with at_work.site.connection() as connection:
        await runs.set_tokens(connection, at_work.run, {"feed:metro": "t" * 32, "door:8.1-D1": "d" * 32})
    return at_work


def push(site: AtWork, body: bytes, token: str = "t" * 32, feed: str = "metro") -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    return site.send_raw(f"/sensing/feeds/{feed}", body, headers)


@pytest.mark.postgres
async def test_a_delivery_is_pushed_with_the_token_of_its_feed_alone(pushed: AtWork) -> None:
    good = push(pushed, both())

    assert (good.status_code, good.json()) == (
        200,
        {"verdict": "taken", "rows": 2, "accepted": 4, "duplicates": 0, "refused": 0, "problems": []},
    )
    assert push(pushed, both()).json()["verdict"] == "repeated"
    assert [
        push(pushed, both(), feed="parking").status_code,
        push(pushed, both(), token="d" * 32).status_code,
        push(pushed, both(), token="w" * 32).status_code,
        push(pushed, both(), feed="none").status_code,
    ] == [404, 403, 401, 404]


@pytest.mark.postgres
async def test_a_pushed_delivery_that_cannot_be_used_is_answered_in_both_languages(pushed: AtWork) -> None:
    answer = push(pushed, b"line,at,out\nline-2,2024-11-05,1\n")

    assert answer.status_code == 422
    assert answer.json()["code"] == "sensing.delivery-refused"
    assert answer.json()["given"] == {"code": "columns", "about": "in"}
    assert answer.json()["detail"]["zh"] and answer.json()["detail"]["en"]


@pytest.mark.postgres
async def test_a_large_delivery_is_taken_as_long_as_it_is_one(pushed: AtWork) -> None:
    minutes = [f"line-2,{(AT - MINUTE * number).isoformat()},100,50" for number in range(1_400)]

    answer = push(pushed, "\n".join(["line,at,in,out", *minutes, *([""] * 240_000)]).encode())

    assert (answer.status_code, answer.json()["accepted"]) == (200, 2_800)


@pytest.mark.postgres
async def test_a_pushed_delivery_that_is_too_large_is_refused_at_the_door(pushed: AtWork) -> None:
    began = monotonic()

    answer = push(pushed, b"x" * (MOST_BYTES + 2))

    assert answer.status_code == 413
    assert monotonic() - began < 60


@pytest.mark.postgres
async def test_a_new_token_is_told_once_and_the_old_one_works_no_more(pushed: AtWork) -> None:
    first = pushed.post("/sensing/feeds/metro/token", request_id="a").json()
    again = pushed.post("/sensing/feeds/metro/token", request_id="a").json()

    assert first["token"] and again["token"] is None
    assert push(pushed, both()).status_code == 401
    assert push(pushed, both(), token=first["token"]).status_code == 200
    assert await pushed.facts("feed:metro") == [FeedTokenMade(feed="metro")]


@pytest.mark.postgres
async def test_how_feeds_stand_is_listed(pushed: AtWork) -> None:
    push(pushed, both())

    found = {one["feed"]: one for one in pushed.get("/sensing/feeds.json").json()}

    assert sorted(found) == ["metro", "parking"]
    assert (found["metro"]["grant_until"], len(found["metro"]["values"])) == ("2024-11-10", 4)


@pytest.mark.postgres
async def test_while_a_large_push_is_read_others_are_answered(at_work: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    await at_work.declare("feed", "metro", **METRO)
    token = at_work.post("/sensing/feeds/metro/token", request_id="t").json()["token"]

    answers = answered_meanwhile(
        at_work, monkeypatch, (taking, "read"), lambda: at_work.post_as(token, "/sensing/feeds/metro", both())
    )

    assert answers == (200, 200)


@pytest.mark.postgres
async def test_while_a_large_table_sent_by_hand_is_looked_into_others_are_answered(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_work.declare("feed", "metro", **METRO)

    answers = answered_meanwhile(
        at_work, monkeypatch, (keep, "fit"), lambda: at_work.send_file("/desk/feeds/metro/imports", both())
    )

    assert answers == (200, 303)


@pytest.mark.postgres
async def test_where_a_rehearsal_answers_it_is_asked_by_the_clock_of_the_run_and_by_no_live_run(
    at_work: AtWork, owner: Server
) -> None:
    await at_work.declare("feed", "metro", **METRO | {"way": "pull", "url": f"{owner.at}/a"})
    there = Outside(folder="", rehearsals=frozenset({f"127.0.0.1:{owner.server_port}"}))
    owner.answer["/a"] = (200, {}, both())
    live = msgspec.structs.replace(at_work.site.run, kind="live")
    async with at_work.site.connection() as connection:
        await connection.execute("update fourleaf.run_clock set wanted = 60 where run = %s", [at_work.run])

    await pull_due(at_work.site, there)
    async with at_work.site.connection() as connection:
        row = await (await connection.execute("select due_at - clock_timestamp() from feed_heard")).fetchone()
    await due_again(at_work)
    asked = len(owner.asked)
    at_work.site.run = live
    await pull_due(at_work.site, there)

    assert row is not None and row[0] <= timedelta(seconds=METRO["interval_s"] / 60)
    assert (asked, len(owner.asked)) == (1, 1)

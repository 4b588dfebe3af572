# SPDX-License-Identifier: Apache-2.0
"""Background checks: a real server answers, or does not; no queue waits for it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.engines.credentials.facts import Checked
from fourleaf.engines.credentials.feeds.checking import check_due
from fourleaf.kernel.outside import Outside
from tests.engines.at_work import AtWork
from tests.engines.credentials.samples import MEDIA, WORDS, application, declare, stage

pytestmark = pytest.mark.postgres


class Police(ThreadingHTTPServer):
    """Answers each question by the number of the document, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.told: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/check"


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Police)
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append(said)
        status, body = self.server.answers.get(said["holder"]["document"], (500, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Silent."""


@pytest.fixture
def police() -> Iterator[Police]:
    server = Police()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def outside(dsn: str, tmp_path: Path, vault_key: Path) -> Outside:
    safe = Safe(Settings(database_url=dsn, data=tmp_path, vault_key=vault_key))
    return Outside(folder="", hosts=frozenset({"127.0.0.1"}), private=("127.0.0.0/8",), persons=safe.vault)


@pytest.fixture
async def desk(at_work: AtWork, police: Police) -> AtWork:
    await declare(at_work, checked=MEDIA | {"number": 20, "stage": [stage("background"), stage("decision")]})
    await at_work.declare(
        "organization", "more", name=WORDS, types=["checked"], organization=[{"id": "su-press", "name": WORDS}]
    )
    await at_work.declare(
        "background_check",
        "police",
        name=WORDS,
        url=police.url,
        types=["checked"],
        tells=["name", "document"],
        purpose="background check",
        tries=2,
    )
    return at_work


def applied(desk: AtWork, number: str) -> str:
    said = application(number, type="checked", organization="su-press")
    answer = desk.post("/credentials/applications", request_id=f"a{number}", **said)
    name: str = answer.json()["credential"]
    return name


async def checked(desk: AtWork, name: str) -> list[str]:
    return [body.answer for body in await desk.facts(f"credential:{name}") if isinstance(body, Checked)]


async def test_what_the_outside_system_answers_becomes_a_fact_once(
    desk: AtWork, police: Police, outside: Outside
) -> None:
    clear, hit = applied(desk, "E1"), applied(desk, "E2")
    police.answers = {
        "E1": (200, b'{"answer": "clear", "reference": "P-77"}'),
        "E2": (200, b'{"answer": "hit", "reference": "<script>"}'),
    }

    asked = await check_due(desk.site, outside)
    again = await check_due(desk.site, outside)

    assert (asked, again) == (2, 0)
    assert await checked(desk, clear) == ["clear"] and await checked(desk, hit) == ["hit"]
    assert (await desk.facts(f"credential:{clear}"))[-1] == Checked(answer="clear", reference="P-77")
    assert (await desk.facts(f"credential:{hit}"))[-1] == Checked(answer="hit", reference="")
    assert sorted(one["holder"]["document"] for one in police.told) == ["E1", "E2"]


@pytest.mark.parametrize(
    "answer", [(500, b""), (302, b""), (200, b"no json"), (200, b'{"answer": "maybe"}'), (200, b" " * 100_000)]
)
async def test_what_does_not_answer_is_asked_again_and_at_last_unknown(
    desk: AtWork, police: Police, outside: Outside, answer: tuple[int, bytes]
) -> None:
    name = applied(desk, "E1")
    police.answers = {"E1": answer}

    await check_due(desk.site, outside)
    waiting = await check_due(desk.site, outside)
    async with desk.site.connection() as connection:
        await connection.execute("update credentials_check set due = clock_timestamp()")
    await check_due(desk.site, outside)

    assert (waiting, len(police.told)) == (0, 2)
    assert await checked(desk, name) == ["unknown"]


async def test_a_host_that_the_installation_does_not_name_is_never_asked(
    desk: AtWork, police: Police, outside: Outside
) -> None:
    name = applied(desk, "E1")
    unnamed = Outside(folder="", hosts=frozenset(), private=outside.private, persons=outside.persons)
    elsewhere = Outside(folder="", hosts=outside.hosts, private=(), persons=outside.persons)

    for allowed in (unnamed, elsewhere):
        await check_due(desk.site, allowed)
        async with desk.site.connection() as connection:
            await connection.execute("update credentials_check set due = clock_timestamp(), failures = 0")

    assert police.told == []
    assert await checked(desk, name) == []


async def test_a_person_decides_while_nobody_answers(desk: AtWork, police: Police, outside: Outside) -> None:
    name = applied(desk, "E1")
    await check_due(desk.site, outside)
    by_hand = desk.post(
        f"/credentials/applications/{name}/decide",
        request_id="d1",
        stage="background",
        outcome="pass",
        reason="checked-by-hand",
    )
    async with desk.site.connection() as connection:
        await connection.execute("update credentials_check set due = clock_timestamp()")

    assert by_hand.status_code == 200
    assert await check_due(desk.site, outside) == 0

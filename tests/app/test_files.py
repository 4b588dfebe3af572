# SPDX-License-Identifier: Apache-2.0
"""Files over HTTP and on the command line: a download that runs nothing, a recorded read, a report of what is unused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from io import StringIO
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from fourleaf.app import backups, files, safekeeping
from fourleaf.app.rooms import rooms
from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.blobs.store import Blob
from fourleaf.postgres import log
from fourleaf.postgres.pool import connect
from fourleaf.postgres.server import Server
from fourleaf.vault import keys
from fourleaf.vault.facts import Read
from fourleaf.vault.master import Master
from tests.blobs import made
from tests.conftest import Live
from tests.vault.conftest import AT, make_run, new_database

pytestmark = [pytest.mark.postgres, pytest.mark.process]


async def now() -> datetime:
    return AT


async def one(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def kept(settings: Settings, run: str, data: bytes, person: str | None = None) -> Blob:
    assert settings.database_url is not None
    safe = Safe(settings)
    async with connect(settings.database_url, run) as db:
        await keys.ready(db, Master(settings.vault_file))
        if person:
            await safe.vault_of(run, now).put(db, {person: {"name": "Ann"}})
        found = await safe.blobs_of(run, now).keep(db, one(data), person=person)
    assert isinstance(found, Blob)
    return found


def test_a_file_is_a_download_that_runs_nothing(live_server: Live) -> None:
    blob = asyncio.run(kept(live_server.settings, live_server.run, made.photo_with_secrets()))

    given = httpx.get(f"{live_server.url}/r/{live_server.run}/files/{blob.blob}", trust_env=False)

    assert given.status_code == 200 and given.headers["content-type"] == "image/jpeg"
    assert given.headers["content-disposition"].startswith("attachment; filename=")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert given.content.startswith(b"\xff\xd8\xff") and b"SECRET" not in given.content


def test_a_file_of_a_person_needs_a_purpose_and_leaves_a_fact(live_server: Live) -> None:
    live = live_server
    blob = asyncio.run(kept(live.settings, live.run, b"a,b\n1,2\n", "p1"))
    url = f"{live.url}/r/{live.run}/files/{blob.blob}"

    without = httpx.get(url, trust_env=False)
    given = httpx.get(url, params={"purpose": "badge"}, trust_env=False)

    async def reads() -> list[Read]:
        assert live.settings.database_url is not None
        late = datetime.max.replace(tzinfo=AT.tzinfo)
        async with connect(live.settings.database_url, live.run) as db:
            facts = await log.as_of(db, rooms().kinds, live.run, [Read.KIND], happened_by=late, known_by=late)
        return [fact.body for fact in facts if isinstance(fact.body, Read)]

    assert (without.status_code, without.json()["code"]) == (422, "vault.no-purpose")
    assert (given.status_code, given.content, given.headers["cache-control"]) == (
        200,
        b"a,b\n1,2\n",
        "private, no-store",
    )
    assert asyncio.run(reads()) == [Read(purpose="badge", count=1, fields=("file",), persons=("p1",))]


@pytest.mark.parametrize("name", ["0" * 64, "..%2f..%2fetc%2fpasswd", "vault.key"])
def test_what_is_no_file_is_not_found(live_server: Live, name: str) -> None:
    answer = httpx.get(f"{live_server.url}/r/{live_server.run}/files/{name}", trust_env=False)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_files_are_reported_erased_and_brought_back(server: Server, tmp_path: Path, run_name: str) -> None:
    run, name, said = "test.r1", run_name.replace("-", "_"), StringIO()
    master, speech = Master(tmp_path / "vault.key"), Speech("en", Console(file=said, width=300))
    dsn = asyncio.run(new_database(server.dsn, name, master))
    here = Settings(database_url=dsn, data=tmp_path / "one", vault_key=master.path)
    there = Settings(
        database_url=asyncio.run(new_database(server.dsn, f"{name}_b", master)),
        data=tmp_path / "two",
        vault_key=master.path,
    )

    async def open_run() -> None:
        async with connect(dsn) as db:
            await make_run(db, run)

    asyncio.run(open_run())
    free = asyncio.run(kept(here, run, b"a,b\n"))
    own = asyncio.run(kept(here, run, b"c,d\n", "p1"))
    for settings in (here, there):
        (settings.data / "programs").mkdir(parents=True, exist_ok=True)

    assert files.unused(here, run, True, speech) == 0
    assert files.unused(here, "no-run", False, speech) == 1
    assert backups.write(here, tmp_path / "b", tmp_path / "keys", speech) == 0
    assert safekeeping.erase(here, run, "p1", "asked", speech) == 0
    assert backups.restore(there, tmp_path / "b", [tmp_path / "keys"], speech) == 0

    text = said.getvalue()
    assert "0 files that no fact names" in text and f"files: {own.blob}" in text and "Restored 2 files" in text
    assert not (here.data / "blobs" / run / own.blob[:2] / own.blob).exists()
    assert (there.data / "blobs" / run / free.blob[:2] / free.blob).read_bytes() == b"a,b\n"
    assert b"c,d" not in (there.data / "blobs" / run / own.blob[:2] / own.blob).read_bytes()
    files.drop(there.data / "blobs", run)
    assert not (there.data / "blobs" / run).exists()

# SPDX-License-Identifier: Apache-2.0
"""A file is kept once, given out safely, sealed when it is a person's, and cleared when no fact names it."""

import asyncio
import os
import tarfile
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest

from fourleaf.blobs import archive
from fourleaf.blobs.archive import BadArchive
from fourleaf.blobs.folder import Folder
from fourleaf.blobs.keep import Blobs, Given
from fourleaf.blobs.sniff import CSV, JPEG
from fourleaf.blobs.store import Blob
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.pool import Connection, connect
from fourleaf.vault.facts import Read
from fourleaf.vault.persons import Vault
from tests.blobs import made
from tests.vault.conftest import Book

pytestmark = pytest.mark.postgres
NOW = timedelta(0)
TABLE = "展位,名称\n8.1-A01,甲\n".encode()


async def chunks(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.fixture
def blobs(run: str, vault: Vault, tmp_path: Path) -> Blobs:
    numbers = count(1)
    return Blobs(run, Folder(tmp_path / "blobs", run), vault, lambda: f"{next(numbers):032x}")


async def keep(blobs: Blobs, db: Connection, data: bytes, person: str | None = None) -> Blob:
    found = await blobs.keep(db, chunks(data), person=person)
    assert isinstance(found, Blob), found
    return found


async def give(blobs: Blobs, db: Connection, name: str, *held: str) -> Given | Refusal:
    return await blobs.give(db, name, held=held or ("office",), actor="ann", purpose="look", personal=True)


async def test_a_file_comes_back_as_it_was_kept(blobs: Blobs, db: Connection, run: str, tmp_path: Path) -> None:
    blob = await keep(blobs, db, TABLE)

    given = await give(blobs, db, blob.blob)

    file = tmp_path / "blobs" / run / blob.blob[:2] / blob.blob
    assert blob.blob == sha256(TABLE).hexdigest() and blob.name == f"blob:{blob.blob}"
    assert isinstance(given, Given) and (given.data, given.blob.media, given.blob.size) == (TABLE, CSV, len(TABLE))
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (TABLE, 0o600)
    assert [path.name for path in file.parent.iterdir()] == [blob.blob]


async def test_a_file_goes_out_so_that_no_browser_runs_it(blobs: Blobs, db: Connection) -> None:
    blob = await keep(blobs, db, made.photo_with_secrets())

    given = await give(blobs, db, blob.blob)

    assert isinstance(given, Given)
    assert given.headers["Content-Disposition"] == f'attachment; filename="{blob.blob[:16]}.jpg"'
    assert given.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Content-Type"] == JPEG


async def test_the_same_file_is_kept_once_and_seen_by_both(blobs: Blobs, db: Connection) -> None:
    first = await blobs.keep(db, chunks(TABLE), labels=("group:lifts",))
    second = await blobs.keep(db, chunks(TABLE), labels=("office",))

    assert isinstance(first, Blob) and isinstance(second, Blob) and first.blob == second.blob
    assert isinstance(await give(blobs, db, first.blob, "group:lifts"), Given)
    assert isinstance(await give(blobs, db, first.blob, "office"), Given)


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64, "0" * 33])
async def test_what_is_not_there_and_what_is_not_for_you_look_the_same(blobs: Blobs, db: Connection, name: str) -> None:
    blob = await keep(blobs, db, TABLE)

    assert await give(blobs, db, name) == Refusal("blobs.unknown")
    assert await give(blobs, db, blob.blob, "public") == Refusal("blobs.unknown")


async def test_reading_stops_as_soon_as_a_file_is_too_large(blobs: Blobs, db: Connection) -> None:
    read = list[int]()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(1)
            yield b"x" * 100_000

    assert await blobs.keep(db, endless(), limit=1024 * 1024) == Refusal("blobs.too-large", {"most": 1})
    assert len(read) == 11
    assert await blobs.keep(db, chunks(b"")) == Refusal("blobs.empty")


@pytest.mark.parametrize("damage", ["changed", "gone"])
async def test_a_file_that_was_changed_where_it_lies_is_not_given_out(
    blobs: Blobs, db: Connection, run: str, tmp_path: Path, damage: str
) -> None:
    blob = await keep(blobs, db, TABLE)
    file = tmp_path / "blobs" / run / blob.blob[:2] / blob.blob

    file.write_bytes(b"other") if damage == "changed" else file.unlink()

    assert await give(blobs, db, blob.blob) == Refusal("blobs.lost")


async def test_a_file_of_a_person_is_sealed_and_reading_it_is_a_fact(
    blobs: Blobs, vault: Vault, db: Connection, run: str, tmp_path: Path, book: Book
) -> None:
    await vault.put(db, {"p1": {"name": "Ann"}, "p2": {"name": "Bo"}})

    one, two = await keep(blobs, db, TABLE, "p1"), await keep(blobs, db, TABLE, "p2")
    given = await give(blobs, db, one.blob)

    stored = (tmp_path / "blobs" / run / one.blob[:2] / one.blob).read_bytes()
    assert isinstance(given, Given) and given.data == TABLE
    assert given.headers["Cache-Control"] == "private, no-store"
    assert TABLE not in stored and one.blob != two.blob and len(one.blob) == 32
    assert book.facts == [("ann", Read(purpose="look", count=1, fields=("file",), persons=("p1",)))]
    assert await blobs.give(db, one.blob, held=["office"], actor="ann", personal=True) == Refusal(
        "vault.no-purpose", {"most": 200}
    )
    assert await blobs.give(db, one.blob, held=["office"], actor="ann", purpose="look") == Refusal("blobs.personal")


async def test_files_go_with_their_person(blobs: Blobs, vault: Vault, db: Connection, run: str, tmp_path: Path) -> None:
    await vault.put(db, {"p1": {"name": "Ann"}})
    blob = await keep(blobs, db, TABLE, "p1")

    report = await vault.erase(db, "p1", actor="ann", reason="asked", forget=[blobs.forget])

    assert not isinstance(report, Refusal) and report.files == (blob.blob,)
    assert await give(blobs, db, blob.blob) == Refusal("blobs.unknown")
    assert await blobs.keep(db, chunks(TABLE), person="p1") == Refusal("vault.erased", {"person": "p1"})
    blobs.remove(report.files)
    assert list(Folder(tmp_path / "blobs", run).names()) == []


async def test_a_file_kept_while_its_person_is_erased_goes_too(
    blobs: Blobs, vault: Vault, vault_dsn: str, db: Connection, run: str
) -> None:
    await vault.put(db, {"p1": {"name": "Ann"}})

    async def put() -> object:
        async with connect(vault_dsn) as own:
            return await blobs.keep(own, chunks(TABLE), person="p1")

    async def erase() -> object:
        async with connect(vault_dsn) as own:
            return await vault.erase(own, "p1", actor="ann", reason="asked", forget=[blobs.forget])

    await asyncio.gather(*(put() for _ in range(4)), erase(), *(put() for _ in range(4)))

    rows = await db.execute("select count(*) from fourleaf.blob where run = %s", [run])
    assert await rows.fetchone() == (0,)


async def test_what_no_fact_names_is_reported_and_deleted_only_when_told(
    blobs: Blobs, db: Connection, run: str, tmp_path: Path
) -> None:
    named, unnamed = await keep(blobs, db, TABLE), await keep(blobs, db, TABLE + b"x,y\n")
    await db.execute(
        "insert into fourleaf.log (run, epoch, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, labels,"
        " body, hash) values (%s, 1, 's:1', 1, 'test.Kept', 1, now(), now(), 'a', '', '{office}', %s, '')",
        [run, f'{{"photos": ["{named.name}"]}}'],
    )
    folder = Folder(tmp_path / "blobs", run)
    folder.write("f" * 64, b"stray")
    draft = folder.of("e" * 64 + ".0.draft").with_name("old.draft")
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.touch()
    os.utime(draft, (0, 0))

    young = await blobs.garbage(db)
    report = await blobs.garbage(db, grace=NOW)
    before = list(folder.names())
    cleared = await blobs.clear(db, report, grace=NOW)

    assert (young.unnamed, young.strays) == ((), ())
    assert (report.unnamed, report.strays, report.lost) == (((unnamed.blob, unnamed.size),), ("f" * 64,), ())
    assert (len(before), cleared, list(folder.names()), draft.exists()) == (3, 3, [named.blob], False)
    assert isinstance(await give(blobs, db, named.blob), Given)


async def test_a_file_that_comes_again_is_not_cleared(blobs: Blobs, db: Connection) -> None:
    blob = await keep(blobs, db, TABLE)
    report = await blobs.garbage(db, grace=NOW)

    await keep(blobs, db, TABLE)

    assert [name for name, _ in report.unnamed] == [blob.blob]
    assert await blobs.clear(db, report) == 0
    assert isinstance(await give(blobs, db, blob.blob), Given)


async def test_an_archive_brings_files_back(blobs: Blobs, db: Connection, run: str, tmp_path: Path) -> None:
    blob = await keep(blobs, db, TABLE)
    wrote = archive.write(tmp_path / "blobs", tmp_path / "files.tar")
    (tmp_path / "blobs" / run / blob.blob[:2] / blob.blob).unlink()

    assert (await blobs.garbage(db)).lost == (blob.blob,)
    assert (wrote, archive.read(tmp_path / "files.tar", tmp_path / "blobs")) == (1, 1)
    assert archive.read(tmp_path / "files.tar", tmp_path / "blobs") == 0
    assert isinstance(await give(blobs, db, blob.blob), Given)


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "run/ab/x.sh", "run/ab/../../../x"])
def test_an_archive_with_other_files_is_refused(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as bad:
        member = tarfile.TarInfo(name)
        member.size = 1
        bad.addfile(member, BytesIO(b"x"))

    with pytest.raises(BadArchive):
        archive.read(tmp_path / "bad.tar", tmp_path / "blobs")

    assert not (tmp_path / "blobs").exists()


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as bad:
        member = tarfile.TarInfo(f"run/ab/{'ab' * 32}")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        bad.addfile(member)

    with pytest.raises(BadArchive):
        archive.read(tmp_path / "bad.tar", tmp_path / "blobs")

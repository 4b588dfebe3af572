# SPDX-License-Identifier: Apache-2.0
"""Keys rotate under a working system, live apart from the backup, and never bring an erased person back."""

import asyncio
import os
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import backup
from fourleaf.postgres.pool import connect
from fourleaf.postgres.server import Server
from fourleaf.vault import key_store, keyfile, keys
from fourleaf.vault.master import KeyTrouble, Master
from fourleaf.vault.persons import Vault
from tests.vault.conftest import AT, Book, china, make_run, new_database

pytestmark = [pytest.mark.postgres, pytest.mark.process]
_NUMBERS = count(1)
PEOPLE: dict[str, dict[str, str | bytes | None]] = {
    f"p{number}": {"name": f"N{number}", "phone": f"1380013{number:04}"} for number in range(5)
}


class House:
    """A database, a master key and one run with five persons."""

    def __init__(self, server: Server, folder: Path, name: str = "") -> None:
        self.server, self.folder, self.master = server, folder, Master(folder / "vault.key")
        self.name = name or f"keys_{os.getpid()}_{next(_NUMBERS)}"
        self.book = Book()
        self.vault = Vault("test.r1", self.master, self.book.record, china)
        self.dsn = ""

    async def furnish(self) -> "House":
        self.dsn = await asyncio.to_thread(_new_database, self.server.dsn, self.name, self.master)
        async with connect(self.dsn) as db:
            await make_run(db, "test.r1")
            await self.vault.put(db, PEOPLE)
        return self

    async def restored(self, file: Path) -> str:
        """A second database, filled from a backup. Gives its address."""
        other = await asyncio.to_thread(_new_database, self.server.dsn, f"{self.name}_b", self.master)
        await backup.restore(other, file, self.server.data)
        return other

    async def back_up(self, name: str) -> Path:
        file = self.folder / name
        await backup.write(self.dsn, file, self.server.data)
        return file

    async def save_keys(self, name: str, day: int = 0) -> Path:
        async with connect(self.dsn) as db:
            await keyfile.save(db, self.master, self.folder / name, written_at=AT + timedelta(days=day))
        return self.folder / name

    async def erase(self, person: str) -> None:
        async with connect(self.dsn) as db:
            assert not isinstance(await self.vault.erase(db, person, actor="a", reason="r"), Refusal)

    async def names(self, dsn: str = "") -> dict[str, object]:
        """The name of each, or why not."""
        async with connect(dsn or self.dsn) as db:
            found = {p: await self.vault.get(db, [p], ["name"], actor="a", purpose="t") for p in PEOPLE}
        return {p: given.code if isinstance(given, Refusal) else given[p].get("name") for p, given in found.items()}


def _new_database(dsn: str, name: str, master: Master) -> str:
    return asyncio.run(new_database(dsn, name, master))


@pytest.fixture
async def house(server: Server, tmp_path: Path) -> House:
    return await House(server, tmp_path).furnish()


ALL = {person: values["name"] for person, values in PEOPLE.items()}


async def test_a_rotation_changes_the_key_and_nothing_else(house: House) -> None:
    before = house.master.keys()[0].id
    async with connect(house.dsn) as db:
        count = await keys.rotate(db, house.master)
        marks = await house.vault.find(db, "phone", "13800130003")
        current = await key_store.current_master(db)

    after = Master(house.master.path).keys()
    assert (count, marks, len(after)) == (6, ["p3"], 1)
    assert after[0].id == current != before
    assert await house.names() == ALL


async def test_nobody_stops_while_keys_rotate(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KEYS_A_COMMIT", 1)
    stale = Vault("test.r1", Master(house.master.path), house.book.record, china)
    stale._master.keys()

    async def write() -> None:
        async with connect(house.dsn) as db:
            for number in range(30):
                assert await stale.put(db, {f"w{number}": {"name": "W"}}) is None

    async def rotate() -> None:
        async with connect(house.dsn) as db:
            for _ in range(3):
                await keys.rotate(db, house.master)

    await asyncio.gather(write(), rotate())

    async with connect(house.dsn) as db:
        await keys.rotate(db, house.master)
        given = await house.vault.get(db, [f"w{n}" for n in range(30)], ["name"], actor="a", purpose="t")
    assert given == {f"w{number}": {"name": "W"} for number in range(30)}
    assert await house.names() == ALL


async def test_a_rotation_that_was_cut_short_is_finished(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KEYS_A_COMMIT", 2)
    wrap, calls = keys._wrap_some, count(1)

    async def dies(*given: object) -> int:
        if next(calls) == 2:
            raise ConnectionError
        return await wrap(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(keys, "_wrap_some", dies)
    async with connect(house.dsn) as db:
        with pytest.raises(ConnectionError):
            await keys.rotate(db, house.master)
        assert await house.names() == ALL
        rest = await keys.rotate(db, house.master)

    assert (rest, len(Master(house.master.path).keys())) == (4, 1)
    assert await house.names() == ALL


async def test_a_backup_without_keys_gives_sealed_values(house: House) -> None:
    file = await house.back_up("log")

    other = await house.restored(file)

    assert set((await house.names(other)).values()) == {"vault.key-away"}
    async with connect(other) as db:
        await keys.ready(db, house.master)
        refused = await house.vault.put(db, {"new": {"name": "N"}})
        assert refused is not None and refused.code == "vault.key-away"
        assert await keys.give_up(db, house.master) == 5
        assert await house.vault.put(db, {"new": {"name": "N"}}) is None
    assert set((await house.names(other)).values()) == {"vault.erased"}


async def test_an_erasure_survives_the_restore_of_an_older_backup(house: House) -> None:
    file = await house.back_up("log")
    await house.erase("p2")
    saved = await house.save_keys("keys")

    other = await house.restored(file)
    async with connect(other) as db:
        done = await keyfile.restore(db, house.master, [saved])
        found = await house.vault.find(db, "phone", "13800130002"), await house.vault.find(db, "phone", "13800130001")

    assert (done.keys, done.refused, done.unreadable) == (4, (("test.r1", "p2"),), 0)
    assert await house.names(other) == ALL | {"p2": "vault.erased"}
    assert found == ([], ["p1"])


async def test_an_older_key_file_does_not_bring_an_erased_person_back(house: House) -> None:
    old_file, old = await house.back_up("log"), await house.save_keys("old")
    await house.erase("p2")
    new = await house.save_keys("new", day=1)

    other = await house.restored(old_file)
    async with connect(other) as db:
        done = await keyfile.restore(db, house.master, [new, old])
        again = await keyfile.restore(db, house.master, [old])

    assert (done.keys, done.refused) == (4, (("test.r1", "p2"),))
    assert (again.keys, again.refused, again.unreadable) == (0, (), 0)
    assert await house.names(other) == ALL | {"p2": "vault.erased"}


async def test_after_a_rotation_an_older_key_file_opens_nothing(house: House) -> None:
    old = await house.save_keys("old")
    async with connect(house.dsn) as db:
        await keys.rotate(db, house.master)
        with pytest.raises(KeyTrouble, match="saved after the last rotation"):
            await keyfile.restore(db, house.master, [await house.save_keys("new", day=1), old])


async def test_the_tombstones_of_a_newer_backup_count_too(house: House) -> None:
    old = await house.save_keys("old")
    await house.erase("p2")
    file = await house.back_up("log")

    other = await house.restored(file)
    async with connect(other) as db:
        done = await keyfile.restore(db, house.master, [old])

    assert (done.keys, done.refused) == (4, ())
    assert await house.names(other) == ALL | {"p2": "vault.erased"}


async def test_neither_file_shows_a_name_or_a_key(house: House) -> None:
    log, saved = (await house.back_up("log")).read_bytes(), (await house.save_keys("keys")).read_bytes()

    assert b"13800130001" not in log + saved and b'"N1"' not in log + saved
    assert house.master.keys()[0].key not in log + saved
    assert (house.folder / "keys").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "other"])
async def test_an_altered_key_file_is_refused_whole(house: House, damage: str) -> None:
    saved = await house.save_keys("keys")
    text = saved.read_bytes()
    altered = {
        "cut": text[: len(text) // 2],
        "bit": text.replace(b'"p1"', b'"p9"', 1),
        "empty": b"",
        "other": b"PGDMP and more\n",
    }
    saved.write_bytes(altered[damage])

    async with connect(house.dsn) as db:
        with pytest.raises(KeyTrouble, match="altered"):
            await keyfile.restore(db, house.master, [saved])

    assert await house.names() == ALL


async def test_a_start_with_the_wrong_master_key_says_which_is_missing(house: House, tmp_path: Path) -> None:
    other = Master(tmp_path / "other.key")
    other.make()

    async with connect(house.dsn) as db:
        with pytest.raises(KeyTrouble, match=house.master.keys()[0].id.hex()):
            await keys.ready(db, other)
        with pytest.raises(KeyTrouble, match="cannot be read"):
            await keys.ready(db, Master(tmp_path / "gone.key"))

# SPDX-License-Identifier: Apache-2.0
"""What the command line says of persons and keys, and that the vault's facts reach the log."""

import asyncio
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from fourleaf.app import backups, safekeeping
from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import log
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.pool import connect
from fourleaf.postgres.server import Server
from fourleaf.vault.facts import Erased, Read
from fourleaf.vault.master import KeyTrouble, Master
from fourleaf.vault.persons import Vault
from tests.vault.conftest import AT, china, make_run, new_database

pytestmark = [pytest.mark.postgres, pytest.mark.process]
RUN = "test.r1"


async def now() -> datetime:
    return AT


class Desk:
    """A database with two persons, and a console one can read."""

    def __init__(self, server: Server, folder: Path, name: str) -> None:
        master = Master(folder / "vault.key")
        dsn = asyncio.run(new_database(server.dsn, name, master))
        self.settings = Settings(database_url=dsn, data=server.data, vault_key=master.path)
        self.said = StringIO()
        self.speech = Speech("en", Console(file=self.said, width=300))
        self.vault = Vault(RUN, master, safekeeping.recorder(Journal(RUN, rooms().kinds, ()), now), china)
        self.dsn = dsn

    async def fill(self) -> None:
        async with connect(self.dsn) as db:
            await make_run(db, RUN)
        async with connect(self.dsn, RUN) as db:
            await self.vault.put(db, {"p1": {"name": "Ann", "phone": "13800138000"}, "p2": {"name": "Bo"}})

    async def names(self, dsn: str = "") -> list[object]:
        async with connect(dsn or self.dsn, RUN) as db:
            given = [await self.vault.get(db, [p], ["name"], actor="clerk", purpose="look") for p in ("p1", "p2")]
        return [found.code if isinstance(found, Refusal) else found for found in given]

    async def stream(self, name: str) -> list[object]:
        async with connect(self.dsn, RUN) as db:
            return [(fact.actor, fact.body) for fact in await log.stream(db, rooms().kinds, RUN, name)]


@pytest.fixture
def desk(server: Server, tmp_path: Path, run_name: str) -> Desk:
    made = Desk(server, tmp_path, run_name.replace("-", "_"))
    asyncio.run(made.fill())
    return made


def test_an_erasure_reports_what_went_and_stands_in_the_log(desk: Desk) -> None:
    codes = [safekeeping.erase(desk.settings, RUN, "p1", "asked", desk.speech) for _ in range(2)]

    said = desk.said.getvalue()
    assert codes == [0, 0]
    assert "Erased p1" in said and "fields: name, phone" in said and "indexes: phone" in said
    assert "p1 was erased before" in said
    assert asyncio.run(desk.stream("personal:p1")) == [
        (
            safekeeping.ACTOR,
            Erased(person="p1", reason="asked", fields=("name", "phone"), indexes=("phone",), files=()),
        )
    ]


def test_nobody_and_no_run_are_said_in_words(desk: Desk) -> None:
    codes = [
        safekeeping.erase(desk.settings, RUN, "nobody", "asked", desk.speech),
        safekeeping.erase(desk.settings, "no-run", "p1", "asked", desk.speech),
    ]

    assert codes == [1, 1]
    assert "Nothing is kept of nobody" in desk.said.getvalue() and "There is no run no-run" in desk.said.getvalue()


def test_every_read_is_a_fact_of_the_log(desk: Desk) -> None:
    asyncio.run(desk.names())

    async def reads() -> list[tuple[str, ...]]:
        async with connect(desk.dsn, RUN) as db:
            facts = await log.as_of(db, rooms().kinds, RUN, [Read.KIND], happened_by=AT, known_by=AT)
        return sorted(fact.body.persons for fact in facts if isinstance(fact.body, Read))

    assert asyncio.run(reads()) == [("p1",), ("p2",)]


def test_a_backup_and_its_keys_come_back_without_who_was_erased(
    desk: Desk, server: Server, tmp_path: Path, run_name: str
) -> None:
    file, old, new = tmp_path / "b", tmp_path / "old", tmp_path / "new"
    assert backups.write(desk.settings, file, old, desk.speech) == 0
    safekeeping.erase(desk.settings, RUN, "p1", "asked", desk.speech)
    assert safekeeping.rotate(desk.settings, desk.speech) == 0
    assert backups.write(desk.settings, tmp_path / "b2", new, desk.speech) == 0

    other = asyncio.run(new_database(server.dsn, run_name.replace("-", "_") + "_b", Master(desk.settings.vault_file)))
    there = Settings(database_url=other, data=server.data, vault_key=desk.settings.vault_key)
    code = backups.restore(there, file, [new], desk.speech)

    said = desk.said.getvalue()
    assert code == 0, said
    assert "The keys of 1 persons are back" in said and "p1 of test.r1 was erased after the backup" in said
    assert asyncio.run(desk.names(other)) == ["vault.erased", {"p2": {"name": "Bo"}}]


def test_a_backup_to_a_missing_folder_says_which(desk: Desk, tmp_path: Path) -> None:
    code = backups.write(desk.settings, tmp_path / "no" / "b", tmp_path / "nor" / "keys", desk.speech)

    assert code == 1
    assert f"There is no folder {tmp_path / 'no'}, {tmp_path / 'nor'}. Make it first" in desk.said.getvalue()


def test_a_restore_without_keys_says_how_to_bring_them(
    desk: Desk, server: Server, tmp_path: Path, run_name: str
) -> None:
    file, kept = tmp_path / "b", tmp_path / "keys"
    backups.write(desk.settings, file, kept, desk.speech)
    other = asyncio.run(new_database(server.dsn, run_name.replace("-", "_") + "_b", Master(desk.settings.vault_file)))
    there = Settings(database_url=other, data=server.data, vault_key=desk.settings.vault_key)

    codes = backups.restore(there, file, [], desk.speech), backups.restore(there, tmp_path / "x", [], desk.speech)
    before = asyncio.run(desk.names(other))
    safekeeping.restore_keys(there, [kept], desk.speech)

    assert codes == (0, 1)
    assert "2 persons have no key and cannot be read: fourleaf vault restore-keys" in desk.said.getvalue()
    assert before == ["vault.key-away", "vault.key-away"]
    assert asyncio.run(desk.names(other)) == [{"p1": {"name": "Ann"}}, {"p2": {"name": "Bo"}}]


def test_a_restore_with_keys_of_another_master_key_restores_nothing(
    desk: Desk, server: Server, tmp_path: Path, run_name: str
) -> None:
    """The log came back and the keys did not, and a second try was refused because the log was there."""
    file, kept, other_key = tmp_path / "b", tmp_path / "keys", tmp_path / "other.key"
    backups.write(desk.settings, file, kept, desk.speech)
    Master(other_key).make()
    empty = asyncio.run(new_database(server.dsn, run_name.replace("-", "_") + "_b", Master(desk.settings.vault_file)))
    wrong = Settings(database_url=empty, data=server.data, vault_key=other_key)
    right = Settings(database_url=empty, data=server.data, vault_key=desk.settings.vault_key)

    with pytest.raises(KeyTrouble, match="belongs to the master key"):
        backups.restore(wrong, file, [kept], desk.speech)

    assert backups.restore(right, file, [kept], desk.speech) == 0, desk.said.getvalue()


def test_settings_name_another_place_for_the_master_key(tmp_path: Path) -> None:
    beside = Settings.read({"FOURLEAF_DATA": str(tmp_path)})
    apart = Settings.read({"FOURLEAF_DATA": str(tmp_path), "FOURLEAF_VAULT_KEY": str(tmp_path / "usb" / "k")})

    assert (beside.vault_file, apart.vault_file) == (tmp_path / "vault.key", tmp_path / "usb" / "k")
    assert apart.environment()["FOURLEAF_VAULT_KEY"] == str(tmp_path / "usb" / "k")

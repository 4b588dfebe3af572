# SPDX-License-Identifier: Apache-2.0
"""Safekeeping: gives the vault its run, its time and its log; and its commands."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.blobs.folder import Folder
from fourleaf.blobs.keep import Blobs
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import runs, venues
from fourleaf.postgres.append import Append
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Connection, connect
from fourleaf.vault import keyfile, keys
from fourleaf.vault.facts import Erased
from fourleaf.vault.master import Master
from fourleaf.vault.persons import Erasure, Record, Vault

ACTOR = "command-line"
# The folder of all files, in the data folder.
FILES = "blobs"
Now = Callable[[], Awaitable[datetime]]
_T = TypeVar("_T")


def recorder(journal: Journal, now: Now) -> Record:
    """How the vault's facts reach the log: each read is a stream of its own, so that readers do not wait for each other."""

    async def record(connection: Connection, actor: str, body: Body) -> None:
        at = await now()
        stream = f"personal:{body.person}" if isinstance(body, Erased) else f"read:{uuid4().hex}"
        fact = Fact(run=journal.run, stream=stream, version=1, body=body, occurred_at=at, recorded_at=at, actor=actor)
        await journal.append(connection, Append(facts=[fact]))

    return record


async def calling_code(connection: Connection) -> str:
    """As the pack of the run says it."""
    said = await venues.declared(connection, "edition", "edition") or {}
    return str(said.get("calling_code", ""))


class Safe:
    """Where one process keeps what is not for everybody: the master key, and the folder of files."""

    def __init__(self, settings: Settings) -> None:
        self._master, self._files = Master(settings.vault_file), settings.data / FILES

    def vault(self, site: Site) -> Vault:
        """The vault of a run, as a handler gets it."""
        return Vault(site.run.run, self._master, recorder(site.journal, site.now), calling_code)

    def blobs(self, site: Site) -> Blobs:
        """The files of a run, as a handler gets them."""
        return self._blobs(self.vault(site))

    def vault_of(self, run: str, now: Now) -> Vault:
        """The vault of a run, as the command line gets it."""
        return Vault(run, self._master, recorder(Journal(run, rooms().kinds, rooms().inline), now), calling_code)

    def blobs_of(self, run: str, now: Now) -> Blobs:
        """The files of a run, as the command line gets them."""
        return self._blobs(self.vault_of(run, now))

    def _blobs(self, vault: Vault) -> Blobs:
        return Blobs(vault.run, Folder(self._files, vault.run), vault, lambda: uuid4().hex)


def now_of(connection: Connection, run: str) -> Now:
    """The time of the run as its worker last told; a live run's time is the real time."""

    async def now() -> datetime:
        found = await runs.clock(connection, run)
        wall = datetime.now(UTC)
        return found[0].at(wall) if found and found[0].ends_at else wall

    return now


def erase(settings: Settings, run: str, person: str, reason: str, speech: Speech) -> int:
    """Erase a person and say what went."""
    found = asyncio.run(_erase(settings, run, person, reason))
    if found is None:
        speech.fail(f"没有场次 {run}", f"There is no run {run}")
        return 1
    if isinstance(found, Refusal):
        speech.fail(f"{run} 中没有 {person} 的个人信息", f"Nothing is kept of {person} in {run}")
        return 1
    at = f"{found.erased_at:%Y-%m-%d %H:%M} UTC"
    if found.already:
        speech.say(f"{person} 已于 {at} 删除", f"{person} was erased before, on {at}")
        return 0
    speech.say(f"已于 {at} 删除 {person}", f"Erased {person} on {at}")
    for zh, en, gone in (
        ("项目", "fields", found.fields),
        ("检索标记", "indexes", found.indexes),
        ("文件", "files", found.files),
    ):
        speech.console.print(f"    {speech.pick(zh, en)}: {', '.join(gone) or '–'}")
    return 0


async def _erase(settings: Settings, run: str, person: str, reason: str) -> Erasure | Refusal | None:
    async with _database(settings) as shared:
        if await runs.one(shared, run) is None:
            return None

    async with connect(_dsn(settings), run) as connection:
        safe, now = Safe(settings), now_of(connection, run)
        blobs = safe.blobs_of(run, now)
        erasure = await safe.vault_of(run, now).erase(
            connection, person, actor=ACTOR, reason=reason, forget=[blobs.forget]
        )
        if isinstance(erasure, Erasure):
            blobs.remove(erasure.files)
        await connection.execute("select pg_notify('fourleaf_log', %s)", [run])
    return erasure


def rotate(settings: Settings, speech: Speech) -> int:
    """Make a new master key and wrap everything anew."""
    with speech.console.status(speech.pick("正在轮换主密钥…", "Rotating the master key…")):
        count = _run(settings, lambda connection, master: keys.rotate(connection, master))
    speech.say(
        f"已换新主密钥，重新封装 {count:,} 个密钥。请重新备份密钥和 {settings.vault_file}",
        f"There is a new master key; {count:,} keys were wrapped anew. Save the keys and {settings.vault_file} again",
    )
    return 0


def restore_keys(settings: Settings, files: list[Path], speech: Speech) -> int:
    """Bring keys back, and say who stays unreadable."""
    with speech.console.status(speech.pick("正在恢复密钥…", "Bringing the keys back…")):
        done = _run(settings, lambda connection, master: keyfile.restore(connection, master, files))
    say_restored(done, speech)
    return 0


def say_restored(done: keyfile.Restored, speech: Speech) -> None:
    speech.say(f"已恢复 {done.keys:,} 人的密钥", f"The keys of {done.keys:,} persons are back")
    for run, person in done.refused:
        speech.say(
            f"{run} 的 {person} 在备份之后已删除，现已再次删除",
            f"{person} of {run} was erased after the backup, and is erased again",
        )
    if done.unreadable:
        speech.warn(
            f"{done.unreadable:,} 人的信息没有密钥，暂不可读：fourleaf vault restore-keys",
            f"{done.unreadable:,} persons have no key and cannot be read: fourleaf vault restore-keys",
        )


def give_up(settings: Settings, speech: Speech) -> int:
    """Erase whoever has no key, so that new persons can be kept."""
    gone = _run(settings, lambda connection, master: keys.give_up(connection, master))
    speech.say(f"已删除 {gone:,} 名无密钥的人员", f"Erased {gone:,} persons who had no key")
    return 0


def _run(settings: Settings, work: Callable[[Connection, Master], Coroutine[Any, Any, _T]]) -> _T:
    async def working() -> _T:
        async with _database(settings) as connection:
            return await work(connection, Master(settings.vault_file))

    return asyncio.run(working())


@asynccontextmanager
async def _database(settings: Settings) -> Any:
    async with connect(_dsn(settings)) as connection:
        await migrate(connection)
        yield connection


def _dsn(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url

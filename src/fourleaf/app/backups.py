# SPDX-License-Identifier: Apache-2.0
"""Backups on the command line: the database to one file, files to one beside it, the keys of persons to another."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fourleaf.app import safekeeping
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.blobs import archive
from fourleaf.postgres import backup
from fourleaf.postgres.backup import BackupFailed
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import connect
from fourleaf.vault import keyfile
from fourleaf.vault.master import Master


def write(settings: Settings, file: Path, keys: Path | None, speech: Speech) -> int:
    assert settings.database_url is not None
    if missing := [folder for folder in {path.parent for path in (file, keys) if path} if not folder.is_dir()]:
        names = ", ".join(sorted(map(str, missing)))
        speech.fail(f"没有目录 {names}，请先建立", f"There is no folder {names}. Make it first")
        return 1
    with speech.console.status(speech.pick("正在备份…", "Backing up…")):
        try:
            size = asyncio.run(backup.write(settings.database_url, file, settings.data / "programs"))
        except FileExistsError:
            speech.fail(f"{file} 已存在，请换一个文件名", f"{file} exists. Give another name")
            return 1
        except BackupFailed as failed:
            speech.fail(failed.zh, failed.en)
            return 1
    speech.say(f"已备份到 {file}（{size:,} 字节）", f"Backed up to {file} ({size:,} bytes)")
    _write_files(settings, _beside(file), speech)
    if keys:
        count = asyncio.run(_save_keys(settings, keys))
        speech.say(
            f"{count:,} 人的密钥已保存到 {keys}。请与备份分开存放，并销毁旧的密钥文件",
            f"The keys of {count:,} persons are in {keys}. Keep it apart from the backup, and destroy older ones",
        )
    return 0


def _beside(file: Path) -> Path:
    """The archive of files stands beside the backup of the database."""
    return file.with_name(f"{file.name}.files.tar")


def _write_files(settings: Settings, file: Path, speech: Speech) -> None:
    with speech.console.status(speech.pick("正在备份文件…", "Backing up files…")):
        count = archive.write(settings.data / safekeeping.FILES, file)
    if count:
        speech.say(f"{count:,} 个文件已备份到 {file}", f"Backed up {count:,} files to {file}")
    else:
        file.unlink()


async def _save_keys(settings: Settings, file: Path) -> int:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await migrate(connection)
        return await keyfile.save(connection, Master(settings.vault_file), file, written_at=datetime.now(UTC))


def restore(settings: Settings, file: Path, keys: Sequence[Path], speech: Speech) -> int:
    assert settings.database_url is not None
    if missing := [str(path) for path in (file, *keys) if not path.is_file()]:
        speech.fail(f"没有文件 {', '.join(missing)}", f"There is no file {', '.join(missing)}")
        return 1
    keyfile.check(Master(settings.vault_file), keys)
    with speech.console.status(speech.pick("正在恢复…", "Restoring…")):
        try:
            epoch = asyncio.run(backup.restore(settings.database_url, file, settings.data / "programs"))
        except BackupFailed as failed:
            speech.fail(failed.zh, failed.en)
            return 1
    speech.say(f"已恢复，进入第 {epoch} 纪元", f"Restored; this is epoch {epoch} now")
    if _beside(file).is_file():
        count = archive.read(_beside(file), settings.data / safekeeping.FILES)
        speech.say(f"已恢复 {count:,} 个文件", f"Restored {count:,} files")
    return safekeeping.restore_keys(settings, list(keys), speech)

# SPDX-License-Identifier: Apache-2.0
"""Backups on the command line."""

import asyncio
from pathlib import Path

from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.postgres import backup
from fourleaf.postgres.backup import BackupFailed


def write(settings: Settings, file: Path, speech: Speech) -> int:
    assert settings.database_url is not None
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
    return 0


def restore(settings: Settings, file: Path, speech: Speech) -> int:
    assert settings.database_url is not None
    if not file.is_file():
        speech.fail(f"没有文件 {file}", f"There is no file {file}")
        return 1
    with speech.console.status(speech.pick("正在恢复…", "Restoring…")):
        try:
            epoch = asyncio.run(backup.restore(settings.database_url, file, settings.data / "programs"))
        except BackupFailed as failed:
            speech.fail(failed.zh, failed.en)
            return 1
    speech.say(f"已恢复，进入第 {epoch} 纪元", f"Restored; this is epoch {epoch} now")
    return 0

# SPDX-License-Identifier: Apache-2.0
"""Backup and restore with PostgreSQL's own tools; a restore opens a new epoch."""

import os
import subprocess
from pathlib import Path

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.programs import Programs, available

# The keys of persons: their tables are in a backup and their rows are not, so that an erasure survives a restore.
KEYS_SCHEMA = "fourleaf_keys"


class BackupFailed(Exception):
    """The tool's own words, or what stands in the way. Carries both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


async def write(dsn: str, file: Path, copies: Path) -> int:
    """Write everything of this database but the keys to a new file, as of one instant. Gives its bytes.

    Raises: BackupFailed; FileExistsError
    """
    if file.exists():
        raise FileExistsError(file)
    async with connect(dsn) as connection:
        tool = (await _programs(connection, copies)).bin / "pg_dump"
    draft = file.with_name(f".{file.name}.draft")
    try:
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-table-data={KEYS_SCHEMA}.*"]
        _run(dsn, [str(tool), *options, "--file", str(draft)])
        draft.chmod(0o600)
        _to_disk(draft)
        draft.rename(file)
        _to_disk(file.parent)
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def _to_disk(path: Path) -> None:
    """Come back when a file, or what a folder holds, will outlast a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


async def restore(dsn: str, file: Path, copies: Path) -> int:
    """Read a backup into a database that has no runs, all or nothing. Gives the new epoch.

    Positions of the old cluster count as committed from now on: its transaction numbers mean nothing here.
    Raises: BackupFailed
    """
    async with connect(dsn) as connection:
        await _make_empty(connection)
        tool = (await _programs(connection, copies)).bin / "pg_restore"
    _run(dsn, [str(tool), "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(file)])
    async with connect(dsn) as connection:
        cursor = await connection.execute("update fourleaf.cluster set epoch = epoch + 1 returning epoch")
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def _make_empty(connection: Connection) -> None:
    cursor = await connection.execute("select to_regclass('fourleaf.run') is not null")
    found = await cursor.fetchone()
    if found and found[0]:
        cursor = await connection.execute("select count(*) from fourleaf.run")
        count = await cursor.fetchone()
        if count and count[0]:
            raise BackupFailed(
                zh=f"数据库中已有 {count[0]} 个场次。请用新的数据目录（FOURLEAF_DATA）恢复。",
                en=f"The database holds {count[0]} runs. Restore into a new data folder (FOURLEAF_DATA).",
            )
    for schema in ("fourleaf", KEYS_SCHEMA):
        await connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))


async def _programs(connection: Connection, copies: Path) -> Programs:
    """Tools at least as new as the server."""
    major = connection.info.server_version // 10_000
    fitting = [programs for programs in available("auto", copies) if programs.major >= major]
    if not fitting:
        raise BackupFailed(
            zh=f"没有 PostgreSQL {major} 的 pg_dump。请安装：apt install postgresql-client-{major}",
            en=f"There is no pg_dump of PostgreSQL {major}. Install it: apt install postgresql-client-{major}",
        )
    return min(fitting, key=lambda programs: programs.major)


def _run(dsn: str, command: list[str]) -> None:
    """Run a tool against the database. The password goes by the environment, where other users cannot read it."""
    parts = conninfo_to_dict(dsn)
    secret = {"PGPASSWORD": str(parts.pop("password"))} if parts.get("password") else {}
    done = subprocess.run(
        [*command, "--dbname", make_conninfo("", **parts)], capture_output=True, text=True, env=os.environ | secret
    )
    if done.returncode:
        words = done.stderr.strip()[-600:]
        raise BackupFailed(zh=f"{Path(command[0]).name} 失败：{words}", en=f"{Path(command[0]).name} failed: {words}")

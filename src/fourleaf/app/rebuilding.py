# SPDX-License-Identifier: Apache-2.0
"""Rebuild on the command line, with a bar."""

import asyncio

import psycopg
from rich.progress import Progress

from fourleaf.app.rooms import folded
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.postgres import runs
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import connect
from fourleaf.postgres.rebuild import rebuild as rebuild_run


def rebuild(settings: Settings, run: str, speech: Speech) -> int:
    """Gives the exit code."""
    assert settings.database_url is not None
    total = asyncio.run(_facts(settings.database_url, run))
    if total is None:
        speech.fail(f"没有场次 {run}", f"There is no run {run}")
        return 1
    with Progress(console=speech.console, transient=True) as bar:
        task = bar.add_task(speech.pick(f"重建 {run}", f"Rebuilding {run}"), total=total)
        try:
            facts = asyncio.run(
                rebuild_run(
                    settings.database_url,
                    run,
                    folded,
                    progress=lambda done: bar.update(task, completed=done),
                )
            )
        except psycopg.errors.LockNotAvailable:
            speech.fail("有写入未结束，请稍后再试", "Somebody is still writing. Try again in a moment")
            return 1
    speech.say(f"已由 {facts:,} 条事实重建 {run}", f"Rebuilt {run} from {facts:,} facts")
    return 0


def renew(settings: Settings, speech: Speech) -> None:
    """Rebuild every run whose tables another release made."""
    assert settings.database_url is not None
    for run in asyncio.run(_outdated(settings.database_url)):
        speech.say(
            f"{run} 的表由其他版本建立，正在由日志重建…",
            f"Another release made the tables of {run}: rebuilding them from the log…",
        )
        try:
            facts = asyncio.run(rebuild_run(settings.database_url, run, folded))
        except psycopg.errors.LockNotAvailable:
            speech.warn(f"{run} 正被使用，未重建", f"{run} is in use and was not rebuilt")
        else:
            speech.say(f"已由 {facts:,} 条事实重建 {run}", f"Rebuilt {run} from {facts:,} facts")


async def _outdated(dsn: str) -> list[str]:
    async with connect(dsn) as connection:
        await migrate(connection)
        return await runs.outdated(connection, folded()[1].stamp)


async def _facts(dsn: str, run: str) -> int | None:
    """How many there are; None where there is no such run."""
    async with connect(dsn) as connection:
        if await runs.one(connection, run) is None:
            return None
        row = await (await connection.execute("select count(*) from fourleaf.log where run = %s", [run])).fetchone()
    return int(row[0]) if row else 0

# SPDX-License-Identifier: Apache-2.0
"""Rebuild on the command line, with a bar."""

import asyncio

import psycopg
from rich.progress import Progress

from fourleaf.app.rooms import folded
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.postgres.pool import connect
from fourleaf.postgres.rebuild import rebuild as rebuild_run


def rebuild(settings: Settings, run: str, speech: Speech) -> int:
    """Gives the exit code."""
    assert settings.database_url is not None
    with Progress(console=speech.console, transient=True) as bar:
        task = bar.add_task(
            speech.pick(f"重建 {run}", f"Rebuilding {run}"), total=asyncio.run(_facts(settings.database_url, run))
        )
        try:
            facts = asyncio.run(
                rebuild_run(
                    settings.database_url,
                    run,
                    folded,
                    progress=lambda done: bar.update(task, completed=done),
                )
            )
        except LookupError:
            speech.fail(f"没有场次 {run}", f"There is no run {run}")
            return 1
        except psycopg.errors.LockNotAvailable:
            speech.fail("有写入未结束，请稍后再试", "Somebody is still writing. Try again in a moment")
            return 1
    speech.say(f"已由 {facts:,} 条事实重建 {run}", f"Rebuilt {run} from {facts:,} facts")
    return 0


async def _facts(dsn: str, run: str) -> int:
    async with connect(dsn) as connection:
        row = await (await connection.execute("select count(*) from fourleaf.log where run = %s", [run])).fetchone()
    return int(row[0]) if row else 0

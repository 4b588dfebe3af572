# SPDX-License-Identifier: Apache-2.0
"""Runs on the command line: listed with their day totals, and dropped."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from psycopg import sql
from rich.table import Column, Table

from fourleaf.app import files
from fourleaf.app.safekeeping import FILES
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.engines.admission import store as admission
from fourleaf.engines.admission.state import Day
from fourleaf.postgres import runs
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import connect
from fourleaf.ui import MESSAGES
from fourleaf.ui.words import read

SEED = 3  # its column


def show(settings: Settings, speech: Speech) -> int:
    """Print every run and its totals side by side."""
    found = asyncio.run(_read(settings))
    if not found:
        speech.say("还没有场次。先执行 fourleaf up。", "There are no runs yet. Start with: fourleaf up")
        return 0
    speech.console.print(tabled(found, speech))
    return 0


def tabled(found: Iterable[tuple[runs.Run, Sequence[Day]]], speech: Speech) -> Table:
    """A run a row. A number or a date that is cut says nothing: only a seed, which may be long, breaks."""
    heads = speech.pick(
        "场次 状态 日期 种子 抽样 进场 离场 最高在场", "run state day seed sample entries exits peak"
    ).split()
    words = read("zh" if speech.lang == "zh" else "en", MESSAGES)
    columns = [Column(head, no_wrap=index != SEED, overflow="fold") for index, head in enumerate(heads)]
    table = Table(*columns, box=None, pad_edge=False)
    for run, days in found:
        totals = [
            sum(day.entries for day in days),
            sum(day.exits for day in days),
            max((day.peak_inside for day in days), default=0),
        ]
        share = f"{run.sample_ppm / 10_000:g} %"
        table.add_row(
            run.run,
            words(f"runs.{run.state}"),
            str(run.day or ""),
            str(run.seed or ""),
            share,
            *[f"{value:,}" for value in totals],
        )
    return table


async def _read(settings: Settings) -> list[tuple[runs.Run, list[Day]]]:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await migrate(connection)
        found = []
        for run in await runs.listed(connection):
            await connection.execute(sql.SQL("set search_path to {}, fourleaf").format(sql.Identifier(run.run)))
            found.append((run, await admission.days(connection)))
        return found


def drop(settings: Settings, run: str, speech: Speech) -> int:
    """Remove a rehearsal and all it made. A live run is never dropped."""
    kind = asyncio.run(_drop(settings, run))
    if kind is None:
        speech.fail(f"没有场次 {run}", f"There is no run {run}")
        return 1
    if kind == "live":
        speech.fail(f"{run} 是正式场次，不能删除", f"{run} is a live run and cannot be dropped")
        return 1
    for file in (settings.data / "rehearsals").glob(f"{run}.tokens.json*"):
        file.unlink()
    files.drop(settings.data / FILES, run)
    files.drop(Path(settings.outside.folder), run)
    speech.say(f"已删除演练 {run}", f"Dropped {run}")
    return 0


async def _drop(settings: Settings, run: str) -> str | None:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await migrate(connection)
        found = await runs.one(connection, run)
        if found and found.kind == "rehearsal":
            await runs.drop(connection, run)
        return found.kind if found else None

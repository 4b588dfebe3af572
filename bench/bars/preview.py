# SPDX-License-Identifier: Apache-2.0
"""A spreadsheet of a hundred thousand lines looked at before it is taken in, in a process of its own."""

import asyncio
import resource
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from openpyxl import Workbook, load_workbook

from bench.bars.register_page import KINDS, REGISTER
from bench.ground import Ground
from bench.result import Measured
from fourleaf.app.rooms import rooms
from fourleaf.engines.world import actions
from fourleaf.engines.world.actions import Outlook, Things
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Pools, connect
from fourleaf.standards.spreadsheets import open_workbook

FULL, BAR_S, BAR_MB = 100_000, 30.0, 500.0
HEAD = ("id", "name", "kind", "load", "since", "maker")


class Looked(NamedTuple):
    """told: how often it said how far it was."""

    lines: int
    seconds: float
    most_mb: float
    told: int


async def measure(ground: Ground) -> list[Measured]:
    lines, file = ground.size(FULL, 200), ground.folder / "table.xlsx"
    _write(file, lines)
    async with ground.run() as run:
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            found = await loop.run_in_executor(other, _look, ground.dsn, run, file)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            floor_s, floor_mb = await loop.run_in_executor(other, _cells, file)
    assert found.lines == lines
    assert found.told > lines // 10_000
    measured = partial(Measured, bench="preview", better="low", detail={"lines": lines, "told": found.told})
    return [
        measured(
            what=f"a spreadsheet of {lines:,} lines previewed",
            unit="s",
            value=found.seconds,
            floor=floor_s,
            floor_is="openpyxl reading the same cells, nothing else",
            bar=BAR_S,
            limited_by="one Python process parses the XML, reads each cell by its field, and asks for what stands there",
        ),
        measured(
            what="memory of that process at most",
            unit="MB",
            value=found.most_mb,
            floor=floor_mb,
            floor_is="a process that only read the same cells, with the same modules",
            bar=BAR_MB,
            limited_by="what each new line would write is held until it is confirmed",
        ),
    ]


def _write(file: Path, lines: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("lifts")
    sheet.append(HEAD)
    for number in range(lines):
        sheet.append(
            [
                f"P{number:06}",
                f"{number}号梯",
                KINDS[number % 3],
                number % 4900 + 100,
                "2019-05-12",
                f"第{number % 40}工厂",
            ]
        )
    book.save(file)


def _look(dsn: str, run: str, file: Path) -> Looked:
    return asyncio.run(_looking(dsn, run, file))


async def _looking(dsn: str, run: str, file: Path) -> Looked:
    pools, told, found = Pools(dsn), 0, None
    async with connect(dsn) as connection:
        made = await runs.one(connection, run)
    assert made is not None

    async def now() -> datetime:
        return datetime.now(UTC)

    site = Site(made, Journal(run, rooms().kinds, rooms().inline), await pools.of(run), now)
    book = Things(site, Principal(id="bench", labels=("office",)), REGISTER, "bench")
    data, began = file.read_bytes(), monotonic()
    async for step in actions.look(book, lambda: open_workbook(data)):
        told += isinstance(step, int)
        found = step
    seconds = monotonic() - began
    await pools.close()
    assert isinstance(found, Outlook), found
    return Looked(found.counts["new"], seconds, _most_mb(), told)


def _cells(file: Path) -> tuple[float, float]:
    """Gives seconds, and MB at most."""
    began = monotonic()
    book = load_workbook(BytesIO(file.read_bytes()), read_only=True)
    assert sum(len(row) for row in book.active.iter_rows(values_only=True)) > 0
    return monotonic() - began, _most_mb()


def _most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

# SPDX-License-Identifier: Apache-2.0
"""From `fourleaf up` on a prepared data folder to the first page of the wall."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic

from bench.ground import Ground
from bench.outside import PACK, up, wait_for
from bench.result import Measured, middle

BAR_S = 10.0


async def measure(ground: Ground) -> list[Measured]:
    return await asyncio.to_thread(_measure, ground)


def _measure(ground: Ground) -> list[Measured]:
    folder = ground.folder / "first-page"
    folder.mkdir(mode=0o711)
    first_s = _first_page(folder)
    took, floor = list[float](), list[float]()
    for _ in range(ground.rounds):
        floor.append(_bare_start())
        took.append(_first_page(folder))
    shutil.rmtree(folder, ignore_errors=True)
    return [
        Measured(
            bench="first_page",
            what="first page after `fourleaf up` on a prepared machine",
            unit="s",
            better="low",
            value=middle(took),
            floor=middle(floor),
            floor_is="a Python that imports the web server and ends",
            bar=BAR_S,
            limited_by="starting Python four times, and checking the pack again",
            rounds=tuple(took),
            detail={"first_start_ever_s": first_s},
        )
    ]


def _first_page(folder: Path) -> float:
    began = monotonic()
    with up(folder) as (url, started):
        wait_for(f"{url}/r/{PACK.name}/wall", started)
        return monotonic() - began


def _bare_start() -> float:
    began = monotonic()
    subprocess.run([sys.executable, "-c", "import fourleaf.app.web"], check=True)
    return monotonic() - began

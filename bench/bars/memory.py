# SPDX-License-Identifier: Apache-2.0
"""Memory of everything while it rehearses at sixty times the speed."""

import asyncio
import shutil
from time import monotonic, sleep
from typing import Any

import httpx

from bench.ground import Ground
from bench.outside import PACK, memory_mb, up, wait_for
from bench.result import Measured

BAR_MB = 1_500.0
SPEED = 60
LOOK_S = 2.0


async def measure(ground: Ground) -> list[Measured]:
    return await asyncio.to_thread(_measure, ground)


def _measure(ground: Ground) -> list[Measured]:
    """Look every two seconds: at full size until the rehearsed day is over, else for a share of it."""
    folder, seconds = ground.folder / "memory", max(2.0, 660 * ground.scale)
    folder.mkdir(mode=0o711)
    looks = list[dict[str, float]]()
    with up(folder, "--rehearse", "--speed", str(SPEED)) as (url, started):
        wait_for(f"{url}/r/{PACK.name}.r1/wall", started)
        until, told = monotonic() + seconds, _told(url)
        while monotonic() < until and told["state"] != "finished":
            sleep(min(LOOK_S, seconds / 4))
            looks.append(memory_mb(started.pid))
            told = _told(url)
    shutil.rmtree(folder, ignore_errors=True)
    most = max(looks, key=lambda look: sum(look.values()))
    return [
        Measured(
            bench="memory",
            what=f"memory of everything under rehearsal at {SPEED}x",
            unit="MB",
            better="low",
            value=sum(most.values()),
            bar=BAR_MB,
            projected=told["state"] != "finished",
            limited_by="PostgreSQL's shared buffers, and a Python for each part",
            detail={name: round(mb) for name, mb in most.items()}
            | {
                "looks": len(looks),
                "entries": told["totals"]["entries"],
                "speed_reached": told["speed_reached"],
                "state": told["state"],
                "now": told["now"],
            },
        )
    ]


def _told(url: str) -> dict[str, Any]:
    rows = httpx.get(f"{url}/runs.json", trust_env=False, timeout=30).json()
    return next(run for run in rows if run["run"].endswith(".r1"))

# SPDX-License-Identifier: Apache-2.0
"""The page of the wall. Everything that moves on it is fetched by the browser from the run's JSON and stream."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Response, get

from fourleaf.ui.pages import Page

ROOM = Path(__file__).parent


@get("/r/{run:str}/wall", include_in_schema=False)
async def wall(run: str, page: Page, run_info: Mapping[str, Any]) -> Response[str]:
    """Show the wall of one run.

    `run_info` holds run, kind, edition {zh, en}, sample, seed, speed, zone and days.
    """
    return page.html(ROOM, "wall.html", run=run, info=run_info)


HANDLERS = (wall,)

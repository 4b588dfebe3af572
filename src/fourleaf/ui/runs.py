# SPDX-License-Identifier: Apache-2.0
"""The page that lists the runs of this server, their day totals side by side."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response

from fourleaf.ui import format
from fourleaf.ui.pages import Page

ROOM = Path(__file__).parent
ZONE = "Asia/Shanghai"


def runs_page(page: Page, runs: Iterable[Mapping[str, Any]]) -> Response[str]:
    """Show the rows of `/runs.json`; `edition` may be {zh, en}, times are ISO text, `zone` is optional."""
    return page.html(ROOM, "runs.html", runs=[_row(page, one) for one in runs])


def _row(page: Page, run: Mapping[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(run.get("zone", ZONE))
    times = {name: _moment(run.get(name), page.lang, zone) for name in ("now", "started_at")}
    return {**run, **times}


def _moment(value: datetime | str | None, lang: format.Lang, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    return format.moment(datetime.fromisoformat(value) if isinstance(value, str) else value, lang, zone)

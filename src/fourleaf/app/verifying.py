# SPDX-License-Identifier: Apache-2.0
"""Verify on the command line: the log against its seals."""

import asyncio

from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.postgres import runs, seals
from fourleaf.postgres.pool import connect
from fourleaf.postgres.seals import Broken, Verified

_WORDS = {
    "altered": ("被改动", "was altered"),
    "missing": ("缺失", "is missing"),
    "seal-altered": ("封印被改动", "the seal was altered"),
}


def verify(settings: Settings, run: str, speech: Speech) -> int:
    """Gives the exit code: 0 only for a log that is as it was written."""
    with speech.console.status(speech.pick(f"正在校验 {run}…", f"Verifying {run}…")):
        found = asyncio.run(_verify(settings, run))
    if found is None:
        speech.fail(f"没有场次 {run}", f"There is no run {run}")
        return 1
    if found.broken:
        speech.fail(*_named(found.broken))
        return 1
    speech.say(
        f"{found.facts:,} 条事实无误，其中 {found.sealed:,} 条已封印；链头 {found.head}",
        f"{found.facts:,} facts are as written, {found.sealed:,} of them sealed; head {found.head}",
    )
    return 0


def _named(broken: Broken) -> tuple[str, str]:
    zh, en = _WORDS[broken.what]
    if broken.fact:
        return (
            f"{broken.fact} {zh}（在 {broken.after or '开头'} 之后）",
            f"{broken.fact} {en} (after {broken.after or 'the start'})",
        )
    return f"{broken.after} 之后：{zh}", f"After {broken.after}: {en}"


async def _verify(settings: Settings, run: str) -> Verified | None:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        if await runs.one(connection, run) is None:
            return None
    async with connect(settings.database_url, run) as connection:
        return await seals.verify(connection, run)

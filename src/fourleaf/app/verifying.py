# SPDX-License-Identifier: Apache-2.0
"""Verify on the command line: the log against its seals, and the seals against heads that were kept elsewhere."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from fourleaf.app import heads
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.postgres import runs, seals
from fourleaf.postgres.pool import connect
from fourleaf.postgres.runs import Run
from fourleaf.postgres.seals import Broken, Head, Verified

_WORDS = {
    "altered": ("被改动或移位", "was altered or moved"),
    "added": ("不应在此处", "does not belong where it stands"),
    "missing": ("缺失", "is missing"),
}


def verify(settings: Settings, run: str, speech: Speech, *, against: Path | None = None) -> int:
    """Gives the exit code: 0 only for a log that is as it was written. against: a file of heads."""
    found = asyncio.run(_run(settings, run))
    if found is None:
        return _no_run(run, speech)
    kept = _kept(found, against, speech) if against else ()
    if kept is None:
        return 1
    with speech.console.status(speech.pick(f"正在校验 {run}…", f"Verifying {run}…")):
        verified = asyncio.run(_verify(settings, run, kept))
    if verified.broken:
        speech.fail(*_named(verified.broken))
        return 1
    speech.say(
        f"{verified.facts:,} 条事实无误，其中 {verified.sealed:,} 条已封印；链头 {verified.head}",
        f"{verified.facts:,} facts are as written, {verified.sealed:,} of them sealed; head {verified.head}",
    )
    if kept:
        speech.say(
            f"与 {against} 所存的 {len(kept):,} 个链头一致，至封印 {kept[-1].no:,}（{kept[-1].facts:,} 条事实）",
            f"They agree with the {len(kept):,} heads in {against}, up to seal {kept[-1].no:,} ({kept[-1].facts:,} facts)",
        )
    return 0


def head(settings: Settings, run: str, speech: Speech) -> int:
    """Print the newest head as a line of such a file."""
    if asyncio.run(_run(settings, run)) is None:
        return _no_run(run, speech)
    found = asyncio.run(_heads(settings, run))
    if not found:
        speech.fail(f"{run} 尚无封印", f"Nothing of {run} is sealed yet")
        return 1
    print(heads.line(found[-1]).decode())
    return 0


def _kept(run: Run, file: Path, speech: Speech) -> Sequence[Head] | None:
    """The heads of this run in a file, or None when the file cannot speak for it."""
    found, torn = heads.read(file)
    named = [head for head in found if head.run == run.run]
    own = [head for head in named if head.made_at == seals.utc(run.created_at)]
    if torn:
        speech.warn(f"{file} 有 {torn} 行不是链头", f"{torn} lines of {file} are no heads")
    if not own:
        speech.fail(f"{file} 中没有 {run.run} 的链头", f"{file} holds no head of {run.run}")
        return None
    if len(own) < len(named):
        # A rehearsal may have been dropped and its name used again. A live run is never dropped.
        tell = speech.warn if run.kind == "rehearsal" else speech.fail
        tell(
            f"{file} 另有 {len(named) - len(own)} 个链头属于在别的时间建立的 {run.run}",
            f"{file} also holds {len(named) - len(own)} heads of a {run.run} that was made at another time",
        )
        return own if run.kind == "rehearsal" else None
    return own


def _no_run(run: str, speech: Speech) -> int:
    speech.fail(f"没有场次 {run}", f"There is no run {run}")
    return 1


def _named(broken: Broken) -> tuple[str, str]:
    """What is wrong, and where."""
    zh_at, en_at = (
        (f"在 {broken.after} 之后", f"after {broken.after}") if broken.after else ("在日志开头", "at the start")
    )
    if broken.what == "rewritten":
        return (
            f"封印 {broken.seal} 与所存的链头不符：此前的日志被改写或截断",
            f"Seal {broken.seal} does not have the head that was kept: the log before it was rewritten or cut off",
        )
    if broken.what in ("seal-altered", "seal-missing"):
        zh, en = _WORDS["missing"] if broken.what == "seal-missing" else ("被改动", "was altered")
        return f"封印 {broken.seal} {zh}（{zh_at}）", f"Seal {broken.seal} {en} ({en_at})"
    zh, en = _WORDS[broken.what]
    zh_seal, en_seal = (f"封印 {broken.seal}", f"seal {broken.seal}") if broken.seal else ("未封印", "not sealed yet")
    return (
        f"{broken.fact or '有一条事实'} {zh}（{zh_at}，{zh_seal}）",
        f"{broken.fact or 'A fact'} {en} ({en_at}, {en_seal})",
    )


async def _run(settings: Settings, run: str) -> Run | None:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        return await runs.one(connection, run)


async def _verify(settings: Settings, run: str, kept: Sequence[Head]) -> Verified:
    assert settings.database_url is not None
    async with connect(settings.database_url, run) as connection:
        return await seals.verify(connection, run, kept=kept)


async def _heads(settings: Settings, run: str) -> list[Head]:
    assert settings.database_url is not None
    async with connect(settings.database_url, run) as connection:
        return await seals.heads(connection, run)

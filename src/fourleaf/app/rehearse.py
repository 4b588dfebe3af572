# SPDX-License-Identifier: Apache-2.0
"""Rehearse: open a run with a clock of its own, and set the world outside to work on it."""

import asyncio
import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from psycopg import OperationalError

from fourleaf.app import load, packs
from fourleaf.app.address import Address
from fourleaf.app.progress import Progress
from fourleaf.app.rehearsed_feeds import taken, with_own_feeds
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.engines.sensing import rules, store
from fourleaf.kernel.clock import RunClock
from fourleaf.pack import Edition
from fourleaf.postgres import runs
from fourleaf.postgres.pool import connect
from fourleaf.postgres.processes import end_with_parent

# The rehearsed day begins half an hour before the gates do.
BEFORE_OPENING = timedelta(minutes=30)


class NoSuch(LookupError):
    """Carries both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A day to rehearse (None: the first). Unit: speed in edition seconds a second; sample as a share of 1."""

    day: date | None = None
    speed: float = 60
    seed: int = 7
    sample: float = 0.1


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal that stands ready: its run, and the command of the world outside."""

    run: str
    command: list[str]


# The speed a whole population is meant for; a tenth of it is meant for ten times as much.
KEPT_UP = 10


def begin(
    settings: Settings, folder: Path, wanted: Wanted, *, url: str, resume: str | None, speech: Speech
) -> Begun:  # fmt: skip
    """Open a new rehearsal, or go on: with the run that `resume` names, or with the newest one when it is empty.

    Raises: BadPack; NoSuch
    """
    if resume is None and wanted.sample * wanted.speed > KEPT_UP:
        speech.warn(
            f"抽样 {wanted.sample:.4g} 时约可跟上 {KEPT_UP / wanted.sample:.4g} 倍速；跟不上 {wanted.speed:g} 倍时时钟会自行放慢",
            f"A sample of {wanted.sample:.4g} keeps up to about {KEPT_UP / wanted.sample:.4g}x;"
            f" where it cannot follow {wanted.speed:g}x, its clock slows down by itself",
        )
    begun = open_run(settings, packs.checked(folder, settings.data), wanted, url=url, resume=resume)
    for place, feeds in taken(_feed_urls(_tokens(settings, begun.run))).items():
        names = ", ".join(sorted(feeds))
        speech.warn(
            f"{place} 已被占用，演练 {begun.run} 送不出 {names}。请结束占用它的演练或程序，再继续本次演练",
            f"{place} is taken: rehearsal {begun.run} cannot bring {names}. End what holds it, then go on with this one",
        )
    return msgspec.structs.replace(begun, command=[*begun.command, "--edition", str(folder.resolve())])


def open_run(settings: Settings, edition: Edition, wanted: Wanted, *, url: str, resume: str | None = None) -> Begun:
    """The same for an edition that is checked already."""
    return asyncio.run(_open(settings, edition, wanted, url, resume))


async def _open(settings: Settings, edition: Edition, wanted: Wanted, url: str, resume: str | None) -> Begun:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        existing = [
            run for run in await runs.listed(connection) if run.edition == edition.id and run.kind == "rehearsal"
        ]
        found = None if resume is None else _found(existing, resume)
        if found:
            if found.state == "paused":
                await runs.set_state(connection, found.run, "running")
            return _command(settings, found, url)
        for broken in existing:
            if broken.state == "loading":  # a load that was cut short
                await runs.drop(connection, broken.run)
        run = load.next_rehearsal(edition.id, [run.run for run in existing])
        clock, share = _clock(edition, wanted), round(wanted.sample * 1_000_000)
        await load.create(connection, edition, run, kind="rehearsal", clock=clock, seed=wanted.seed, sample_ppm=share)
        await load.make_tokens(connection, run, edition, _tokens(settings, run))
        own = with_own_feeds(edition)
        await load.load(settings.database_url, run, own.edition)
        codes = {kind: await _make_codes(settings.database_url, run, edition, kind) for kind in ("door", "lane")}
        secret = {"codes": codes["door"], "lane_codes": codes["lane"], "feed_keys": own.keys}
        _add(_tokens(settings, run), secret | {"feed_urls": own.urls})
        made = await runs.one(connection, run)
        assert made is not None
        return _command(settings, made, url)


def _found(existing: Sequence[runs.Run], resume: str) -> runs.Run | None:
    """The rehearsal to go on with; None when a new one is due. Raises: NoSuch, when one was named that is not there"""
    whole = [run for run in existing if run.state != "loading"]
    if not resume:
        return existing[0] if existing and existing[0] in whole else None
    for run in whole:
        if run.run == resume:
            return run
    names = ", ".join(run.run for run in whole) or "-"
    raise NoSuch(zh=f"没有演练 {resume}，现有：{names}", en=f"There is no rehearsal {resume}. There are: {names}")


def _clock(edition: Edition, wanted: Wanted) -> RunClock:
    day = wanted.day
    found = next((one for one in edition.days if one.date == day or (day is None and one.opens_at)), None)
    if found is None or found.opens_at is None or found.closes_at is None:
        days = ", ".join(str(one.date) for one in edition.days if one.opens_at)
        raise NoSuch(
            zh=f"{edition.id} 没有展示日 {day}，可选：{days}",
            en=f"{edition.id} has no show day {day}. Choose one of: {days}",
        )
    zone = ZoneInfo(edition.zone)
    opens = _at(found.date, found.opens_at, zone)
    return RunClock(
        edition_at=opens - BEFORE_OPENING,
        wall_at=datetime.now(UTC),
        speed=wanted.speed,
        ends_at=_at(found.date, found.closes_at, zone),
    )


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)


async def _make_codes(dsn: str, run: str, edition: Edition, kind: str) -> dict[str, str]:
    """Let the doors or lanes of a rehearsal enrol. Gives their one-time codes."""
    codes = {str(one["id"]): rules.devices.code_of(secrets.token_urlsafe(32)) for one in edition.venue.features(kind)}
    hashes = {f"{kind}:{name}": rules.devices.code_hash(code) for name, code in codes.items()}
    async with connect(dsn, run) as connection:
        await store.devices.put_codes(connection, hashes, rules.devices.CODE_VALID_S)
    return codes


def _add(file: Path, secret: Mapping[str, Mapping[str, str]]) -> None:
    """To the plain copy of a rehearsal's tokens, which only its owner may read."""
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | dict(secret)), "utf-8")


def _feed_urls(tokens: Path) -> dict[str, str]:
    """Shape: feed -> where the rehearsal answers."""
    found: dict[str, str] = json.loads(tokens.read_text("utf-8")).get("feed_urls", {}) if tokens.exists() else {}
    return found


def _tokens(settings: Settings, run: str) -> Path:
    folder = settings.data / "rehearsals"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{run}.tokens.json"


def _command(settings: Settings, run: runs.Run, url: str) -> Begun:
    day = run.day.isoformat() if run.day else ""
    options = ["--url", url, "--run", run.run, "--tokens", str(_tokens(settings, run.run)), "--day", day]
    options += ["--feeds", str(Path(settings.outside.folder))]
    options += ["--seed", str(run.seed), "--sample", str(run.sample_ppm / 1_000_000)]
    return Begun(run=run.run, command=[sys.executable, "-m", "rehearsal", *options])


def act(settings: Settings, begun: Begun, here: Address, speech: Speech) -> int:
    """Run the world outside until the run is over, or Fourleaf is gone, with a progress bar. Gives its exit code."""
    place = msgspec.structs.replace(here, run=begun.run)
    speech.say(
        f"演练 {begun.run}：{here.url}/r/{begun.run}/wall", f"Rehearsal {begun.run}: {here.url}/r/{begun.run}/wall"
    )
    with (
        Progress(speech, place) as progress,
        subprocess.Popen(
            begun.command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent(signal.SIGTERM),
        ) as process,
    ):
        while True:
            try:
                return process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                progress.look()
                if not here.stands:
                    process.terminate()
                    _left(begun.run, speech)
                    return 1
            except KeyboardInterrupt:
                process.terminate()
                asyncio.run(_pause(settings, begun.run))
                _stopped(begun.run, speech)


async def _pause(settings: Settings, run: str) -> None:
    """Its time stands still until somebody goes on with it. Where no database answers, there is nothing to stop."""
    assert settings.database_url is not None
    with suppress(OperationalError):
        async with connect(settings.database_url) as connection:
            found = await runs.one(connection, run)
            if found and found.state == "running":
                await runs.set_state(connection, run, "paused")


def _stopped(run: str, speech: Speech) -> None:
    speech.warn(f"演练 {run} 已停止。继续：{_go_on(run)}", f"Rehearsal {run} stopped. Go on with it: {_go_on(run)}")


def _left(run: str, speech: Speech) -> None:
    """The next start goes on with the newest rehearsal by itself: whoever went on here would speak for it as well."""
    speech.fail(
        f"四叶已退出，演练 {run} 停在原处。启动后继续：{_go_on(run)}",
        f"Fourleaf has ended, and rehearsal {run} stands still. When it runs again: {_go_on(run)}",
    )


def _go_on(run: str) -> str:
    return f"fourleaf rehearse --resume {run}"

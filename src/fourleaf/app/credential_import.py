# SPDX-License-Identifier: Apache-2.0
"""Credential import: an organization's table on the command line, with a bar, and the lines that were not taken in a file."""

import asyncio
import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fourleaf.app.problems import Sentences
from fourleaf.app.rooms import rooms
from fourleaf.app.safekeeping import ACTOR, Safe, now_of
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.engines.credentials.actions.importing import Done, Order, take_in
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Pools, connect
from fourleaf.standards.spreadsheets import Table, open_text, open_workbook

# How far it is: lines so far, and what became of them.
Step = Callable[[Done], None]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for. wrong: where lines that were not taken are written."""

    run: str
    file: Path
    organization: str
    type: str
    wrong: Path


def take(settings: Settings, wanted: Wanted, speech: Speech) -> int:
    """Import a table and say what became of it. Gives the exit code: 0 when every line was taken or stood there already."""
    try:
        data = wanted.file.read_bytes()
    except OSError as error:
        speech.fail(f"无法读取 {wanted.file}：{error.strerror}", f"{wanted.file} cannot be read: {error.strerror}")
        return 1
    book = data.startswith(b"PK")
    total = None if book else data.count(b"\n")
    opened = partial(open_workbook if book else open_text, data)
    with _bar(speech, total) as step, _told(wanted.wrong) as wrong:

        def both(done: Done) -> None:
            wrong(done)
            step(done)

        found = asyncio.run(_take(settings, wanted, sha256(data).hexdigest(), opened, both))
    return _said(found, wanted, speech)


async def _take(
    settings: Settings, wanted: Wanted, file: str, opened: Callable[[], Table], step: Step
) -> Done | Refusal | None:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await migrate(connection)
        run = await runs.one(connection, wanted.run)
        if run is None:
            return None
    pools = Pools(settings.database_url)
    try:
        async with connect(settings.database_url, run.run) as connection:
            journal = Journal(run.run, rooms().kinds, rooms().inline)
            site = Site(run, journal, await pools.of(run.run), now_of(connection, run.run))
            order = Order(actor=ACTOR, organization=wanted.organization, file=file, type=wanted.type)
            total = Done()
            async for done in take_in(site, Safe(settings).vault(site), order, opened):
                if isinstance(done, Refusal):
                    return done
                step(done)
                _add(total, done)
            await connection.execute("select pg_notify('fourleaf_log', %s)", [run.run])
            return total
    finally:
        await pools.close()


def _add(total: Done, done: Done) -> None:
    """Counts only: the lines themselves stand in the file."""
    total.lines += done.lines
    total.applied += done.applied
    total.merged += done.merged
    total.same += done.same


@contextmanager
def _bar(speech: Speech, total: int | None) -> Iterator[Step]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=speech.console, transient=True) as bar:
        task = bar.add_task(speech.pick("导入", "Importing"), total=total)
        yield lambda done: bar.update(task, advance=done.lines)


@contextmanager
def _told(file: Path) -> Iterator[Step]:
    """Writes what was refused, line by line; no file where nothing was."""
    sentences, count = Sentences(), 0
    part = file.with_name(f"{file.name}.part")
    with part.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["line", "code", "zh", "en"])

        def write(done: Done) -> None:
            nonlocal count
            for line, code, detail in done.refused:
                said = sentences.of(Refusal(code, detail))
                writer.writerow([line, code, said["zh"], said["en"]])
                count += 1

        try:
            yield write
        finally:
            out.flush()
            if count:
                part.replace(file)
            else:
                part.unlink()


def _said(found: Done | Refusal | None, wanted: Wanted, speech: Speech) -> int:
    if found is None:
        speech.fail(f"没有场次 {wanted.run}", f"There is no run {wanted.run}")
        return 1
    if isinstance(found, Refusal):
        said = Sentences().of(found)
        speech.fail(said["zh"], said["en"])
        return 1
    refused = found.lines - found.applied - found.same
    speech.say(
        f"{found.lines:,} 行：新申请 {found.applied:,}（其中已知持证人 {found.merged:,}），已有 {found.same:,}，未接收 {refused:,}",
        f"{found.lines:,} lines: {found.applied:,} applications ({found.merged:,} for holders known before),"
        f" {found.same:,} there already, {refused:,} not taken",
    )
    if refused:
        speech.warn(f"未接收的行见 {wanted.wrong}", f"The lines that were not taken stand in {wanted.wrong}")
    return 2 if refused else 0

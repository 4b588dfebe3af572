# SPDX-License-Identifier: Apache-2.0
"""Sweeping: only what nobody needs goes, and the log file says so."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.app.sweeping import sweep_once, sweep_rows
from fourleaf.blobs.store import Blob
from fourleaf.postgres import logins, sessions
from fourleaf.postgres.pool import Connection
from fourleaf.standards.spreadsheets import Sheet, write_workbook
from tests.engines.at_work import AtWork

pytestmark = pytest.mark.postgres


@pytest.fixture
def settings(dsn: str, tmp_path: Path) -> Settings:
    return Settings(database_url=dsn, data=tmp_path)


@pytest.fixture
async def site(settings: Settings, connection: Connection, run_name: str) -> AsyncIterator[AtWork]:
    async with AtWork(settings, connection, run_name) as opened:
        yield opened


async def _kept(site: AtWork, settings: Settings, number: int) -> Blob:
    async def chunks() -> AsyncIterator[bytes]:
        yield write_workbook(Sheet(name="a", head=["n"], rows=[[number]]))

    async with site.site.connection() as connection:
        found = await Safe(settings).blobs(site.site).keep(connection, chunks())
    assert isinstance(found, Blob), found
    return found


async def _age(site: AtWork, *some: Blob) -> None:
    async with site.site.connection() as connection:
        await connection.execute(
            "update fourleaf.blob set kept_at = kept_at - interval '25 hours' where run = %s and blob = any(%s)",
            [site.run, [one.blob for one in some]],
        )


async def _there(site: AtWork, settings: Settings) -> set[str]:
    return {file.name for file in (settings.data / "blobs" / site.run).glob("??/*")}


async def test_a_day_later_what_no_fact_names_is_gone_and_all_else_stays(
    site: AtWork, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    orphan, named, fresh = [await _kept(site, settings, number) for number in range(3)]
    await site.declare("edition", "edition", photo=named.name)
    await _age(site, orphan, named)

    with caplog.at_level(logging.INFO, "fourleaf.worker"):
        await sweep_once(settings)
        again = await sweep_once(settings)

    assert await _there(site, settings) == {named.blob, fresh.blob}
    assert again == 0
    told = [record for record in caplog.records if "no fact names" in record.getMessage()]
    assert [(vars(one)["run"], vars(one)["names"]) for one in told] == [(site.run, [orphan.blob])]


async def test_a_file_that_is_named_after_it_was_found_stays(site: AtWork, settings: Settings) -> None:
    late = await _kept(site, settings, 1)
    await _age(site, late)
    blobs = Safe(settings).blobs(site.site)
    async with site.site.connection() as connection:
        garbage = await blobs.garbage(connection)
        await site.declare("edition", "edition", photo=late.name)

        gone = await blobs.clear(connection, garbage)

    assert ([name for name, _ in garbage.unnamed], gone) == ([late.blob], 0)
    assert await _there(site, settings) == {late.blob}


# Before whatever other tests keep, so that nothing of theirs goes.
LONG_AGO = datetime(2020, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_sessions_that_were_over_a_day_ago_and_tries_that_are_forgotten_go(
    site: AtWork, settings: Settings, connection: Connection
) -> None:
    run, short = site.run.partition(".")[0], timedelta(minutes=1)
    await logins.add(connection, site.run, "account00001", run)
    ends = {
        "ended": LONG_AGO - DAY - short,
        "just": LONG_AGO - DAY + short,
        "open": LONG_AGO + DAY,
        "revoked": LONG_AGO,
    }
    for name, ends_at in ends.items():
        values = [f"{run}-{name}", site.run, "account00001", "card", "?", LONG_AGO - 2 * DAY, ends_at, None]
        await sessions.begin(connection, f"{run}-{name}", values)
    await sessions.revoke(connection, site.run, "account00001", LONG_AGO - DAY - 2 * short, only=f"{run}-revoked")
    keys = {name: logins.attempt_key(run, name) for name in ("old", "held", "fresh")}
    hour = logins.FORGOTTEN_AFTER
    for name, at, pause in (("old", hour + short, 0), ("held", hour + short, 120), ("fresh", hour - short, 0)):
        for _ in range(2):
            await logins.begin_try(connection, keys[name], LONG_AGO - at, [timedelta(minutes=pause)])

    gone = [await sweep_rows(settings, LONG_AGO) for _ in range(2)]

    left = await connection.execute("select id from fourleaf.session where run = %s", [site.run])
    kept = await connection.execute("select key from fourleaf.attempt where key = any(%s)", [list(keys.values())])
    assert gone == [(2, 1), (0, 0)]
    assert {row[0] for row in await left.fetchall()} == {f"{run}-just", f"{run}-open"}
    assert {row[0] for row in await kept.fetchall()} == {keys["held"], keys["fresh"]}
    await connection.execute("delete from fourleaf.attempt where key = any(%s)", [list(keys.values())])

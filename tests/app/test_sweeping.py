# SPDX-License-Identifier: Apache-2.0
"""Sweeping: only what nobody needs goes, and the log file says so."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.app.sweeping import sweep_once
from fourleaf.blobs.store import Blob
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

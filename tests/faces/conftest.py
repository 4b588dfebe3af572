# SPDX-License-Identifier: Apache-2.0
"""What tests of faces share: all engines at work in a run of one's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourleaf.app.settings import Settings
from fourleaf.postgres.pool import Connection
from tests.engines.at_work import AtWork


@pytest.fixture
async def at_work(
    dsn: str, connection: Connection, run_name: str, tmp_path: Path, vault_key: Path
) -> AsyncIterator[AtWork]:
    settings = Settings(database_url=dsn, data=tmp_path, vault_key=vault_key)
    async with AtWork(settings, connection, run_name) as opened:
        yield opened

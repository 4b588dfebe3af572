# SPDX-License-Identifier: Apache-2.0
"""A fair of one's own for each test of sign-in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourleaf.app.settings import Settings
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import Fair


@pytest.fixture
async def fair(dsn: str, connection: Connection, run_name: str, tmp_path: Path) -> AsyncIterator[Fair]:
    settings = Settings(database_url=dsn, data=tmp_path, sign_in="required")
    async with Fair(settings, connection, run_name) as opened:
        yield opened

# SPDX-License-Identifier: Apache-2.0
"""What all tests share: one real PostgreSQL a session, and a run of one's own a test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.server import Server, start

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of this session's own; FOURLEAF_PG says which build."""
    folder = Path(tempfile.mkdtemp(prefix="fl-test-"))
    folder.chmod(0o711)
    running = start(folder / "data", flavor=os.environ.get("FOURLEAF_PG") or "auto")
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def dsn(server: Server) -> str:
    """Where the migrated database answers."""

    async def prepare() -> None:
        async with connect(server.dsn) as connection:
            await migrate(connection)

    asyncio.run(prepare())
    return server.dsn


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    async with connect(dsn) as opened:
        yield opened


@pytest.fixture
def run_name() -> str:
    """A run id no other test of this process uses."""
    return f"t{os.getpid()}-{next(_NUMBERS)}"

# SPDX-License-Identifier: Apache-2.0
"""Erases one person after the other until it is killed: python -m tests.vault.eraser DSN RUN KEYFILE."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fourleaf.app.rooms import rooms
from fourleaf.app.safekeeping import calling_code, recorder
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.pool import Connection, connect
from fourleaf.vault.master import Master
from fourleaf.vault.persons import Vault
from tests.vault.conftest import AT


async def linger(connection: Connection, person: str) -> Sequence[str]:
    """Widens the gap in the middle of an erasure."""
    await connection.execute("select pg_sleep(0.01)")
    return [f"file-of-{person}"]


async def main(dsn: str, run: str, key: str) -> None:
    async def now() -> datetime:
        return AT

    async with connect(dsn, run) as connection:
        vault = Vault(run, Master(Path(key)), recorder(Journal(run, rooms().kinds, ()), now), calling_code)
        print("ready", flush=True)
        for number in range(100):
            await vault.erase(connection, f"p{number}", actor="test", reason="asked", forget=[linger])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

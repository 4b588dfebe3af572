# SPDX-License-Identifier: Apache-2.0
"""A run with a vault: every read it records is kept in a list."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fourleaf.kernel.fact import Body
from fourleaf.postgres import runs
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.server import Server
from fourleaf.vault import keys
from fourleaf.vault.master import Master
from fourleaf.vault.persons import Vault
from tests.conftest import prepare

# Tests of files have these fixtures too, and so a database of their own.
_NUMBERS = count(1)
AT = datetime(2024, 11, 5, 1, 0, tzinfo=UTC)


async def china(connection: Connection) -> str:
    """The calling code of the editions that are there."""
    return "86"


class Book:
    """Where facts go in a test."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, Body]] = []

    async def record(self, connection: Connection, actor: str, body: Body) -> None:
        self.facts.append((actor, body))


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fl-vault-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def vault_dsn(server: Server, master: Master) -> str:
    """A database of the vault's own tests: one master key is the database's, not the run's."""
    return asyncio.run(new_database(server.dsn, f"vault_{next(_NUMBERS)}", master))


@pytest.fixture(scope="session")
def master(folder: Path) -> Master:
    return Master(folder / "vault.key")


async def new_database(dsn: str, name: str, master: Master) -> str:
    own = make_conninfo(dsn, dbname=name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    await prepare(own)
    async with connect(own) as opened:
        await keys.ready(opened, master)
    return own


@pytest.fixture
async def db(vault_dsn: str) -> AsyncIterator[Connection]:
    async with connect(vault_dsn) as opened:
        yield opened


@pytest.fixture
async def run(db: Connection, run_name: str) -> str:
    return await make_run(db, run_name)


async def make_run(db: Connection, name: str) -> str:
    made = runs.Run(
        run=name,
        edition="test",
        kind="rehearsal",
        state="running",
        seed=1,
        sample_ppm=1_000_000,
        day=AT.date(),
        zone="Asia/Shanghai",
        created_at=AT,
    )
    await runs.create(db, made, cache_schema="")
    return name


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def vault(run: str, master: Master, book: Book) -> Vault:
    return Vault(run, master, book.record, china)

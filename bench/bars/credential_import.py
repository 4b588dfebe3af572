# SPDX-License-Identifier: Apache-2.0
"""All visitors of an edition applied for by their delegations: 43 tables, 430,000 lines, in a process of its own."""

import asyncio
import resource
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from time import monotonic, process_time
from typing import Any, NamedTuple

from bench.ground import Ground
from bench.result import Measured
from fourleaf.app.rooms import rooms
from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.engines.credentials.actions.importing import Done, Order, take_in
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Connection, Pools, connect
from fourleaf.standards.spreadsheets import open_text
from fourleaf.vault import keys
from fourleaf.vault.master import Master

FULL, DELEGATIONS, BAR_S, BAR_MB = 430_000, 43, 300.0, 500.0
AT = datetime(2024, 10, 14, 1, tzinfo=UTC)
WORDS = {"zh": "甲", "en": "A"}
TYPE: dict[str, Any] = {
    "name": WORDS,
    "number": 3,
    "zones": ["venue"],
    "dates": ["2024-11-05"],
    "opens": "08:30",
    "closes": "17:30",
    "carriers": ["badge"],
    "quota": 15_000,
    "stage": [{"key": "decision", "name": WORDS, "kind": "decision", "minutes": 540}],
}


class Taken(NamedTuple):
    lines: int
    seconds: float
    most_mb: float
    longest_s: float
    cpu_s: float


async def measure(ground: Ground) -> list[Measured]:
    lines = ground.size(FULL, DELEGATIONS * 5) // DELEGATIONS * DELEGATIONS
    master = ground.folder / "vault.key"
    async with connect(ground.dsn) as connection:
        await keys.ready(connection, Master(master))
    async with ground.run() as run:
        await _declare(ground.dsn, run)
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            found = await loop.run_in_executor(other, _take, ground.dsn, run, ground.folder, lines)
        async with connect(ground.dsn, run) as connection:
            floor_s = await _floor(connection)
    assert found.lines == lines
    detail = {"lines": lines, "longest_commit_s": round(found.longest_s, 3), "cpu_s": round(found.cpu_s, 1)}
    measured = partial(Measured, bench="credential_import", better="low", detail=detail)
    return [
        measured(
            what=f"{FULL:,} applications imported by {DELEGATIONS} delegations",
            unit="s",
            value=found.seconds * FULL / lines,
            floor=floor_s * FULL / lines,
            projected=lines < FULL,
            floor_is="the same rows copied inside the database, one statement a table",
            bar=BAR_S,
            limited_by="one Python process encrypts and marks each person, while PostgreSQL keeps indexes of eight rows a line",
        ),
        measured(
            what="memory of that process at most",
            unit="MB",
            value=found.most_mb,
            floor=_bare_mb(),
            floor_is="this process, with the same modules",
            bar=BAR_MB,
            limited_by="one table is held at a time, and 400 lines of it as applications",
        ),
    ]


async def _declare(dsn: str, run: str) -> None:
    organizations = [{"id": f"td-{number}", "name": WORDS} for number in range(DELEGATIONS)]
    pools = Pools(dsn)
    site = await _site(pools, dsn, run)
    for kind, key, value in (
        ("credential_type", "visitor", TYPE),
        ("organization", "delegations", {"name": WORDS, "types": ["visitor"], "organization": organizations}),
    ):
        body = Declared(kind=kind, key=key, value=value)
        await site.record("pack", DECLARATIONS, f"{kind}/{key}", Declaration(), body)
    await pools.close()


async def _site(pools: Pools, dsn: str, run: str) -> Site:
    async with connect(dsn) as connection:
        made = await runs.one(connection, run)
    assert made is not None

    async def now() -> datetime:
        return AT

    return Site(made, Journal(run, rooms().kinds, rooms().inline), await pools.of(run), now)


def _take(dsn: str, run: str, folder: Path, lines: int) -> Taken:
    return asyncio.run(_taking(dsn, run, folder, lines))


async def _taking(dsn: str, run: str, folder: Path, lines: int) -> Taken:
    pools = Pools(dsn)
    site = await _site(pools, dsn, run)
    vault = Safe(Settings(database_url=dsn, data=folder, vault_key=folder / "vault.key")).vault(site)
    taken, longest, began = 0, 0.0, monotonic()
    for number in range(DELEGATIONS):
        data = _table(number, lines // DELEGATIONS)
        order = Order(actor="bench", organization=f"td-{number}", file=sha256(data).hexdigest(), type="visitor")
        last = monotonic()
        async for done in take_in(site, vault, order, partial(open_text, data)):
            assert isinstance(done, Done) and not done.refused, done
            taken, longest, last = taken + done.applied, max(longest, monotonic() - last), monotonic()
    seconds = monotonic() - began
    await pools.close()
    return Taken(taken, seconds, _bare_mb(), longest, process_time())


def _table(number: int, lines: int) -> bytes:
    rows = [f"观众{line},E{number:02}{line:07},1390{number:02}{line:05}" for line in range(lines)]
    return "\n".join(["姓名,证件号码,电话", *rows]).encode()


# What each line writes: a person, a key, values, marks, a fact, a row.
_TABLES = (
    "fourleaf.vault_person",
    "fourleaf_keys.person_key",
    "fourleaf.vault_value",
    "fourleaf_keys.blind_index",
    "fourleaf.log",
    "credentials_credential",
)


async def _floor(connection: Connection) -> float:
    run = (await (await connection.execute("select current_schema()")).fetchone() or [""])[0]
    began = monotonic()
    for number, table in enumerate(_TABLES):
        where = "" if table == "credentials_credential" else f" where run = '{run}'"
        await connection.execute(f"create table floor_{number} as select * from {table}{where}".encode())
    return monotonic() - began


def _bare_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

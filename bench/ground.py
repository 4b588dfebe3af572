# SPDX-License-Identifier: Apache-2.0
"""Ground: a PostgreSQL of the bench's own in a temporary folder, and a run of its own for each bench."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import msgspec

from bench import crowd
from fourleaf.app.rooms import rooms
from fourleaf.kernel.clock import RunClock
from fourleaf.kernel.fact import Fact, canonical_hash, columns
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.server import Server, start

_NUMBERS = count(1)
_COLUMNS = (
    "run, epoch, stream, version, kind, schema, occurred_at, recorded_at, actor, agency, cause, labels, body, hash"
)
# A bare table with the columns of the log, and one insert into it: the floor of every append.
MIRROR = "create table mirror (like fourleaf.log including defaults)"
INSERT = f"insert into mirror ({_COLUMNS}) values ({', '.join(['%s'] * 14)})"
# So many facts a transaction, when a log is filled straight by COPY.
_FILL = 50_000


class Ground:
    """Where a bench works. scale: 1.0 is full size."""

    def __init__(self, server: Server, folder: Path, scale: float) -> None:
        self.server, self.folder, self.scale, self.dsn = server, folder, scale, server.dsn

    @property
    def rounds(self) -> int:
        return 3 if self.scale >= 0.1 else 1

    def size(self, full: int, least: int = 1) -> int:
        """So much of a full size as the scale asks for."""
        return max(least, round(full * self.scale))

    @asynccontextmanager
    async def run(self) -> AsyncIterator[str]:
        """A run at the opening of the first day, with its lanes declared. Dropped at the end."""
        name, found = f"bench-{next(_NUMBERS)}", rooms()
        made = runs.Run(
            run=name,
            edition="bench",
            kind="rehearsal",
            state="running",
            seed=7,
            sample_ppm=1_000_000,
            day=crowd.OPENS.date(),
            zone="Asia/Shanghai",
            created_at=crowd.OPENS,
        )
        clock = RunClock(
            edition_at=crowd.OPENS, wall_at=datetime.now(UTC), speed=1.0, ends_at=crowd.OPENS + timedelta(days=7)
        )
        async with connect(self.dsn) as connection:
            schema = f"{found.schema}\n{found.kept_schema}"
            await runs.create(connection, made, cache_schema=schema, clock=clock)
            async with connect(self.dsn, name) as writing:
                await Journal(name, found.kinds, found.inline).append(writing, crowd.opening(name))
            yield name
            await runs.drop(connection, name)

    async def fill(self, run: str, facts: int) -> None:
        """Put a whole edition straight into the log, hashes and all. Its own rows are left to a rebuild."""
        stream = crowd.edition(run, facts)
        async with connect(self.dsn, run) as connection:
            while some := list(islice(stream, _FILL)):
                await copy_facts(connection, some)
            await connection.execute("vacuum analyze fourleaf.log")


async def copy_facts(connection: Connection, facts: list[Fact], table: str = "fourleaf.log") -> None:
    """COPY facts as the log keeps them."""
    rows = [log_row(fact) for fact in facts]
    async with connection.cursor() as cursor, cursor.copy(f"copy {table} ({_COLUMNS}) from stdin".encode()) as copy:
        for row in rows:
            await copy.write_row(row)


def log_row(fact: Fact) -> list[object]:
    """The values of one row of the log."""
    row = columns(fact)
    body = msgspec.json.encode(row["body"]).decode()
    rest = ("kind", "schema", "occurred_at", "recorded_at", "actor", "agency", "cause", "labels")
    return [fact.run, 1, fact.stream, fact.version, *[row[name] for name in rest], body, canonical_hash(row)]


@contextmanager
def opened(scale: float, flavor: str = "auto") -> Iterator[Ground]:
    """Start a server, migrate it, and take everything away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="fl-bench-"))
    folder.chmod(0o711)
    server = start(folder / "data", flavor=flavor)
    try:
        asyncio.run(_migrate(server.dsn))
        yield Ground(server, folder, scale)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _migrate(dsn: str) -> None:
    async with connect(dsn) as connection:
        await migrate(connection)

# SPDX-License-Identifier: Apache-2.0
"""Journal: one run's log as actions use it: append with inline followers, commands that retry, a bell for the tail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import msgspec
import psycopg
from psycopg_pool import AsyncConnectionPool

from fourleaf.kernel.fact import Kinds
from fourleaf.kernel.fold import Total
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import totals
from fourleaf.postgres.append import Answer, Append, Decide, Request, append, command
from fourleaf.postgres.pool import Connection
from fourleaf.postgres.runs import Run


class Bell:
    """Wakes the tails. Rung outside the appending transaction and at most every 20 ms: NOTIFY inside it
    would make all commits of the server queue for one lock."""

    PAUSE_S = 0.02

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool, self._runs, self._task = pool, set[str](), None

    _task: asyncio.Task[None] | None

    def ring(self, run: str) -> None:
        self._runs.add(run)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._sound())

    async def _sound(self) -> None:
        await asyncio.sleep(self.PAUSE_S)
        # A lost ring costs nothing but the tail's own poll interval.
        with suppress(psycopg.Error):
            async with self._pool.connection() as connection:
                while self._runs:
                    await connection.execute("select pg_notify('fourleaf_log', %s)", [self._runs.pop()])


class Journal:
    """Appends to one run."""

    def __init__(self, run: str, kinds: Kinds, inline: Sequence[Total], bell: Bell | None = None) -> None:
        self.run, self.kinds, self._inline, self._bell = run, kinds, inline, bell

    async def append(self, connection: Connection, *commands: Append) -> None:
        """Append commands together with what inline followers make of their facts, in one statement.

        Raises: StaleStream; UniqueViolation.
        """
        await append(connection, *[await self._followed(connection, command) for command in commands])
        if self._bell:
            self._bell.ring(self.run)

    async def command(
        self,
        connection: Connection,
        request: Request,
        decide: Decide,
        *,
        constraints: Mapping[str, str] | None = None,
        lock: str | None = None,
    ) -> Answer | Refusal:
        """Decide and append until no one else got between; the same request id gives the first answer.

        constraints: database constraint -> refusal code. lock: a contended stream.
        Raises: RequestConflict; StaleStream after too many lost races.
        """

        async def with_followers(inner: Connection) -> Append | Refusal:
            decided = await decide(inner)
            return decided if isinstance(decided, Refusal) else await self._followed(inner, decided)

        answer = await command(connection, request, with_followers, constraints=constraints, lock=lock)
        if self._bell and isinstance(answer, Answer) and not answer.replayed:
            self._bell.ring(self.run)
        return answer

    async def _followed(self, connection: Connection, given: Append) -> Append:
        changes = list(given.changes)
        for total in self._inline:
            changes += await totals.fold(connection, total, given.facts)
        return msgspec.structs.replace(given, changes=changes)


class Site:
    """One run at work, as a handler sees it: its journal, its connections, its time."""

    def __init__(
        self,
        run: Run,
        journal: Journal,
        pool: AsyncConnectionPool[Connection],
        clock: Callable[[], Awaitable[datetime]],
    ) -> None:
        self.run, self.journal, self.pool, self._clock = run, journal, pool, clock

    async def now(self) -> datetime:
        """Edition time of this run."""
        return await self._clock()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with self.pool.connection() as connection:
            yield connection

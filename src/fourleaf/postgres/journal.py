# SPDX-License-Identifier: Apache-2.0
"""Journal: one run's log as actions use it: what a rule says is appended with its rows; a bell wakes the tail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial, reduce
from typing import Any

import msgspec
import psycopg

from fourleaf.kernel.fact import Body, Fact, Kinds
from fourleaf.kernel.fold import Change, Stream, Total, differences
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import totals
from fourleaf.postgres.append import Answer, Append, Decide, Request, StaleStream, append, command
from fourleaf.postgres.pool import Connection, RunPool
from fourleaf.postgres.runs import Run

# Where the workers of runs listen.
CHANNEL = "fourleaf_log"


class Bell:
    """Wakes the tails. Rung outside the appending transaction and at most every 20 ms: NOTIFY inside it
    would make all commits of the server queue for one lock."""

    PAUSE_S = 0.02

    def __init__(self, pool: RunPool) -> None:
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
                    await connection.execute("select pg_notify(%s, %s)", [CHANNEL, self._runs.pop()])


class Journal:
    """Appends to one run."""

    def __init__(self, run: str, kinds: Kinds, inline: Sequence[Total], bell: Bell | None = None) -> None:
        self.run, self.kinds, self._inline, self._bell = run, kinds, inline, bell

    async def append(self, connection: Connection, *commands: Append) -> None:
        """Append commands together with what inline followers make of their facts, in one statement.

        Raises: StaleStream; UniqueViolation.
        """
        facts = [fact for command in commands for fact in command.facts]
        await append(connection, *commands, Append(changes=await self._follow(connection, facts)))
        self.ring()

    def ring(self) -> None:
        """Wake the run's worker: there is something to fold, or to draw."""
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
            if isinstance(decided, Refusal):
                return decided
            changes = (*decided.changes, *await self._follow(inner, decided.facts))
            return msgspec.structs.replace(decided, changes=changes)

        answer = await command(connection, request, with_followers, constraints=constraints, lock=lock)
        if isinstance(answer, Answer) and not answer.replayed:
            self.ring()
        return answer

    async def _follow(self, connection: Connection, facts: Sequence[Fact]) -> list[Change]:
        """What inline followers make of the facts."""
        kinds = {type(fact.body) for fact in facts}
        concerned = [total for total in self._inline if any(issubclass(kind, total.of) for kind in kinds)]
        return [change for total in concerned for change in await totals.fold(connection, total, facts)]


# What an action reads of a stream, and what its rule says of that: one fact, several, or a refusal.
Ruled = tuple[Any, Body | Sequence[Body] | Refusal]
# Asked with the edition time of the request; and asked again when somebody else wrote to the stream first.
ReadAndRule = Callable[[Connection, datetime], Awaitable[Ruled]]


def last_fact(facts: Sequence[Fact]) -> dict[str, str]:
    """What a request is told if its action says nothing else: the id of the last fact, and what happened."""
    return {"fact": facts[-1].id, "kind": facts[-1].body.KIND}


class Site:
    """One run at work, as a handler or a watch sees it: what can be done there, its connections, its time."""

    def __init__(
        self,
        run: Run,
        journal: Journal,
        pool: RunPool,
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

    async def decide(
        self,
        request: Request,
        stream: Stream,
        name: str,
        read_and_rule: ReadAndRule,
        *,
        occurred_at: datetime | None = None,
        labels: tuple[str, ...] | Callable[[Any, Any], tuple[str, ...]] = ("office",),
        cause: str | None = None,
        answer: Callable[[Sequence[Fact]], Any] = last_fact,
        constraints: Mapping[str, str] | None = None,
        lock: str | None = None,
    ) -> Answer | Refusal:
        """Answer a request: what the rule says becomes the next facts of the stream `prefix:name`, with their rows.

        occurred_at: if it did not happen just now. labels: of the facts, or what gives them for state and ruling.
        constraints: database constraint -> refusal code.
        lock: a stream that many want at once.
        Raises: RequestConflict; StaleStream after too many lost races.
        """
        now = await self.now()
        at = occurred_at or now
        fact = partial(Fact, run=self.run.run, occurred_at=at, recorded_at=now, actor=request.actor, cause=cause)

        async def decide(connection: Connection) -> Append | Refusal:
            state, ruled = await read_and_rule(connection, now)
            if isinstance(ruled, Refusal):
                return ruled
            seen_by = labels(state, ruled) if callable(labels) else labels
            given = next_facts(stream, name, state, ruled, partial(fact, labels=seen_by))
            return msgspec.structs.replace(given, answer=answer(given.facts))

        async with self.connection() as connection:
            return await self.journal.command(connection, request, decide, constraints=constraints, lock=lock)

    async def record(
        self,
        actor: str,
        stream: Stream,
        name: str,
        state: Any,
        ruled: Body | Sequence[Body],
        *,
        occurred_at: datetime | None = None,
        labels: tuple[str, ...] = ("office",),
        cause: str | None = None,
    ) -> bool:
        """Append what nobody asked for: what the rule says of a state that a watch has read.

        Gives False when somebody wrote to the stream first: the next look sees what is true then.
        """
        now = await self.now()
        at = occurred_at or now
        fact = partial(Fact, run=self.run.run, occurred_at=at, recorded_at=now, actor=actor, labels=labels, cause=cause)
        given = next_facts(stream, name, state, ruled, fact)
        async with self.connection() as connection:
            try:
                await self.journal.append(connection, given)
            except StaleStream:
                return False
        return True


def next_facts(
    stream: Stream, name: str, state: Any, ruled: Body | Sequence[Body], fact: Callable[..., Fact]
) -> Append:
    """What the rule says of a state, as the stream's next facts with the rows they change."""
    bodies = [ruled] if isinstance(ruled, Body) else ruled
    facts = [
        fact(stream=f"{stream.prefix}:{name}", version=version, body=body)
        for version, body in enumerate(bodies, state.version + 1)
    ]
    after = reduce(stream.step, facts, state)
    return Append(facts=facts, changes=differences(stream.rows(state), stream.rows(after)))

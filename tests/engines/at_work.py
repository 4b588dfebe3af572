# SPDX-License-Identifier: Apache-2.0
"""Engines at work on a real PostgreSQL: a run of its own, with its tables, its handlers and its pictures."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx
import msgspec
from litestar.testing import TestClient
from psycopg import sql

from fourleaf.app.draw import Drawing
from fourleaf.app.rooms import folded, rooms
from fourleaf.app.settings import Settings
from fourleaf.app.web import create_app
from fourleaf.kernel.clock import RunClock
from fourleaf.kernel.fact import Body
from fourleaf.kernel.fold import Row
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import log, pictures, runs, tail
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Connection, Pools
from fourleaf.postgres.rebuild import rebuild

# Nine in the morning at the fair.
AT = datetime(2024, 11, 5, 1, tzinfo=UTC)


class AtWork:
    """A rehearsal whose clock stands still at `at`, until a test puts it elsewhere.

    post and get go to the handlers over HTTP; site is what a watch gets.
    """

    def __init__(self, settings: Settings, connection: Connection, run: str) -> None:
        assert settings.database_url is not None
        self.at = AT
        self.run, self._connection = run, connection
        self._pools = Pools(settings.database_url)
        self._client = TestClient(create_app(settings))
        self._drawing = Drawing(rooms())

    async def __aenter__(self) -> "AtWork":
        made = runs.Run(
            run=self.run,
            edition="test",
            kind="rehearsal",
            state="running",
            seed=1,
            sample_ppm=1_000_000,
            day=AT.date(),
            zone="Asia/Shanghai",
            created_at=AT,
        )
        schema = f"{rooms().schema}\n{rooms().kept_schema}"
        clock = RunClock(edition_at=AT, wall_at=AT, speed=0.0)
        await runs.create(self._connection, made, cache_schema=schema, clock=clock)
        journal = Journal(self.run, rooms().kinds, rooms().inline)
        self.site = Site(made, journal, await self._pools.of(self.run), self._now)
        self._client.__enter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, trace)
        await self._pools.close()
        await runs.drop(self._connection, self.run)

    async def _now(self) -> datetime:
        return self.at

    async def declare(self, kind: str, key: str, **value: Any) -> None:
        """Load one thing of a pack that was not there before."""
        body = Declared(kind=kind, key=key, value=value)
        await self.site.record("pack", DECLARATIONS, f"{kind}/{key}", Declaration(), body)

    def post(self, path: str, **body: Any) -> httpx.Response:
        """Ask as the office. path: below the run's address."""
        return self._client.post(f"/r/{self.run}{path}", json=body)

    def post_as(self, token: str, path: str, body: Any) -> httpx.Response:
        """Ask as the device of this token. body: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self._client.post(f"/r/{self.run}{path}", content=content, headers=head)

    def send_form(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of a page, and stay where it leads."""
        return self._client.post(f"/r/{self.run}{path}", data=fields, follow_redirects=False)

    def send_file(self, path: str, data: bytes) -> httpx.Response:
        """Send a file by the form of a page, and stay where it leads."""
        return self._client.post(f"/r/{self.run}{path}", files={"file": ("table", data)}, follow_redirects=False)

    def send_files(self, path: str, files: dict[str, tuple[str, bytes]], **fields: str) -> httpx.Response:
        """Send a form with files in it. Shape of files: field -> name, content."""
        return self._client.post(f"/r/{self.run}{path}", data=fields, files=files, follow_redirects=False)

    def send_raw(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Send bytes as they are."""
        return self._client.post(f"/r/{self.run}{path}", content=body, headers=dict(headers))

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self._client.get(f"/r/{self.run}{path}", headers=headers)

    async def facts(self, stream: str) -> list[Body]:
        """What the log has of one stream."""
        async with self.site.connection() as connection:
            return [fact.body for fact in await log.stream(connection, rooms().kinds, self.run, stream)]

    async def rows(self, *tables: type[Row]) -> dict[str, list[Any]]:
        """What stands in these cache tables, in any order. Shape: table -> rows."""
        found: dict[str, list[Any]] = {}
        async with self.site.connection() as connection:
            for table in tables:
                cursor = await connection.execute(
                    sql.SQL("select to_jsonb(t) from {} t").format(sql.Identifier(table.TABLE))
                )
                found[table.TABLE] = sorted([row[0] for row in await cursor.fetchall()], key=str)
        return found

    async def rebuild(self) -> None:
        """Throw all cache tables away and fill them from the log."""
        await rebuild(self._pools.dsn, self.run, folded)

    async def picture(self, layer: str, *, later_s: float = 0.0) -> dict[str, Any]:
        """Do a round of the worker, then look at a layer of the map. Shape: thing -> props.

        later_s: what is due so many wall seconds after the first round; at 0 it draws everything, as after a start.
        """
        first = not later_s
        async with self.site.connection() as connection:
            # A busy machine may let the process wait for longer than a server lets a transaction wait.
            await connection.execute("set idle_in_transaction_session_timeout = '1min'")
            while (await tail.step(connection, rooms().kinds, self.run, rooms().tailed))[0]:
                pass
            position = await tail.position(connection)
            await self._drawing.draw(
                connection, [], (), now=self.at, wall_s=later_s, position=position, everything=first
            )
            _, shown = await pictures.now(connection)
        return {one.thing: one.props for one in shown if one.layer == layer}

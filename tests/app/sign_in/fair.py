# SPDX-License-Identifier: Apache-2.0
"""A fair with accounts: a live run, a rehearsal of it, and browsers that must sign in."""

import re
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal
from argon2.profiles import CHEAPEST
from litestar import Litestar
from litestar.testing import TestClient

from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.app.sign_in import desk
from fourleaf.app.sign_in.passwords import Passwords
from fourleaf.app.web import create_app
from fourleaf.kernel.clock import RunClock
from fourleaf.kernel.fact import Body
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import log, logins, runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Connection, Pools

AT = datetime(2024, 11, 5, 1, tzinfo=UTC)
BY = Principal(id="test", permissions=tuple(sorted(rooms().permissions)))
ROLES: dict[str, dict[str, Any]] = {
    "keeper": {"labels": ["public"], "may": ["people.see", "people.manage", "people.groups"]},
    "officer": {"labels": ["public", "office"], "may": ["office", "world.change", "admission.figures"]},
    "director": {"labels": ["public", "office"], "may": ["office", "people.manage", "people.see"], "totp": True},
    "chief": {"labels": ["public", "group:{group}"], "may": ["office"], "in_group": True},
    "screen": {"labels": ["public", "office"], "may": [], "card": True},
    "guest": {"labels": ["public"], "may": [], "claims": ["visitors"]},
}


class Fair:
    """settings: sign-in is required, unless a test says otherwise."""

    def __init__(self, settings: Settings, connection: Connection, run: str) -> None:
        assert settings.database_url is not None
        self.settings, self.run, self.rehearsal, self._connection = settings, run, f"{run}.r1", connection
        self._pools = Pools(settings.database_url)
        # The recommended cost is measured by a bench; here it would only take time.
        self._passwords = Passwords(cost=CHEAPEST)
        self.app: Litestar = create_app(settings)
        # Starts and stops the application; browsers share it.
        self._first = TestClient(self.app)

    async def __aenter__(self) -> "Fair":
        await self._make(self.run, "live")
        await self._make(self.rehearsal, "rehearsal")
        for name, role in ROLES.items():
            await self.declare("role", name, name={"zh": name, "en": name}, **role)
        for name in ("security", "traffic"):
            await self.declare("group", name, name={"zh": name, "en": name})
        self._first.__enter__()
        self.app.state.office.passwords = self._passwords
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._first.__exit__(kind, error, trace)
        self._passwords.close()
        await self._pools.close()
        for run in (self.rehearsal, self.run):
            await runs.drop(self._connection, run)

    async def _make(self, run: str, kind: str) -> None:
        made = runs.Run(
            run=run,
            edition=self.run,
            kind=kind,
            state="running",
            seed=1,
            sample_ppm=1_000_000,
            day=AT.date(),
            zone="Asia/Shanghai",
            created_at=AT,
        )
        clock = RunClock(edition_at=AT, wall_at=AT, speed=0.0)
        await runs.create(self._connection, made, cache_schema=f"{rooms().schema}\n{rooms().kept_schema}", clock=clock)
        if kind == "live":
            journal = Journal(run, rooms().kinds, rooms().inline)
            self.site = Site(made, journal, await self._pools.of(run), self.now)

    async def now(self) -> datetime:
        """What time it is for the door: the real one."""
        row = await (await self._connection.execute("select clock_timestamp()")).fetchone()
        assert row is not None
        found: datetime = row[0]
        return found

    async def declare(self, kind: str, key: str, **value: Any) -> None:
        body = Declared(kind=kind, key=key, value=value)
        await self.site.record("pack", DECLARATIONS, f"{kind}/{key}", Declaration(), body)

    async def open(self, name: str, post: str, *, synthetic: bool = False, chosen: bool = True) -> desk.Said:
        """Open an account. Gives its id and password. chosen: as if its owner had chosen that himself by now."""
        role, _, group = post.partition("@")
        said = await desk.open_account(self._passwords, self.site, BY, name, role, group, synthetic=synthetic)
        assert not isinstance(said, Refusal), said
        if chosen:
            async with self.site.connection() as connection:
                encoded = await self._passwords.hash(said.password)
                await logins.set_password(connection, self.run, said.account, encoded, temporary=False)
        return said

    async def act(self, account: str, act: str, post: str = "", session: str = "") -> desk.Said:
        """Do something to an account as the office does."""
        login = await self._login(account)
        said = await desk.Acts(self._passwords, self.site, BY, login).do(act, post, session)
        assert isinstance(said, desk.Said), said
        return said

    async def _login(self, account: str) -> Any:
        async with self.site.connection() as connection:
            return await logins.by_account(connection, self.run, account)

    async def facts(self, account: str) -> list[Body]:
        async with self.site.connection() as connection:
            found = await log.stream(connection, rooms().kinds, self.run, f"account:{account}")
        return [fact.body for fact in found]

    @property
    def portal(self) -> BlockingPortal:
        """Where the application runs."""
        return self._first.blocking_portal

    def browser(self) -> "Browser":
        return Browser(self)


class Browser:
    """One browser with its cookies."""

    def __init__(self, fair: Fair) -> None:
        self.fair = fair
        self.client = TestClient(fair.app)
        self.client.blocking_portal = fair.portal  # one event loop for all, as in one web process

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, headers={"accept": "text/html", **more.pop("headers", {})}, follow_redirects=False)

    def json(self, path: str) -> httpx.Response:
        return self.client.get(path, headers={"accept": "application/json"}, follow_redirects=False)

    def csrf(self, path: str) -> str:
        """The token in the first form of a page."""
        found = re.search(r'name="csrf" value="([^"]*)"', self.get(path).text)
        assert found, path
        return found[1]

    def post(self, path: str, form: str | None = None, **fields: str) -> httpx.Response:
        """Send a form, as the page `form` has it."""
        given = {"csrf": self.csrf(form)} if form else {}
        return self.client.post(path, data=given | fields, headers={"accept": "text/html"}, follow_redirects=False)

    def sign_in(self, name: str, password: str, **more: str) -> httpx.Response:
        return self.post("/sign-in", "/sign-in", login=name, password=password, run=self.fair.run, **more)

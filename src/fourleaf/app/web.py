# SPDX-License-Identifier: Apache-2.0
"""Web: wires rooms, runs and principals into one application. Holds no state but what it can read again."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from granian.constants import Interfaces
from granian.server import Server
from litestar import Litestar, Request
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException
from litestar.logging import LoggingConfig

from fourleaf.app import description, files, health, mqtt_page, pace, pages, past, scrape
from fourleaf.app.description import described
from fourleaf.app.directory import Directory
from fourleaf.app.guard import LOCAL, MAX_BODY, VISITOR, guard_middleware, put_headers
from fourleaf.app.logs import scheme
from fourleaf.app.places import Places
from fourleaf.app.problems import Problems
from fourleaf.app.query import query_guard
from fourleaf.app.rooms import rooms
from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.app.sign_in import (
    activation_pages,
    office_pages,
    oidc_pages,
    own_pages,
    personal_pages,
    proof,
    roll_pages,
)
from fourleaf.app.sign_in import pages as sign_in_pages
from fourleaf.app.sign_in.forms import address_of
from fourleaf.app.sign_in.gate import check_csrf, gate_middleware, who_of
from fourleaf.app.sign_in.oidc import Oidc
from fourleaf.app.sign_in.passwords import Passwords
from fourleaf.app.sign_in.sealed import Seal
from fourleaf.app.sign_in.standing import Standings
from fourleaf.app.stream import Feeds
from fourleaf.app.tasks import end
from fourleaf.app.venues import Venues
from fourleaf.app.waker import Waker
from fourleaf.engines.sensing.actions import Flows
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import pictures, runs
from fourleaf.postgres.journal import Bell, Journal, Site
from fourleaf.postgres.pool import Pools
from fourleaf.ui import static_files
from fourleaf.ui.answers import Refused
from fourleaf.ui.pages import provide_page

Anything = Request[Any, Any, Any]
# Of all web processes together; PostgreSQL has a hundred, and the worker and the command line need some.
CONNECTIONS = 72

# Asked to end, a web process may finish its answers for so long. Streams never finish; their screens come back by themselves.
LAST_ANSWERS_S = 3


class Office:
    """What the handlers of one web process share: pools, runs, venues, screens."""

    def __init__(self, settings: Settings, failures: Mapping[int, int]) -> None:
        assert settings.database_url is not None
        self.settings, self.failures = settings, failures
        self.pools = Pools(settings.database_url, size=min(12, max(1, CONNECTIONS // settings.web_workers)))
        self.directory = Directory(self.pools)
        self.venues = Venues(self.pools)
        self.waker = Waker(settings.database_url, pictures.CHANNEL)
        self.feeds = Feeds(self.pools, self.directory, self.waker)
        self.safe = Safe(settings)
        self.standings = Standings(self.pools, self.directory, timedelta(seconds=settings.card_idle_s))
        self.passwords, self.seal = Passwords(), Seal(settings.data)
        self.flows = Flows()
        self.watcher = scrape.Watcher(settings)
        self.places = Places(of_session=settings.session_streams, of_address=settings.address_streams)
        self.oidc = Oidc(settings) if settings.oidc_issuer else None
        self._journals: dict[str, Journal] = {}
        self._bell: Bell | None = None

    @asynccontextmanager
    async def open(self, app: Litestar) -> AsyncIterator[None]:
        app.state.office = self
        self._bell = Bell(await self.pools.of(None))
        following = [asyncio.create_task(task) for task in (self.directory.follow(), self.waker.listen())]
        try:
            yield
        finally:
            await end(following)
            self.passwords.close()
            await self.pools.close()

    async def site(self, run: str, *, writing: bool) -> Site:
        """Raises: NotFoundException; Refused when a rebuild has stopped the writers."""
        beat = await self.directory.beat(run)
        if writing and beat.run.state in ("rebuilding", "loading"):
            raise Refused(Refusal("request.later"), 503)
        journal = self._journals.setdefault(run, Journal(run, rooms().kinds, rooms().inline, self._bell))

        async def now() -> datetime:
            return self.directory.now(await self.directory.beat(run))

        return Site(beat.run, journal, await self.pools.of(run), now)

    async def device(self, run: str, authorization: str) -> Principal:
        """Raises: NotAuthorizedException for a token that no device of this run has; NotFoundException"""
        scheme, _, token = authorization.partition(" ")
        site = await self.site(run, writing=False)
        async with site.connection() as connection:
            device = await runs.device(connection, run, token.strip()) if scheme.lower() == "bearer" else None
        if device is None:
            raise NotAuthorizedException("unknown device")
        return Principal(id=device, roles=("device",), permissions=("device",))


def office(state: State) -> Office:
    found: Office = state.office
    return found


async def provide_site(request: Anything, state: State, run: str) -> Site:
    return await office(state).site(run, writing=request.method == "POST")


async def provide_principal(request: Anything, state: State, run: str) -> Principal:
    """The device whose token is given, else whoever is signed in; else the office on loopback, a visitor elsewhere.

    Raises: NotAuthorizedException when a token is given that no device of this run has; Refused for a foreign form.
    """
    who, here = who_of(request), office(state)
    authorization = request.headers.get("authorization")
    if authorization is not None:
        known: Principal | None = getattr(request.state, "device", None)
        return known or await here.device(run, authorization)
    if who is None:
        return VISITOR if here.settings.requires_sign_in else LOCAL
    await check_csrf(request, request.state.csrf)
    asked = (await here.directory.beat(run)).run
    found = who.principal(rehearsal=asked.kind != "live") if asked.edition == who.session.run else None
    return found or VISITOR


async def provide_run_info(state: State, run: str) -> Mapping[str, Any]:
    return await pages.run_info(office(state), run)


async def provide_mint() -> Any:
    """Gives something fresh that nobody can guess."""
    return partial(secrets.token_urlsafe, 32)


async def provide_wall() -> Any:
    return partial(datetime.now, UTC)


async def provide_address(request: Anything, state: State) -> str:
    return address_of(request, office(state).settings)


async def provide_flows(state: State) -> Any:
    return office(state).flows


async def provide_office(state: State) -> Any:
    return office(state)


async def provide_safe(state: State) -> Safe:
    return office(state).safe


# Litestar would set up the root logger its own way; ours stands already, and Problems logs what crashes.
LOGGING = LoggingConfig(
    configure_root_logger=False,
    formatters={},
    handlers={},
    loggers={"litestar": {"level": "INFO", "handlers": [], "propagate": True}},
    log_exceptions="never",
)


def create_app(settings: Settings) -> Litestar:
    problems = Problems()
    handlers = [
        *rooms().handlers,
        *pages.HANDLERS,
        *past.HANDLERS,
        *health.HANDLERS,
        *mqtt_page.HANDLERS,
        *pace.HANDLERS,
        *files.HANDLERS,
        *sign_in_pages.HANDLERS,
        *oidc_pages.HANDLERS,
        *own_pages.HANDLERS,
        *proof.HANDLERS,
        *office_pages.HANDLERS,
        *roll_pages.HANDLERS,
        *activation_pages.HANDLERS,
        *personal_pages.HANDLERS,
    ]
    return Litestar(
        route_handlers=[
            *described(handlers),
            *static_files.HANDLERS,
        ],
        dependencies={
            "site": Provide(provide_site),
            "principal": Provide(provide_principal),
            "run_info": Provide(provide_run_info),
            "page": Provide(provide_page),
            "office": Provide(provide_office),
            "safe": Provide(provide_safe),
            "mint": Provide(provide_mint),
            "wall": Provide(provide_wall),
            "address": Provide(provide_address),
            "flows": Provide(provide_flows),
        },
        middleware=[
            guard_middleware(settings.names, unsigned=not settings.requires_sign_in),
            gate_middleware(settings),
        ],
        guards=[proof.check_proof, query_guard()],
        before_send=[put_headers(https=settings.https)],
        exception_handlers=problems.handlers(),
        lifespan=[Office(settings, problems.failures).open],
        request_max_body_size=MAX_BODY,
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=1_000, exclude=["/stream$", "/venue.json$", "/places.geojson$", "^/static/"]
        ),
        openapi_config=description.config(),
        plugins=[description.StrictStructs()],
        logging_config=LOGGING,
        debug=False,
    )


def app() -> Litestar:
    """The factory granian calls in each of its workers."""
    return create_app(Settings.read())


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    server = Server(
        "fourleaf.app.web:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.web_workers,
        log_access=False,
        log_dictconfig=scheme("web"),
        backlog=1024,
        workers_kill_timeout=LAST_ANSWERS_S,
    )
    server.serve()

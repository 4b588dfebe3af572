# SPDX-License-Identifier: Apache-2.0
"""Sign-ins with Argon2id at its recommended cost over real HTTP, and what they leave of the clock that everybody asks."""

import asyncio
import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import httpx

from bench import crowd
from bench.ground import Ground
from bench.outside import web
from bench.result import Measured, percentile
from fourleaf.app.rooms import rooms
from fourleaf.app.sign_in import desk
from fourleaf.app.sign_in.passwords import Passwords
from fourleaf.kernel.clock import RunClock
from fourleaf.kernel.principal import Principal
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Connection, Pools, connect

PEOPLE, BAR_PER_S = 40, 20.0
RUN = "bench-people"
BENCH = Principal(id="bench")
# Made once: a client that reads the certificates of the world anew costs as much as a password.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


async def measure(ground: Ground) -> list[Measured]:
    people, seconds = ground.size(PEOPLE, 2), max(0.5, 10 * ground.scale)
    async with connect(ground.dsn) as connection:
        pools = Pools(ground.dsn)
        opened = await _open(connection, pools, people)
        try:
            with web(ground) as port:
                base = f"http://127.0.0.1:{port}"
                calm = await _clocks(base, asyncio.create_task(asyncio.sleep(seconds / 2)))
                began = monotonic()
                work = asyncio.gather(*(_sign_ins(base, one, seconds) for one in opened))
                busy = await _clocks(base, work)
                rate = sum(await work) / (monotonic() - began)
            alone = await _hashes(seconds / 2)
        finally:
            await pools.close()
            await runs.drop(connection, RUN)
    return _told(rate, alone, calm, busy)


def _told(rate: float, alone: float, calm: list[float], busy: list[float]) -> list[Measured]:
    return [
        Measured(
            bench="sign_in",
            what=f"sign-ins, {PEOPLE} browsers at once",
            unit="/s",
            better="high",
            value=rate,
            floor=alone,
            floor_is="the same hashes without web and database",
            bar=BAR_PER_S,
            limited_by="Argon2id: 19 MiB and two passes each, in two threads of low priority",
        ),
        Measured(
            bench="sign_in",
            what="GET /clock meanwhile, p95",
            unit="ms",
            better="low",
            value=1000 * percentile(busy, 0.95),
            floor=1000 * percentile(calm, 0.95),
            floor_is="the same while nobody signs in",
            limited_by="the two cores, which Argon2id leaves to others when they want them",
        ),
    ]


async def _open(connection: Connection, pools: Pools, people: int) -> list[tuple[str, str]]:
    """A live run with accounts. Gives login names and passwords."""
    found = rooms()
    made = runs.Run(
        run=RUN,
        edition=RUN,
        kind="live",
        state="running",
        seed=None,
        sample_ppm=1_000_000,
        day=None,
        zone="Asia/Shanghai",
        created_at=crowd.OPENS,
    )
    clock = RunClock(edition_at=crowd.OPENS, wall_at=datetime.now(UTC), speed=1.0)
    await runs.create(connection, made, cache_schema=f"{found.schema}\n{found.kept_schema}", clock=clock)

    async def now() -> datetime:
        return datetime.now(UTC)

    site, passwords = Site(made, Journal(RUN, found.kinds, found.inline), await pools.of(RUN), now), Passwords()
    body = Declared(
        kind="role", key="member", value={"name": {"zh": "员", "en": "member"}, "labels": ["public"], "may": []}
    )
    await site.record("pack", DECLARATIONS, "role/member", Declaration(), body)
    said = [await desk.open_account(passwords, site, BENCH, f"p{n}-x", "member", "") for n in range(people)]
    passwords.close()
    return [(f"p{n}-x", one.password) for n, one in enumerate(said) if isinstance(one, desk.Said)]


async def _sign_ins(base: str, who: tuple[str, str], seconds: float) -> int:
    """Sign in again and again. Gives how often; at least once."""
    count, until = 0, monotonic() + seconds
    while count == 0 or monotonic() < until:
        async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False, verify=_NO_TLS) as client:
            page = await client.get("/sign-in", params={"run": RUN})
            found = _CSRF.search(page.text)
            assert found is not None
            form = {"csrf": found[1], "login": who[0], "password": who[1], "run": RUN}
            answer = await client.post("/sign-in", data=form)
            assert answer.status_code == 303, answer.status_code
            count += 1
    return count


async def _clocks(base: str, until: "asyncio.Future[Any]") -> list[float]:
    """Ask for the clock twenty times a second until something is done. Gives how long each answer took."""
    took = list[float]()
    async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as client:
        while not until.done() or not took:
            began = monotonic()
            (await client.get(f"/r/{RUN}/clock")).raise_for_status()
            took.append(monotonic() - began)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(until), 0.05)
    return took


async def _hashes(seconds: float) -> float:
    """Checks of one password a second, as many at once as there are threads."""
    passwords, count, began = Passwords(), 0, monotonic()
    encoded = await passwords.hash("a quiet lantern")
    while monotonic() - began < seconds or count == 0:
        await asyncio.gather(*(passwords.right(encoded, "a quiet lantern") for _ in range(4)))
        count += 4
    passwords.close()
    return count / (monotonic() - began)

# SPDX-License-Identifier: Apache-2.0
"""Redeems of signed codes over real HTTP, durable and audited, at 1 and 16 clients; beside one conditional insert with its audit row."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

import msgspec

from bench import crowd
from bench.crew import Crew, rates, spans, together
from bench.ground import Ground
from bench.outside import web
from bench.result import Measured, middle, percentile
from fourleaf.app.rooms import rooms
from fourleaf.engines.admission import actions
from fourleaf.engines.credentials.facts import Applied, Issued, Step
from fourleaf.engines.credentials.state import STREAMS, Credential
from fourleaf.kernel.principal import Principal
from fourleaf.pack.declared import DECLARATIONS, Declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.pool import Pools, connect
from fourleaf.standards import badge
from fourleaf.standards.badge import Claims
from fourleaf.standards.keyring import SigningKey

CLIENTS = 16
KEY = SigningKey(bytes(range(40)))
UNTIL = crowd.OPENS + timedelta(days=9)
(CREDENTIALS,) = [one for one in STREAMS if one.prefix == "credential"]
# The least that a redeem must leave: once per credential, and who was let in where.
_FLOOR = (
    "create table floor_redeemed (credential text primary key, lane text not null, at timestamptz not null default now());"
    "create table floor_audit (id bigint generated always as identity primary key, credential text, lane text, at timestamptz)"
)
_REDEEM = (
    "with won as (insert into floor_redeemed (credential, lane) values (%s, %s) on conflict do nothing returning credential, lane, at)"
    " insert into floor_audit (credential, lane, at) select credential, lane, at from won"
)


async def measure(ground: Ground) -> list[Measured]:
    alone, many = ground.size(300, 2), ground.size(250, 1)
    needed = ground.rounds * (alone + CLIENTS * many)
    async with ground.run() as run:
        codes = await _open(ground, run, needed)
        async with connect(ground.dsn, run) as connection:
            await connection.execute(_FLOOR.encode())
        with web(ground) as port:
            given = (ground.dsn, run, port, codes, alone, many, ground.rounds)
            crew = await asyncio.to_thread(together, work, [given])
        async with connect(ground.dsn, run) as connection:
            counted = await (
                await connection.execute(
                    "select count(*) from fourleaf.log where run = %s and kind = %s", [run, "admission.Entered"]
                )
            ).fetchone()
    assert counted is not None
    assert counted[0] == needed, f"{counted[0]} entries of {needed}"
    return _told(crew)


def _told(crew: Sequence[Any]) -> list[Measured]:
    def one(what: str, unit: str, value: float, floor: float, bar: float, rounds: Sequence[float] = ()) -> Measured:
        return Measured(
            bench="admission",
            what=what,
            unit=unit,
            better="high" if unit == "/s" else "low",
            value=value,
            floor=floor,
            floor_is="one conditional insert with its audit row, without HTTP, signature and rules",
            bar=bar,
            limited_by="the processor: web process, client and PostgreSQL share the cores",
            rounds=tuple(rounds),
        )

    ours, floor = rates(crew, "redeem-many"), rates(crew, "floor-many")
    many, least = spans(crew, "redeem-many"), spans(crew, "floor-many")
    single, lone = spans(crew, "redeem-alone"), spans(crew, "floor-alone")
    return [
        one(f"redeems over HTTP, {CLIENTS} clients", "/s", middle(ours), middle(floor), 500, ours),
        one(
            f"a redeem at {CLIENTS} clients, p99",
            "ms",
            1000 * percentile(many, 0.99),
            1000 * percentile(least, 0.99),
            50,
        ),
        one("a redeem at 1 client, p50", "ms", 1000 * percentile(single, 0.5), 1000 * percentile(lone, 0.5), 5),
    ]


async def _open(ground: Ground, run: str, count: int) -> list[str]:
    """Declare what gates decide by, issue credentials. Gives their codes."""
    found, pools = rooms(), Pools(ground.dsn)

    async def now() -> Any:
        return crowd.OPENS

    async with connect(ground.dsn) as connection:
        made = await runs.one(connection, run)
        await runs.set_tokens(connection, run, {f"lane:{crowd.lane(n)[0]}": _token(n) for n in range(CLIENTS)})
    assert made is not None
    try:
        site = Site(made, Journal(run, found.kinds, found.inline), await pools.of(run), now)
        for kind, key, value in _DECLARED:
            body = Declared(kind=kind, key=key, value=value)
            await site.record("pack", DECLARATIONS, f"{kind}/{key}", Declaration(), body)
        office = Principal(id="office")
        await actions.trust(site, office, KEY.public, opens_at=crowd.OPENS - timedelta(days=1), closes_at=UNTIL)
        for index in range(count):
            await _issue(site, index)
    finally:
        await pools.close()
    return [_code(index) for index in range(count)]


_DECLARED: list[tuple[str, str, dict[str, Any]]] = [
    ("admission_rule", "venue", {"lane": [{"zone": "venue"}]}),
    ("access_zone", "venue", {"number": 0}),
    ("phase", "show", {"from": "2024-11-05", "to": "2024-11-10"}),
    (
        "credential_type",
        "visitor",
        {"number": 3, "zones": ["venue"], "phases": ["show"], "opens": "00:00", "closes": "23:59"},
    ),
]
_STEP = Step(key="decision", kind="decision", decides="credentials.decide", due_at=crowd.OPENS)


async def _issue(site: Site, index: int) -> None:
    name = f"c-{index}"
    applied = Applied(holder=f"h-{index}", type="visitor", organization="o", documents=[], slot=1, step=_STEP)
    issued = Issued(index=index, carrier="badge", valid_from=crowd.OPENS, valid_until=UNTIL)
    await site.record("office", CREDENTIALS, name, Credential(credential=name), [applied, issued])


def _code(index: int) -> str:
    claims = Claims(index=index, holder=index, category=3, zones=1, days=0b111111, expires_at=UNTIL)
    return badge.printed(badge.issue(claims, KEY))


def _token(number: int) -> str:
    return f"bench-lane-{number}".ljust(40, "x")


async def work(crew: Crew, dsn: str, run: str, port: int, codes: list[str], alone: int, many: int, rounds: int) -> None:
    """All clients, each with a connection of its own to the web server and to the database."""
    left = iter(codes)
    async with AsyncExitStack() as stack:
        lines = [await _line(stack, port) for _ in range(CLIENTS)]
        bare = [await stack.enter_async_context(connect(dsn, run)) for _ in range(CLIENTS)]

        async def redeem(client: int, code: str) -> None:
            await _redeem(lines[client], run, client, code)

        async def insert(client: int, code: str) -> None:
            await bare[client].execute(_REDEEM.encode(), [code, str(client)])

        for _ in range(rounds):
            single = [[next(left) for _ in range(alone)]]
            shared = [[next(left) for _ in range(many)] for _ in range(CLIENTS)]
            await crew.leg("floor-alone", partial(_all, insert, single))
            await crew.leg("redeem-alone", partial(_all, redeem, single))
            await crew.leg("floor-many", partial(_all, insert, shared))
            await crew.leg("redeem-many", partial(_all, redeem, shared))


async def _all(do: Callable[[int, str], Awaitable[None]], codes: list[list[str]]) -> list[float]:
    async def one(client: int, mine: list[str]) -> list[float]:
        took = list[float]()
        for code in mine:
            began = monotonic()
            await do(client, code)
            took.append(monotonic() - began)
        return took

    done = await asyncio.gather(*(one(client, mine) for client, mine in enumerate(codes)))
    return [span for spans in done for span in spans]


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _line(stack: AsyncExitStack, port: int) -> Line:
    """A connection that stays, without a library: what a client costs is not what is measured."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    stack.callback(writer.close)
    return reader, writer


async def _redeem(line: Line, run: str, client: int, code: str) -> None:
    body = msgspec.json.encode({"nonce": f"n{hash(code) & 0xFFFFFFFFFFFF:x}", "direction": "in", "code": code})
    head = (
        f"POST /r/{run}/admission/redeem HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {_token(client)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    line[1].write(head.encode() + body)
    said = (await line[0].readuntil(b"\r\n\r\n")).lower()
    size = int(said.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    answer = await line[0].readexactly(size)
    assert b'"entered"' in answer, answer

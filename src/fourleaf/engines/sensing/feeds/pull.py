# SPDX-License-Identifier: Apache-2.0
"""Pull: ask the owner's server, only where the installation allows it, and never where its answers would lead us.

A name is resolved once, every address it has is looked at, and the connection goes to the one that was looked at.
"""

import asyncio
import socket
from functools import cache
from ssl import SSLContext
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
import msgspec

from fourleaf.engines.sensing.actions import feeds as actions
from fourleaf.engines.sensing.actions.feeds import Came
from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.rules.feed_reading import is_granted
from fourleaf.engines.sensing.rules.feed_tables import MOST_BYTES, Broken
from fourleaf.engines.sensing.store import feeds as store
from fourleaf.engines.sensing.store.feeds import Inbox
from fourleaf.kernel.outside import Outside, is_allowed
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Site

# Unit: seconds of wall time.
WHOLE_S = 20.0
CONNECT_S = 5.0
LONGEST_PAUSE_S = 3600.0
# A rehearsal that begins after its run was opened.
REHEARSED_AGAIN_S = 5.0
MOST_HOPS = 3
# One that does not answer once may have been restarted; the second time it is news.
PATIENT = 2
_PORTS = {"https": 443, "http": 80}
_MOVED = frozenset({301, 302, 303, 307, 308})


class Answer(NamedTuple):
    """What a server gave. body: None when it has nothing new."""

    body: bytes | None
    etag: str = ""
    modified: str = ""


class Spot(NamedTuple):
    """Where to connect to, and as whom it must prove itself."""

    address: str
    host: str
    port: int
    scheme: str
    rest: str


async def pull_due(site: Site, outside: Outside) -> int:
    """Ask every feed that is due. Gives how many were asked."""
    async with site.connection() as connection:
        feeds = {key: one for key, one in (await store.feeds(connection)).items() if one.way == "pull"}
        due = {key: box for key in feeds if (box := await store.inbox(connection, key)).is_due}
    if site.run.kind != "rehearsal":
        outside = msgspec.structs.replace(outside, rehearsals=frozenset())
    now, zone = await site.now(), site.run.zone
    asked = [key for key in due if is_granted(feeds[key], now, zone)]
    await asyncio.gather(*(_pull(site, outside, key, feeds[key], due[key]) for key in asked))
    return len(asked)


async def _pull(site: Site, outside: Outside, key: str, feed: Feed, box: Inbox) -> None:
    found = await ask(feed.url, outside, etag=box.etag, modified=box.modified)
    now = await site.now()
    async with site.connection() as connection:
        await store.start(connection, key, now)
    if isinstance(found, Broken):
        failures = box.failures + 1
        after, seen = min(feed.interval_s * 2.0**failures, LONGEST_PAUSE_S), Answer(None)
        came = Came(way="pull", name=feed.url, failed=found) if failures >= PATIENT else None
    else:
        failures, after, seen = 0, float(feed.interval_s), found
        came = None
        if found.body is not None:
            came = Came(way="pull", name=feed.url, body=found.body, format=feed.schema.format)
        else:
            await actions.nothing_new(site, key)
    if came is not None:
        done = await actions.take_feed(site, key, feed, came)
        # What could not be used is asked for again as a whole.
        seen = Answer(None) if done.verdict == "refused" else seen
    async with site.connection() as connection:
        if _is_rehearsed(feed.url, outside):
            clock = await runs.clock(connection, site.run.run)  # at first it stands: the speed that is wanted counts
            after = REHEARSED_AGAIN_S if failures else after / max(1.0, clock[1] if clock else 1.0)
        await store.put_due(
            connection, key, after_s=after, failures=failures, etag=seen.etag[:200], modified=seen.modified[:80]
        )


async def ask(url: str, outside: Outside, *, etag: str = "", modified: str = "") -> Answer | Broken:
    """What stands at an address; never raises for anything a server or a network can do."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "fourleaf-feed"}
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": modified} if modified else {}
    try:
        async with asyncio.timeout(WHOLE_S):
            return await _follow(url, outside, headers)
    except TimeoutError:
        return Broken("timeout", f"> {WHOLE_S:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Broken("unreachable", type(error).__name__)


async def _follow(url: str, outside: Outside, headers: dict[str, str]) -> Answer | Broken:
    """Follow a server on itself, never to another host."""
    first = urlsplit(url)
    for _ in range(MOST_HOPS):
        parts = urlsplit(url)
        if (parts.scheme, parts.hostname, _port(parts)) != (first.scheme, first.hostname, _port(first)):
            return Broken("redirected", (parts.hostname or "")[:60])
        spot = await _spot(parts, outside)
        if isinstance(spot, Broken):
            return spot
        found = await _get(spot, headers)
        if not isinstance(found, str):
            return found
        url = urljoin(url, found)
    return Broken("redirected", f"> {MOST_HOPS}")


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)


async def _spot(parts: SplitResult, outside: Outside) -> Spot | Broken:
    host, port = parts.hostname or "", _port(parts)
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if f"{host}:{port}" in outside.rehearsals:
        return Spot(host, host, port, parts.scheme, rest)
    if not outside.may_ask(host, port):
        return Broken("host-not-allowed", host[:60])
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_allowed(address, outside.private) for address in addresses):
        return Broken("private-address", host[:60])
    return Spot(addresses[0], host, port, parts.scheme, rest)


def _is_rehearsed(url: str, outside: Outside) -> bool:
    """Whether a rehearsal of ours answers there: it is asked by the clock of the run, others by the clock on the wall."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{_port(parts)}" in outside.rehearsals


async def _get(spot: Spot, headers: dict[str, str]) -> Answer | Broken | str:
    """One answer of the address that was looked at; a text is where it leads."""
    there = f"[{spot.address}]" if ":" in spot.address else spot.address
    named = spot.host if spot.port == _PORTS[spot.scheme] else f"{spot.host}:{spot.port}"
    request: dict[str, Any] = {
        "headers": {**headers, "Host": named},
        # The certificate is checked against the name, not against the address.
        "extensions": {"sni_hostname": spot.host},
    }
    async with (
        httpx.AsyncClient(
            trust_env=False, verify=_trusted(), timeout=httpx.Timeout(WHOLE_S, connect=CONNECT_S)
        ) as client,
        client.stream("GET", f"{spot.scheme}://{there}:{spot.port}{spot.rest}", **request) as answer,
    ):
        return await _answer(answer)


@cache
def _trusted() -> SSLContext:
    """The certificates that the world trusts: read once, for that takes longer than most answers."""
    return httpx.create_ssl_context(trust_env=False)


async def _answer(answer: httpx.Response) -> Answer | Broken | str:
    etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        return Answer(None, etag, modified)
    if answer.status_code in _MOVED:
        return str(answer.headers.get("Location", ""))
    if answer.status_code != httpx.codes.OK:
        return Broken("http-status", str(answer.status_code))
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        return Broken("packed", answer.headers["Content-Encoding"][:40])
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            return Broken("oversize", f"> {MOST_BYTES:,} B")
    return Answer(bytes(body), etag, modified)

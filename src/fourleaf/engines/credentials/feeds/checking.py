# SPDX-License-Identifier: Apache-2.0
"""Checking: ask the outside system about holders, only where the installation allows it. What does not answer is asked again, ever
later, and at last counts as unknown: no queue waits for it, for a person may always check by hand."""

import asyncio
import re
import socket
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec

from fourleaf.engines.credentials import rules, store
from fourleaf.engines.credentials.actions.issuing import ACTOR
from fourleaf.engines.credentials.actions.writing import Asked, change
from fourleaf.engines.credentials.declares import BackgroundCheck
from fourleaf.kernel.outside import Outside, is_allowed
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.vault.persons import Vault

# So many at once, and so many noted in one look.
AT_ONCE, NOTED = 20, 1_000
# Unit: seconds of wall time until it is asked again: doubled each time.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 3600.0
MOST_BYTES = 64 * 1024
_PORTS = {"https": 443, "http": 80}
_REFERENCE = re.compile(r"[A-Za-z0-9._:-]{0,64}")


class Reply(msgspec.Struct, frozen=True):
    """What the outside system says. reference: its own id of the check."""

    answer: Literal["clear", "hit", "unknown"]
    reference: str = ""


class Due(NamedTuple):
    credential: str
    holder: str
    type: str
    failures: int


async def check_due(site: Site, outside: Outside) -> int:
    """Ask about everybody that is due. Gives how many were asked."""
    async with site.connection() as connection:
        checkers = await store.checkers(connection)
        if not checkers or outside.persons is None:
            return 0
        await store.queue_checks(connection, list(checkers), NOTED)
        due = [Due(*one) for one in await store.due_checks(connection, AT_ONCE)]
    vault: Vault = outside.persons(site)
    await asyncio.gather(
        *(_check(site, outside, vault, checkers[one.type], one) for one in due if one.type in checkers)
    )
    return len(due)


async def _check(site: Site, outside: Outside, vault: Vault, checker: BackgroundCheck, due: Due) -> None:
    async with site.connection() as connection:
        told = await vault.get(connection, [due.holder], checker.tells, actor=ACTOR, purpose=checker.purpose)
    if isinstance(told, Refusal):  # erased meanwhile, or the keys are away: nobody can be asked about
        reply: Reply | None = Reply("unknown")
    else:
        holder = told.get(due.holder, {})
        reply = await ask(checker, outside, {"credential": due.credential, "category": due.type, "holder": holder})
    if reply is None and due.failures + 1 < checker.tries:
        after = min(FIRST_PAUSE_S * 2**due.failures, LONGEST_PAUSE_S)
        async with site.connection() as connection:
            await store.ask_again(connection, due.credential, after)
        return
    await _record(site, due.credential, reply or Reply("unknown"))


async def _record(site: Site, name: str, reply: Reply) -> None:
    """One answer is one fact; what has left the stage meanwhile needs none."""
    reference = reply.reference if _REFERENCE.fullmatch(reply.reference) else ""
    asked = Asked(principal=Principal(id=ACTOR), request_id=f"check:{name}:{reply.answer}:{reference}", given=[])
    await change(site, asked, name, lambda one, book, now: rules.check(one, reply.answer, reference))
    async with site.connection() as connection:
        await store.answered(connection, name)


async def ask(checker: BackgroundCheck, outside: Outside, sent: Mapping[str, Any]) -> Reply | None:
    """One answer; None for anything a server or a network can do instead. Where it leads us is not followed."""
    try:
        async with asyncio.timeout(checker.timeout_s):
            return await _post(checker.url, outside, sent)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, msgspec.MsgspecError):
        return None


async def _post(url: str, outside: Outside, sent: Mapping[str, Any]) -> Reply | None:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if not outside.may_ask(host, port):
        return None
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_allowed(address, outside.private) for address in addresses):
        return None
    # The address that was looked at is the one that is asked; the certificate is checked against the name.
    there = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream(
            "POST",
            f"{parts.scheme}://{there}:{port}{parts.path or '/'}",
            content=msgspec.json.encode(sent),
            headers={"Host": f"{host}:{port}", "Content-Type": "application/json", "User-Agent": "fourleaf-check"},
            extensions={"sni_hostname": host},
        ) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            return None
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                return None
    return msgspec.json.decode(bytes(body), type=Reply)

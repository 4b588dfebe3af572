# SPDX-License-Identifier: Apache-2.0
"""Door: which device the broker lets in, and which it lets go: a revoked one, and one that floods."""

import asyncio
import hmac
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

import msgspec
import psycopg
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error

from fourleaf.app.intake import WAITING
from fourleaf.app.sites import Sites
from fourleaf.engines.sensing import actions, rules, store
from fourleaf.messaging import callout
from fourleaf.messaging.callout import Asked
from fourleaf.messaging.connections import Connected, connected, cut
from fourleaf.messaging.log import Reader, Refused, read
from fourleaf.messaging.names import COMMANDS, Name, of_user
from fourleaf.messaging.server import DEVICES
from fourleaf.postgres.journal import Site
from fourleaf.standards.nkeys import AccountKey

log = logging.getLogger("fourleaf.worker")

LOOK_EVERY_S = 1.0
# More than a device has to say: one that sends more for several looks is told, cut off, and kept out for a while.
MESSAGES_A_S = 200.0
PATIENT_LOOKS = 3
KEPT_OUT_S = 30.0
# A device that was let in and then tries what it may not so often between two looks floods us as well.
FORBIDDEN_A_LOOK = 50
# Questions under way at once: after the broker was away all devices come back together.
AT_ONCE = 4


class Verdict(NamedTuple):
    """why: None when the device may come in. noted: whether it is a device that we know, so that it is counted as refused."""

    why: str | None
    noted: bool = False


class Seen(NamedTuple):
    messages: int
    at: float
    fast: int


class Door:
    """asks: the line on which the broker asks; watch: the line to watch and cut connections by."""

    def __init__(self, sites: Sites, key: AccountKey, asks: Client, watch: Client, tells: Client, log: Reader) -> None:
        self._sites, self._key, self._asks, self._watch, self._tells = sites, key, asks, watch, tells
        self._log = log
        self._places = asyncio.Semaphore(AT_ONCE)
        self._answering: set[asyncio.Task[None]] = set()
        self._seen: dict[tuple[str, int], Seen] = {}
        self._out: dict[Name, float] = {}
        # The hash of the secret that each device came in with: a new secret ends the connection of the old one.
        self._entered: dict[Name, bytes] = {}
        # When each was last told to test itself.
        self._tests: dict[Name, datetime] = {}
        self.inside = 0

    async def open(self) -> None:
        """From now on devices are let in."""
        await self._asks.subscribe(callout.SUBJECT, queue="door", cb=self._asked)

    async def watch(self) -> None:
        while True:
            try:
                await self._look()
            except (*WAITING, psycopg.Error, Error, OSError, TimeoutError) as problem:
                log.warning("the door looks again: %s: %s", type(problem).__name__, problem)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _asked(self, message: Msg) -> None:
        task = asyncio.create_task(self._answer(message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, message: Msg) -> None:
        """Without an answer the broker refuses by itself after three seconds: so it is when the database is away."""
        try:
            question = callout.asked(message.data)
        except (ValueError, msgspec.MsgspecError) as problem:
            log.error("a question of the broker cannot be read: %s", problem)
            return
        name = of_user(question.user)
        async with self._places:
            try:
                verdict = await self._judge(question, name)
                if name and verdict.why and verdict.noted:
                    await self._note(name, verdict.why, f"MQTT {question.client_id[:40]}", 1)
            except (*WAITING, psycopg.Error) as problem:
                log.warning("a device waits at the door: %s: %s", type(problem).__name__, problem)
                return
        now = datetime.now(UTC)
        if verdict.why or name is None:
            answer = callout.keep_out(self._key, question, verdict.why or "name", now)
        else:
            answer = callout.let_in(self._key, question, name, DEVICES, now)
        await message.respond(answer)

    async def _judge(self, question: Asked, name: Name | None) -> Verdict:
        if name is None or question.kind != "mqtt":
            return Verdict("no-device")
        if self._out.get(name, 0.0) > monotonic():
            return Verdict("flooding")
        site = await self._sites.of(name.run)
        if site is None:
            return Verdict("unknown-run")
        async with site.connection() as connection:
            found = await store.credential(connection, name.run, name.device)
        if found.revoked or found.hash is None:
            return Verdict("revoked" if found.revoked else "unknown-device", found.revoked)
        if not hmac.compare_digest(rules.devices.hash_of(question.secret), found.hash):
            return Verdict("wrong-secret", noted=True)
        if question.client_id != name.client_id:
            return Verdict("wrong-client-id", noted=True)
        self._entered[name] = found.hash
        return Verdict(None)

    async def _look(self) -> None:
        here = await connected(self._watch)
        self.inside = len(here)
        refused = Counter(read(await asyncio.to_thread(self._log.more)))
        for one, times in refused.items():
            await self._note(one.name, one.reason, one.about, times)
        await asyncio.to_thread(self._log.done)
        await self._cut_floods(here, _by_name(refused))
        await self._look_after(here)

    async def _cut_floods(self, here: Sequence[Connected], forbidden: Mapping[Name, int]) -> None:
        now, seen = monotonic(), dict[tuple[str, int], Seen]()
        for one in here:
            before = self._seen.get(one[:2], Seen(one.messages, now, 0))
            pace = (one.messages - before.messages) / max(now - before.at, 0.001)
            fast = before.fast + 1 if pace > MESSAGES_A_S else 0
            seen[one[:2]] = Seen(one.messages, now, fast)
            if fast >= PATIENT_LOOKS or forbidden.get(one.name, 0) > FORBIDDEN_A_LOOK:
                await self._put_out(one, f"{pace:.0f}/s")
        self._seen = seen
        self._out = {name: until for name, until in self._out.items() if until > now}

    async def _put_out(self, one: Connected, pace: str) -> None:
        told = msgspec.json.encode({"refused": "flooding", "again_in_s": KEPT_OUT_S, "most_per_s": MESSAGES_A_S})
        await self._tells.publish(one.name.subject(COMMANDS), told)
        await self._tells.flush()
        self._out[one.name] = monotonic() + KEPT_OUT_S
        await cut(self._watch, one)
        await self._note(one.name, "flooding", pace, 1)

    async def _look_after(self, here: Sequence[Connected]) -> None:
        by_run: dict[str, list[Connected]] = {}
        for one in here:
            by_run.setdefault(one.name.run, []).append(one)
        for run, some in by_run.items():
            site = await self._sites.of(run)
            hashes, tests = await _standing(site, {one.name.device for one in some}) if site else ({}, {})
            for one in some:
                own = hashes.get(one.name.device)
                if own is None or self._entered.setdefault(one.name, own) != own:
                    await cut(self._watch, one)
                elif asked_at := tests.get(one.name.device):
                    await self._ask_for_test(one.name, asked_at)
        self._entered = {one.name: self._entered[one.name] for one in here if one.name in self._entered}

    async def _ask_for_test(self, name: Name, asked_at: datetime) -> None:
        """Once, while it is connected; a device that comes later is told then."""
        if self._tests.get(name) != asked_at:
            await self._tells.publish(name.subject(COMMANDS), msgspec.json.encode({"ask": ["self-test"]}))
            self._tests[name] = asked_at

    async def _note(self, name: Name, reason: str, about: str, times: int) -> None:
        site = await self._sites.of(name.run)
        if site is not None:
            await actions.note_refused(site, name.device, reason, about, times)


async def _standing(site: Site, names: set[str]) -> tuple[dict[str, bytes], dict[str, datetime]]:
    """The hashes of the secrets of these devices, and who of them is to test itself since when. Without a secret: revoked."""
    async with site.connection() as connection:
        hashes = await store.devices.hashes(connection, site.run.run, names)
        devices = await store.devices.devices(connection, names)
    return hashes, {name: one.test_asked_at for name, one in devices.items() if one.test_asked_at}


def _by_name(refused: Mapping[Refused, int]) -> dict[Name, int]:
    found = Counter[Name]()
    for one, times in refused.items():
        found[one.name] += times
    return found

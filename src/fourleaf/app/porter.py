# SPDX-License-Identifier: Apache-2.0
"""Porter: answers the broker's question who may come in; many strangers at once hold up nobody whose secret is right."""

import asyncio
import hmac
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

import msgspec
import psycopg
from nats.aio.client import Client
from nats.aio.msg import Msg

from fourleaf.app.intake import WAITING
from fourleaf.app.sites import Sites
from fourleaf.app.tasks import until_one_ends
from fourleaf.app.turns import Turns
from fourleaf.engines.sensing import rules, store
from fourleaf.engines.sensing.rules.intake import Refused
from fourleaf.engines.sensing.store import Credential
from fourleaf.messaging import callout
from fourleaf.messaging.callout import Asked
from fourleaf.messaging.names import Name, of_user
from fourleaf.messaging.server import ASK_FOR_S, DEVICES
from fourleaf.standards.nkeys import AccountKey

log = logging.getLogger("fourleaf.worker")

# Those whose secret is in the book: after the broker was away all devices come back together, each once or twice.
KNOWN_AT_ONCE, MOST_KNOWN, OF_ONE_NAME = 100, 20_000, 3
# All others: 500 a second are looked up. An answer costs a third of a millisecond, in the process that also draws the wall.
STRANGERS_AT_ONCE, STRANGERS_EVERY_S, MOST_STRANGERS, OF_ONE_ADDRESS = 50, 0.1, 10_000, 1_000
# How old the book may be when a stranger comes: a device that was enrolled since is a stranger for so long.
BOOK_HOLDS_S = 1.0


class Verdict(NamedTuple):
    """why: None when the device may come in. noted: whether it is a device that we know, so that it is counted as refused."""

    why: str | None
    noted: bool = False


class Caller(NamedTuple):
    """hash: of the secret that he brings. name: whose he says he is; None when it is nobody's. at: when he came."""

    question: Asked
    message: Msg
    name: Name | None
    hash: bytes
    at: float


class Porter:
    """out: who is kept out until when. entered: the hash each came in with. refused: since it was last emptied."""

    def __init__(self, sites: Sites, key: AccountKey, asks: Client, unanswered: Counter[str]) -> None:
        self._sites, self._key, self._asks, self._unanswered = sites, key, asks, unanswered
        self._known = Turns[Caller](most=MOST_KNOWN, of_each=OF_ONE_NAME)
        self._strangers = Turns[Caller](most=MOST_STRANGERS, of_each=OF_ONE_ADDRESS)
        self._came = asyncio.Event()
        self._strangers_came = asyncio.Event()
        # Of every run that somebody called: the hash of each device's secret, and when they were read.
        self._book: dict[str, tuple[Mapping[str, bytes], float]] = {}
        self.out: dict[Name, float] = {}
        self.entered: dict[Name, bytes] = {}
        self.refused: dict[tuple[Name, str], Refused] = {}

    async def open(self) -> None:
        """From now on devices are let in, once somebody works."""
        await self._asks.subscribe(callout.SUBJECT, queue="door", cb=self._asked)

    async def work(self) -> None:
        await until_one_ends([asyncio.create_task(self._serve_known()), asyncio.create_task(self._serve_strangers())])

    async def _asked(self, message: Msg) -> None:
        try:
            question = callout.asked(message.data)
        except (ValueError, msgspec.MsgspecError) as problem:
            log.error("a question of the broker cannot be read: %s", problem)
            return
        name = of_user(question.user) if question.kind == "mqtt" else None
        self._wait(Caller(question, message, name, rules.devices.hash_of(question.secret), monotonic()))

    def _wait(self, caller: Caller) -> None:
        """Without an answer the broker refuses by itself after three seconds: so it is when there is no room."""
        name = caller.name
        if name and self._is_known(name, caller.hash):
            took = self._known.add(name.user, caller)
            self._came.set()
        else:
            took = self._strangers.add(caller.question.host, caller)
            self._strangers_came.set()
        if not took:
            self._unanswered["dropped callers"] += 1

    def _is_known(self, name: Name, hash: bytes) -> bool:
        book = self._book.get(name.run)
        own = book[0].get(name.device) if book else None
        return own is not None and hmac.compare_digest(own, hash)

    async def _serve_known(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            while some := self._known.take(KNOWN_AT_ONCE):
                await self._answer_all(some)

    async def _serve_strangers(self) -> None:
        """Look into the book anew before they are looked up: whoever is in it goes first."""
        while True:
            await self._strangers_came.wait()
            self._strangers_came.clear()
            while some := self._strangers.take(STRANGERS_AT_ONCE):
                await self._read_book({caller.name.run for caller in some if caller.name})
                await self._answer_all(some)
                await asyncio.sleep(STRANGERS_EVERY_S)

    async def _read_book(self, runs: Iterable[str]) -> None:
        """Then let those of the strangers who are in it go first."""
        now, read = monotonic(), False
        for run in runs:
            if run in self._book and now - self._book[run][1] < BOOK_HOLDS_S:
                continue
            try:
                site = await self._sites.of(run)
                if site is None:
                    self._book.pop(run, None)
                    continue
                async with site.connection() as connection:
                    self._book[run] = (await store.devices.hashes(connection, run), now)
                    read = True
            except (*WAITING, psycopg.Error) as problem:
                log.warning("the book of a run waits: %s: %s", type(problem).__name__, problem)
        if read:
            for caller in self._strangers.take(len(self._strangers)):
                self._wait(caller)

    async def _answer_all(self, callers: list[Caller]) -> None:
        """Two queries for all of one run. Whoever the broker has sent away meanwhile is not looked up."""
        here = [caller for caller in callers if monotonic() - caller.at < ASK_FOR_S]
        self._unanswered["dropped callers"] += len(callers) - len(here)
        by_run: dict[str, list[Caller]] = {}
        for caller in here:
            by_run.setdefault(caller.name.run if caller.name else "", []).append(caller)
        for run, some in by_run.items():
            try:
                credentials = await self._credentials(run, {one.name.device for one in some if one.name})
            except (*WAITING, psycopg.Error) as problem:
                log.warning("devices wait at the door: %s: %s", type(problem).__name__, problem)
                self._unanswered["dropped callers"] += len(some)
                continue
            for caller in some:
                await self._answer(caller, self._judge(caller, credentials))
                # A flood of questions must not be all that this process does.
                await asyncio.sleep(0)

    async def _credentials(self, run: str, names: set[str]) -> Mapping[str, Credential] | None:
        """None when there is no such run."""
        site = await self._sites.of(run) if run else None
        if site is None:
            return None
        async with site.connection() as connection:
            return await store.devices.credentials(connection, run, names)

    def _judge(self, caller: Caller, credentials: Mapping[str, Credential] | None) -> Verdict:
        if caller.name is None:
            return Verdict("no-device")
        if self.out.get(caller.name, 0.0) > monotonic():
            return Verdict("flooding")
        if credentials is None:
            return Verdict("unknown-run")
        found = credentials[caller.name.device]
        if found.revoked or found.hash is None:
            return Verdict("revoked" if found.revoked else "unknown-device", found.revoked)
        if not hmac.compare_digest(caller.hash, found.hash):
            return Verdict("wrong-secret", noted=True)
        if caller.question.client_id != caller.name.client_id:
            return Verdict("wrong-client-id", noted=True)
        return Verdict(None)

    async def _answer(self, caller: Caller, verdict: Verdict) -> None:
        now = datetime.now(UTC)
        if verdict.why or caller.name is None:
            if caller.name and verdict.why and verdict.noted:
                before = self.refused.get((caller.name, verdict.why))
                times, about = (before.times if before else 0) + 1, f"MQTT {caller.question.client_id[:40]}"
                self.refused[caller.name, verdict.why] = Refused(times, about)
            answer = callout.keep_out(self._key, caller.question, verdict.why or "name", now)
        else:
            self.entered[caller.name] = caller.hash
            answer = callout.let_in(self._key, caller.question, caller.name, DEVICES, now)
        await caller.message.respond(answer)

# SPDX-License-Identifier: Apache-2.0
"""Door: which devices are connected, and which of them the broker lets go: a revoked one, and one that floods."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import NamedTuple

import msgspec
import psycopg
from nats.aio.client import Client
from nats.errors import Error

from fourleaf.app.intake import WAITING
from fourleaf.app.porter import Porter
from fourleaf.app.sites import Sites
from fourleaf.app.tasks import until_one_ends
from fourleaf.engines.sensing import actions, store
from fourleaf.engines.sensing.rules import intake as sensing
from fourleaf.messaging.connections import Connected, connected, cut
from fourleaf.messaging.log import Reader, Refused, read
from fourleaf.messaging.names import COMMANDS, Name
from fourleaf.postgres.journal import Site
from fourleaf.standards.nkeys import AccountKey

log = logging.getLogger("fourleaf.worker")

LOOK_EVERY_S = 1.0
# More than a device has to say: one that sends more for several looks is told, cut off, and kept out for a while.
MESSAGES_A_S = 200.0
PATIENT_LOOKS = 3
KEPT_OUT_S = 30.0
HEARD_WITHIN_S = 0.2
# A device that was let in and then tries what it may not so often between two looks floods us as well.
FORBIDDEN_A_LOOK = 50


class Lines(NamedTuple):
    """To the broker: to say something to devices, to be asked who may come in, to watch who is there."""

    post: Client
    asks: Client
    watch: Client


class Seen(NamedTuple):
    messages: int
    at: float
    fast: int


class Door:
    """taken: what became of messages and callers, told beside the picture."""

    def __init__(self, sites: Sites, key: AccountKey, lines: Lines, log: Reader, taken: Counter[str]) -> None:
        self._sites, self._watch, self._tells, self._log = sites, lines.watch, lines.post, log
        self._porter = Porter(sites, key, lines.asks, taken)
        self._seen: dict[tuple[str, int], Seen] = {}
        # When each was last told to test itself.
        self._tests: dict[Name, datetime] = {}
        self.inside = 0

    async def open(self) -> None:
        """From now on devices may ask to be let in."""
        await self._porter.open()

    async def work(self) -> None:
        await until_one_ends([asyncio.create_task(self._porter.work()), asyncio.create_task(self._watch_over())])

    async def _watch_over(self) -> None:
        while True:
            try:
                await self._look()
            except (*WAITING, psycopg.Error, Error, OSError, TimeoutError) as problem:
                log.warning("the door looks again: %s: %s", type(problem).__name__, problem)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        here = await connected(self._watch)
        self.inside = len(here)
        refused = Counter(read(await asyncio.to_thread(self._log.more)))
        await self._note(_told(refused))
        turned_away, self._porter.refused = self._porter.refused, {}
        await self._note(turned_away)
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
        self._porter.out = {name: until for name, until in self._porter.out.items() if until > now}

    async def _put_out(self, one: Connected, pace: str) -> None:
        told = msgspec.json.encode({"refused": "flooding", "again_in_s": KEPT_OUT_S, "most_per_s": MESSAGES_A_S})
        await self._tells.publish(one.name.subject(COMMANDS), told)
        await self._tells.flush()
        await asyncio.sleep(HEARD_WITHIN_S)  # the broker ends a connection with what it has not sent yet
        self._porter.out[one.name] = monotonic() + KEPT_OUT_S
        await cut(self._watch, one)
        await self._note({(one.name, "flooding"): sensing.Refused(1, pace)})

    async def _look_after(self, here: Sequence[Connected]) -> None:
        by_run: dict[str, list[Connected]] = {}
        for one in here:
            by_run.setdefault(one.name.run, []).append(one)
        for run, some in by_run.items():
            site = await self._sites.of(run)
            hashes, tests = await _standing(site, {one.name.device for one in some}) if site else ({}, {})
            for one in some:
                own = hashes.get(one.name.device)
                if own is None or self._porter.entered.setdefault(one.name, own) != own:
                    await cut(self._watch, one)
                elif asked_at := tests.get(one.name.device):
                    await self._ask_for_test(one.name, asked_at)
        entered = self._porter.entered
        self._porter.entered = {one.name: entered[one.name] for one in here if one.name in entered}

    async def _ask_for_test(self, name: Name, asked_at: datetime) -> None:
        """Once, while it is connected; a device that comes later is told then."""
        if self._tests.get(name) != asked_at:
            await self._tells.publish(name.subject(COMMANDS), msgspec.json.encode({"ask": ["self-test"]}))
            self._tests[name] = asked_at

    async def _note(self, refused: Mapping[tuple[Name, str], sensing.Refused]) -> None:
        """Two queries a run, however many they are."""
        by_run: dict[str, dict[tuple[str, str], sensing.Refused]] = {}
        for (name, reason), one in refused.items():
            by_run.setdefault(name.run, {})[name.device, reason] = one
        for run, some in by_run.items():
            site = await self._sites.of(run)
            if site is not None:
                await actions.note_refusals(site, some)


async def _standing(site: Site, names: set[str]) -> tuple[dict[str, bytes], dict[str, datetime]]:
    """The hashes of the secrets of these devices, and who of them is to test itself since when. Without a secret: revoked."""
    async with site.connection() as connection:
        hashes = await store.devices.hashes(connection, site.run.run, names)
        devices = await store.devices.devices(connection, names)
    return hashes, {name: one.test_asked_at for name, one in devices.items() if one.test_asked_at}


def _told(refused: Mapping[Refused, int]) -> dict[tuple[Name, str], sensing.Refused]:
    """What the log tells, by device and reason; of several the last is named."""
    found: dict[tuple[Name, str], sensing.Refused] = {}
    for one, times in refused.items():
        before = found.get((one.name, one.reason))
        found[one.name, one.reason] = sensing.Refused(times + (before.times if before else 0), one.about)
    return found


def _by_name(refused: Mapping[Refused, int]) -> dict[Name, int]:
    found = Counter[Name]()
    for one, times in refused.items():
        found[one.name] += times
    return found

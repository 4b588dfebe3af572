# SPDX-License-Identifier: Apache-2.0
"""Doors: how the counters of hall doors report: each by MQTT under its own name, or all over HTTP where there is no broker."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic
from typing import Any, Protocol

import aiomqtt

from rehearsal.client import Client, Rejected

# A message holds at most 16 KB; a minute of a door takes about 80 bytes.
MINUTES_AT_ONCE = 150
ANSWER_FOR_S = 10.0
# A farewell that is not answered by then is not waited for: the broker may be ending too.
FAREWELL_S = 1.0
# What is sent last is kept within a moment, unless the database is away.
KEPT_WITHIN_S = 20.0
AGAIN_S = 0.5
LONGEST_PAUSE_S = 10.0
# Every door enrols before the first report: so many at once.
ENROLLING = 8

Counts = Sequence[Mapping[str, Any]]


class Doors(Protocol):
    """Whatever brings the counts of a door to the server. Gives how many minutes were new, and how many known before."""

    async def report(self, door: int, sequence: int, counts: Counts) -> tuple[int, int]: ...
    async def kept(self, sent: int) -> int | None: ...
    async def close(self) -> None: ...


class HttpDoors:
    """Over HTTP, as integrators do it."""

    def __init__(self, client: Client, tokens: Sequence[str]) -> None:
        self._client, self._tokens = client, tokens

    async def report(self, door: int, sequence: int, counts: Counts) -> tuple[int, int]:
        answer = await self._client.report_door(self._tokens[door], {"sequence": sequence, "counts": counts})
        return int(answer["accepted"]), int(answer["duplicates"])

    async def kept(self, sent: int) -> int | None:
        """The answers have told it already."""
        return None

    async def close(self) -> None:
        """The client is not ours to close."""


class Device:
    """One device and its connection, made when there is something to say and made again when it is lost."""

    def __init__(self, how: Mapping[str, Any], secret: str) -> None:
        self._how, self._secret = how, secret
        self._line: aiomqtt.Client | None = None
        self.lost = 0

    async def say(self, body: bytes) -> None:
        """Return when the broker has acknowledged it, however long that takes."""
        pause = AGAIN_S
        while True:
            try:
                line = self._line or await self._connect()
                await line.publish(self._how["topics"]["readings"], body, qos=1, timeout=ANSWER_FOR_S)
            except aiomqtt.MqttError:
                await self.close()
                self.lost += 1
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                return

    async def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.timeout = FAREWELL_S
            with suppress(aiomqtt.MqttError):
                await line.__aexit__(None, None, None)

    async def _connect(self) -> aiomqtt.Client:
        how = self._how
        line = aiomqtt.Client(
            how["host"],
            how["port"],
            username=how["user"],
            password=self._secret,
            identifier=how["client_id"],
            protocol=aiomqtt.ProtocolVersion.V311,
            tls_params=aiomqtt.TLSParameters() if how["tls"] else None,
            timeout=ANSWER_FOR_S,
        )
        await line.__aenter__()
        self._line = line
        return line


class MqttDoors:
    """By MQTT. What the server keeps of it is not told to a device: every minute counts as new here."""

    def __init__(self, client: Client, devices: Sequence[Device]) -> None:
        self._client, self._devices = client, devices

    async def report(self, door: int, sequence: int, counts: Counts) -> tuple[int, int]:
        """The number of a minute is its sequence, and the same when it is told again."""
        first = sequence - len(counts)
        for start in range(0, len(counts), MINUTES_AT_ONCE):
            points = [
                {"s": first + number, "t": count["minute"], "q": {"in": count["in"], "out": count["out"]}}
                for number, count in enumerate(counts[start : start + MINUTES_AT_ONCE], start)
            ]
            await self._devices[door].say(json.dumps(points).encode())
        return len(counts), 0

    async def kept(self, sent: int) -> int | None:
        """Minutes that the server has of all doors, once it has taken in what was sent; None where we may not see it."""
        until = monotonic() + KEPT_WITHIN_S
        while True:
            mine = [one for one in await self._client.devices() if one["device"].startswith("door:")]
            if not mine:
                return None
            if sum(one["kept"] + one["doubled"] for one in mine) >= sent or monotonic() > until:
                return sum(int(one["kept"]) for one in mine)
            await asyncio.sleep(AGAIN_S)

    async def close(self) -> None:
        await asyncio.gather(*(device.close() for device in self._devices))


async def open_doors(
    client: Client, names: Sequence[str], tokens: Mapping[str, Mapping[str, str]], kept: Path
) -> Doors:
    """Enrol every door with its one-time code; HTTP where there are no codes, or no broker. kept: the file of the secrets."""
    codes = tokens.get("codes", {})
    how = await client.mqtt(f"door:{names[0]}") if codes else None
    if how is None:
        return HttpDoors(client, [tokens["doors"][name] for name in names])
    known = _read(kept)
    fresh = {name: token_urlsafe(32) for name in names if name not in known}
    if fresh:
        # Kept before the codes are spent: whenever we are killed, the doors come back with the same secrets.
        known |= fresh
        _write(kept, known)
    places = asyncio.Semaphore(ENROLLING)

    async def enrolled(name: str) -> Device:
        async with places:
            try:
                await client.enrol(f"door:{name}", codes[name], known[name])
            except Rejected:
                if name in fresh:
                    raise
                # Revoked, or enrolled anew by somebody else: the others go on, and the desk sees that this one is silent.
            own = await client.mqtt(f"door:{name}")
        assert own is not None
        return Device(own, known[name])

    return MqttDoors(client, await asyncio.gather(*map(enrolled, names)))


def _read(file: Path) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept


def _write(file: Path, known: Mapping[str, str]) -> None:
    """Whole or not at all, and for its owner alone: a code works once, so a lost secret is a lost device."""
    fresh = file.with_name(file.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(known, opened)
    fresh.replace(file)

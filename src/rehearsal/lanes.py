# SPDX-License-Identifier: Apache-2.0
"""Lanes: their heartbeats by MQTT, each under its own name; what passes at them goes over HTTP, for it needs an answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from math import pi, sin
from typing import Any

import aiomqtt
import numpy as np

from rehearsal import parameters as p
from rehearsal.act import say
from rehearsal.client import Client, Reading, Rejected
from rehearsal.doors import Device
from rehearsal.plan import DayPlan

POLL_S = 0.5
# A lane beats once a minute, and at speed no more often than every two seconds of ours.
BEAT_S, WALL_S = 60, 2.0
# So many lanes are asked for their address, and say something, at once.
AT_ONCE = 16
MINUTE_S = 60

Clock = Callable[[], Awaitable[Reading]]


class Lane(Device):
    """One lane device: beats, and tests itself when it is told to."""

    def __init__(self, how: Mapping[str, Any], secret: str) -> None:
        super().__init__(how, secret)
        self.test_asked = False
        self._listening: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None
        await super().close()

    async def _connect(self) -> aiomqtt.Client:
        line = await super()._connect()
        await line.subscribe(self._how["topics"]["commands"], qos=1)
        self._listening = asyncio.create_task(self._listen(line))
        return line

    async def _listen(self, line: aiomqtt.Client) -> None:
        with suppress(aiomqtt.MqttError):
            async for message in line.messages:
                if b"self-test" in bytes(message.payload):
                    self.test_asked = True


class Telemetry:
    """What each lane says at a second of the day. Pure: same plan, same words."""

    def __init__(self, plan: DayPlan) -> None:
        lanes = range(len(plan.venue.lanes))
        self._plan = plan
        self._passed = [plan.passages.at[plan.passages.lane == lane] for lane in lanes]
        drawn = np.random.default_rng([plan.seed, plan.day.toordinal(), 8]).random(len(self._passed))
        self._loses = (drawn < p.LANES_THAT_FALL_SILENT.value) | (drawn == drawn.min(initial=1.0))
        # One after the other: when the first is mended the next is not yet lost.
        turn = np.cumsum(self._loses) - 1
        self._from = plan.hours.gates_open + p.SILENT_FROM.value * 3600 + turn * 2 * p.SILENT_FOR.value * MINUTE_S

    def is_silent(self, lane: int, second: int) -> bool:
        """Whether it has lost its line: it says nothing, and what passes there goes on."""
        since = second - float(self._from[lane])
        return bool(self._loses[lane]) and 0 <= since < p.SILENT_FOR.value * MINUTE_S

    def point(self, lane: int, second: int) -> dict[str, Any]:
        """The number of a beat is the second of the day: the same when it is told again. Unit: raw counts of the sample."""
        upto = int(np.searchsorted(self._passed[lane], second, side="right"))
        lately = upto - int(np.searchsorted(self._passed[lane], second - MINUTE_S, side="right"))
        a_minute = lately / self._plan.sample
        queue = max(0, round(a_minute - p.LANE_A_MINUTE.value))
        warm = 22 + 9 * sin(max(0.0, second / 3600 - 7) / 11 * pi) + lane % 5
        return {
            "s": second,
            "t": self._plan.moment(second).isoformat(),
            "q": {"passages": upto, "queue": queue, "celsius": round(warm, 1)},
        }


async def open_lanes(client: Client, names: Sequence[str], tokens: Mapping[str, Mapping[str, str]]) -> list[Lane]:
    """Enrol every lane with the token it passes people with; none where there is no broker, or no such devices are listed."""
    listed = {one["device"] for one in await client.devices()}
    if f"lane:{names[0]}" not in listed or await client.mqtt(f"lane:{names[0]}") is None:
        say("info", "lanes do not beat: no broker, or no such devices")
        return []
    places, codes = asyncio.Semaphore(AT_ONCE), tokens.get("lane_codes", {})

    async def made(name: str) -> Lane:
        async with places:
            with suppress(Rejected, KeyError):  # revoked, or of a run without codes: the desk sees that it is silent
                await client.enrol(f"lane:{name}", codes[name], tokens["lanes"][name])
            how = await client.mqtt(f"lane:{name}")
        assert how is not None
        return Lane(how, tokens["lanes"][name])

    return list(await asyncio.gather(*map(made, names)))


class Beats:
    """All lanes of a run, each saying one thing at a time; what could not be said is not said later."""

    def __init__(self, lanes: Sequence[Lane], telemetry: Telemetry, opens: int) -> None:
        self._lanes, self._telemetry = lanes, telemetry
        self._due = [opens] * len(lanes)
        self._saying: dict[int, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def work(self, clock: Clock) -> None:
        """Beat until the run is over."""
        try:
            while self._lanes:
                reading = await clock()
                self._beat(_second(reading), reading.speed)
                if reading.state == "finished":
                    return
                await asyncio.sleep(POLL_S)
        finally:
            for task in self._saying.values():
                task.cancel()
            ends = (*self._saying.values(), *(lane.close() for lane in self._lanes))
            await asyncio.gather(*ends, return_exceptions=True)

    def _beat(self, second: int, speed: float) -> None:
        """Start what is due, the lanes one after another through the interval."""
        every = max(BEAT_S, round(speed * WALL_S))
        for lane, at in enumerate(self._due):
            if second < at:
                continue
            self._due[lane] = second - (second - lane * every // len(self._due)) % every + every
            if lane not in self._saying and not self._telemetry.is_silent(lane, second):
                task = self._saying[lane] = asyncio.create_task(self._say(lane, second))
                task.add_done_callback(partial(self._said, lane))

    def _said(self, lane: int, task: asyncio.Task[None]) -> None:
        del self._saying[lane]

    async def _say(self, lane: int, second: int) -> None:
        device, point = self._lanes[lane], self._telemetry.point(lane, second)
        async with self._places:
            if device.test_asked:
                device.test_asked, point["test"] = False, {"ok": True, "note": "rehearsal"}
            await device.say(json.dumps(point).encode())


def _second(reading: Reading) -> int:
    now = reading.now.astimezone(p.ZONE)
    return now.hour * 3600 + now.minute * 60 + now.second

# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the server that keeps the HTTP contract in memory, steps its clock and fails on order."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx

from rehearsal import parameters as p
from rehearsal.venue import Gate, Hall, Venue

RUN = "ciie-7.r1"
OPENS = datetime(2024, 11, 5, 8, 30, tzinfo=p.ZONE)
CLOSES = datetime(2024, 11, 5, 18, 0, tzinfo=p.ZONE)
HALLS = ["1.1", "1.2", "2.1", "2.2", "3", "4.1", "4.2", "5.1", "5.2", "6.1", "6.2", "7.1", "7.2", "8.1", "8.2", "NH"]
LANES = {"E": 16, "G12": 4, "G13": 3, "N": 18, "S": 10, "W-L1": 26, "W-L2": 30}


def a_venue(doors: int = 4) -> Venue:
    """The halls and gates of the fair with 107 lanes."""
    return Venue(
        gates=tuple(Gate(id=g, lanes=tuple(f"{g}-{n:02}" for n in range(count))) for g, count in LANES.items()),
        halls=tuple(
            Hall(id=h, doors=tuple(f"{h}-D{n}" for n in range(doors)), area_m2=9_000 if h in ("3", "NH") else 27_000)
            for h in HALLS
        ),
    )


def tokens_of(venue: Venue) -> dict[str, dict[str, str]]:
    """One token per lane and door."""
    return {"lanes": {i: f"lane:{i}" for i in venue.lanes}, "doors": {i: f"door:{i}" for i in venue.doors}}


def venue_json(venue: Venue) -> dict[str, Any]:
    """The venue as the server would say it."""

    def feature(of: str, **properties: object) -> dict[str, Any]:
        return {"type": "Feature", "id": of, "geometry": None, "properties": properties}

    features = {
        "gate": [feature(gate.id) for gate in venue.gates],
        "lane": [feature(lane, gate=gate.id) for gate in venue.gates for lane in gate.lanes],
        "hall": [feature(hall.id, area_m2=hall.area_m2) for hall in venue.halls],
        "door": [feature(door, hall=hall.id) for hall in venue.halls for door in hall.doors],
    }
    collections = {kind: {"type": "FeatureCollection", "features": found} for kind, found in features.items()}
    return {"hash": "h", "levels": [], "features": collections}


@dataclass
class StandIn:
    """Decides, remembers requests and counts, as the contract says. ``trouble``: share of requests that fail."""

    step: timedelta = timedelta(minutes=5)
    trouble: float = 0.0
    now: datetime = OPENS
    ends_at: datetime = CLOSES
    closed: tuple[str, ...] = ()
    paused_at: datetime | None = None
    inside: set[str] = field(default_factory=set)
    answers: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    decisions: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    replays: int = 0
    early: int = 0
    doors: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    backlogs: list[float | None] = field(default_factory=list)
    sequences: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    dice: Random = field(default_factory=lambda: Random(1))

    def transport(self) -> httpx.MockTransport:
        """Stand in for the network."""
        return httpx.MockTransport(self.answer)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, or fail before or after having acted on it."""
        if request.method == "GET":
            return httpx.Response(200, json=self._clock())
        device = request.headers["Authorization"].removeprefix("Bearer ")
        if device == "wrong":
            return httpx.Response(401, json={"code": "token.unknown"})
        if self.dice.random() < self.trouble:
            raise httpx.ConnectError("refused")
        body = json.loads(request.content)
        if request.url.path.endswith("/clock/backlog"):
            self.backlogs.append(body["waiting_s"])
            return httpx.Response(200, json=self._told())
        answered = self._pass(device, body) if device.startswith("lane:") else self._count(device, body)
        if self.dice.random() < self.trouble:
            return httpx.Response(self.dice.choice((500, 503)))
        if self.dice.random() < self.trouble:
            raise httpx.ReadTimeout("silence")
        return answered

    def _clock(self) -> dict[str, Any]:
        if self.paused_at is None or self.now < self.paused_at:
            self.now = min(self.now + self.step, self.ends_at)
        return self._told()

    def _told(self) -> dict[str, Any]:
        state = "finished" if self.now >= self.ends_at else "running"
        return {"now": self.now.isoformat(), "speed": 60, "speed_reached": 60, "state": state, "ends_at": None}

    def _pass(self, device: str, body: dict[str, Any]) -> httpx.Response:
        if body["request_id"] in self.answers:
            first, answer = self.answers[body["request_id"]]
            self.replays += 1
            return httpx.Response(200 if first == body else 409, json=answer)
        self.early += datetime.fromisoformat(body["occurred_at"]) > self.now
        holder, entering = body["holder"], body["direction"] == "in"
        closed = entering and device.startswith(self.closed)
        decision = "turned_away" if closed or entering == (holder in self.inside) else "entered" if entering else "left"
        self.inside ^= {holder} if decision != "turned_away" else set()
        self.decisions[decision] += 1
        answer = {"decision": decision, "code": "admission.gate-closed" if closed else None}
        self.answers[body["request_id"]] = (body, answer)
        return httpx.Response(200, json=answer)

    def _count(self, device: str, body: dict[str, Any]) -> httpx.Response:
        self.sequences[device].append(body["sequence"])
        known = [(device, row["minute"]) in self.doors for row in body["counts"]]
        for row in body["counts"]:
            self.doors.setdefault((device, row["minute"]), (row["in"], row["out"]))
        return httpx.Response(200, json={"accepted": known.count(False), "duplicates": known.count(True)})

# SPDX-License-Identifier: Apache-2.0
"""What browser tests know of the served run, and the devices at its venue."""

from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import httpx


class Live(Protocol):
    """What the fixture `live_server` gives: a run being served."""

    url: str
    run: str
    data: Path
    lane_tokens: dict[str, str]
    door_tokens: dict[str, str]

    def new_run(self, *, speed: float = 60) -> tuple[str, dict[str, str], dict[str, str]]:
        """Another rehearsal: its name, the tokens of its lanes and of its doors."""


class Outside:
    """The devices at the venue: what doors and lanes send."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.client = httpx.Client(base_url=f"{live.url}/r/{live.run}", trust_env=False)
        self.now = self._clock()
        self._told = 0

    def _clock(self) -> datetime:
        return datetime.fromisoformat(self.client.get("/clock").json()["now"])

    def door(self) -> tuple[str, str]:
        """A door and its hall."""
        doors = self.client.get("/venue.json").json()["features"]["door"]["features"]
        found = next(one for one in doors if one["id"] in self.live.door_tokens)
        return found["id"], found["properties"]["hall"]

    def scaled_limit(self, hall: str) -> int:
        return int(self._hall(hall)["scaled"][0])

    def occupancy(self, hall: str) -> int:
        """Other tests may have sent people into the same hall."""
        return int(self._hall(hall)["occupancy"])

    def _hall(self, hall: str) -> dict[str, Any]:
        things = self.client.get("/picture.json").json()["things"]
        return next(one["props"] for one in things if (one["layer"], one["thing"]) == ("hall", hall))

    def count(self, door: str, entered: int) -> None:
        """So many people enter by a door, this minute."""
        minute = self._clock().replace(second=0, microsecond=0).isoformat()
        self._told += 1
        body = {"sequence": self._told, "counts": [{"minute": minute, "in": entered, "out": 0}]}
        self._post("/sensing/counts", self.live.door_tokens[door], body)

    def enter(self, holders: int, called: str) -> None:
        """So many people, who are called so, enter through the first lane, now."""
        token = next(iter(self.live.lane_tokens.values()))
        at = self._clock().isoformat()
        for number in range(holders):
            name = f"{called}-{number}-{self.now.timestamp():.0f}"
            body = {"request_id": name, "holder": name, "direction": "in", "occurred_at": at}
            self._post("/admission/passages", token, body)

    def close(self, thing: str, *, zh: str, en: str) -> None:
        """The office closes a thing of the venue."""
        name = f"close-{thing}-{self.now.timestamp():.0f}"
        self._post("/world/closures", None, {"request_id": name, "thing": thing, "reason": {"zh": zh, "en": en}})

    def reopen(self, thing: str) -> None:
        name = f"reopen-{thing}-{self.now.timestamp():.0f}"
        self._post(f"/world/closures/{thing}/reopen", None, {"request_id": name})

    def first(self, register: str, *, level: str, **values: str) -> str:
        """The first thing of a register on a level that says so."""
        things = self.client.get(f"/world/registers/{register}/things", params={"size": "200", **values}).json()[
            "things"
        ]
        return next(str(one["id"]) for one in things if one["values"].get("place", {}).get("level") == level)

    def change(self, register: str, thing: str, **values: str) -> None:
        """The office changes what a thing of a register says."""
        name = f"change-{thing}-{'-'.join(values.values())}-{self.now.timestamp():.0f}"
        self._post(f"/world/registers/{register}/things/{thing}", None, {"request_id": name, "values": values})

    def _post(self, path: str, token: str | None, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text

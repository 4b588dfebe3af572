# SPDX-License-Identifier: Apache-2.0
"""Client: one run of Fourleaf over HTTP; waits out whatever passes, says plainly what does not."""

import asyncio
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, Self

import httpx

# A gate decision takes milliseconds; ten seconds of silence is a broken connection.
TIMEOUT_S = 10.0
CONNECTIONS = 18
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 5.0
PASSING = frozenset({408, 425, 429})
HOPELESS = frozenset({401, 403, 404})


class Rejected(Exception):
    """The server refuses this one request for good; asking again cannot help."""

    def __init__(self, status: int, code: str) -> None:
        """Keep the status and the code of the problem."""
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Unusable(Exception):
    """The server will refuse every request: a wrong run or a wrong token. Carries what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the clock of the run says."""

    now: datetime
    state: str
    speed: float
    speed_reached: float | None
    ends_at: datetime | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read the body of /clock."""
        ends_at = body.get("ends_at")
        return cls(
            now=datetime.fromisoformat(body["now"]),
            state=str(body["state"]),
            speed=float(body["speed"]),
            speed_reached=body.get("speed_reached"),
            ends_at=datetime.fromisoformat(ends_at) if ends_at else None,
        )


class Client:
    """Requests to one run. Retries until it succeeds; counts retries and times answers."""

    def __init__(self, url: str, run: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepare connections that stay open; ``transport`` replaces the network in tests."""
        self.retries = 0
        self.answer_ms = array("d")
        self._base = f"/r/{run}"
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            transport=transport,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        """Open for use."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def clock(self) -> Reading:
        """Ask the edition time: it slows, pauses and ends as the server says."""
        return Reading.of(await self._ask("GET", f"{self._base}/clock"))

    async def tell_backlog(self, token: str, waiting_s: float | None) -> bool:
        """Tell how many wall seconds the oldest thing due has waited; None when there is nothing more to come.

        Told once: what is due goes out even when nobody hears of the backlog. Gives whether the server took it.
        """
        try:
            response = await self._http.post(
                f"{self._base}/clock/backlog",
                json={"waiting_s": waiting_s},
                headers={"Authorization": f"Bearer {token}"},
            )
        except httpx.TransportError:
            return False
        return response.is_success

    async def venue(self) -> dict[str, Any]:
        """Fetch the venue."""
        document: dict[str, Any] = await self._ask("GET", f"{self._base}/venue.json")
        return document

    async def get(self, path: str) -> Any:
        """Fetch any other JSON of the server."""
        return await self._ask("GET", path)

    async def pass_lane(self, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post one attempt at a lane and return the decision."""
        return await self._post("admission/passages", token, body)

    async def report_door(self, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post the counts of one door."""
        return await self._post("sensing/counts", token, body)

    async def push_feed(self, feed: str, token: str, body: bytes, media: str) -> dict[str, Any]:
        """Push one delivery of a feed."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": media}
        path = f"{self._base}/sensing/feeds/{feed}"
        answer: dict[str, Any] = await self._ask("POST", path, content=body, headers=headers)
        return answer

    async def enrol(self, device: str, code: str, secret: str) -> None:
        """Let a device in with its one-time code and the secret it made. Asked again, a lost answer costs nothing."""
        asked = {"code": code, "secret": secret}
        await self._ask("POST", f"{self._base}/sensing/devices/{device}/enrol", json=asked)

    async def mqtt(self, device: str) -> dict[str, Any] | None:
        """How a device speaks MQTT; None when there is no broker."""
        try:
            how: dict[str, Any] = await self._ask("GET", f"{self._base}/sensing/devices/{device}/mqtt.json")
        except Unusable:
            return None
        return how

    async def devices(self) -> list[dict[str, Any]]:
        """The devices that we may see, with how much of each is kept."""
        found: list[dict[str, Any]] = await self._ask("GET", f"{self._base}/sensing/devices.json")
        return found

    async def _post(self, path: str, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        answer: dict[str, Any] = await self._ask("POST", f"{self._base}/{path}", json=body, headers=headers)
        return answer

    async def _ask(self, method: str, path: str, **content: Any) -> Any:
        wait = FIRST_WAIT_S
        while True:
            began = perf_counter()
            try:
                response = await self._http.request(method, path, **content)
            except httpx.TransportError:
                response = None
            if response is not None and not _passes(response):
                if method == "POST":
                    self.answer_ms.append((perf_counter() - began) * 1000)
                return _body(response, path)
            self.retries += 1
            await asyncio.sleep(max(wait, _asked_wait(response)))
            wait = min(wait * 2, LONGEST_WAIT_S)


def _passes(response: httpx.Response) -> bool:
    """Whether the trouble is the server's and may be over soon."""
    return response.status_code >= 500 or response.status_code in PASSING


def _asked_wait(response: httpx.Response | None) -> float:
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    return min(float(asked), LONGEST_WAIT_S) if asked.isdigit() else 0.0


def _body(response: httpx.Response, path: str) -> Any:
    if response.is_success:
        return response.json()
    code = _code(response)
    if response.status_code in HOPELESS:
        raise Unusable(f"{path}: {response.status_code} {code}. Check --run and --tokens.")
    raise Rejected(response.status_code, code)


def _code(response: httpx.Response) -> str:
    try:
        return str(response.json().get("code", "unknown"))
    except (ValueError, AttributeError):
        return "unknown"

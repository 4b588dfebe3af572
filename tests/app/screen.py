# SPDX-License-Identifier: Apache-2.0
"""A screen for tests: reads a run's stream as a browser does."""

import json
import threading
from contextlib import suppress
from typing import Any, Protocol

import httpx


class Served(Protocol):
    """Where a run is served."""

    @property
    def url(self) -> str: ...
    @property
    def run(self) -> str | None: ...


class Screen:
    """A reader of the stream in a thread: what events came, and the state they add up to. Ends with the server."""

    def __init__(self, live: Served, after: str | None = None) -> None:
        self.events: list[tuple[str, str, Any]] = []
        self.state: dict[tuple[str, str], Any] = {}
        self._stop = False
        self._url = f"{live.url}/r/{live.run}/stream" + (f"?after={after}" if after else "")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with (
            suppress(httpx.TransportError),
            httpx.Client(trust_env=False, timeout=30) as client,
            client.stream("GET", self._url) as response,
        ):
            event, position = "", ""
            for line in response.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "id":
                    position = value
                elif name == "data":
                    self._take(event, position, json.loads(value))
                if self._stop:
                    return

    def _take(self, event: str, position: str, data: Any) -> None:
        for thing in data.get("things", []) + data.get("changes", []):
            self.state[(thing["layer"], thing["thing"])] = None if thing.get("gone") else thing["props"]
        self.events.append((event, position, data))

    def pulse(self) -> Any:
        return next((data for event, _, data in reversed(self.events) if event == "pulse"), {})

    def stop(self) -> str:
        self._stop = True
        return [position for event, position, _ in self.events if event != "pulse"][-1]

# SPDX-License-Identifier: Apache-2.0
"""Address: which port is ours, and where a running Fourleaf of this data folder answers."""

import contextlib
import os
import socket
import sys
from pathlib import Path

import httpx
import msgspec

from fourleaf.postgres.processes import started

FILE = "address.json"
TRIES = 100


class Address(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    pid: int
    # Tells our supervisor from a later process of the same pid.
    mark: str
    run: str | None = None

    @property
    def stands(self) -> bool:
        """Whether the Fourleaf that wrote this is still there."""
        return started(self.pid) == self.mark

    @property
    def url(self) -> str:
        # A wildcard is where a server listens, not where one calls it.
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{self.port}"


class Lease:
    """A port that no other Fourleaf of this machine takes while this object lives."""

    def __init__(self, port: int, hold: socket.socket | None) -> None:
        self.port, self._hold = port, hold

    def close(self) -> None:
        if self._hold is not None:
            self._hold.close()


def lease(host: str, wanted: int) -> Lease:
    """The wanted port, or the next free one.

    The web server shares its port among its workers (SO_REUSEPORT), so two clones that start at once could
    share one as well; hence the lease.
    Raises: OSError, when none of a hundred is free.
    """
    for port in range(wanted, min(wanted + TRIES, 65536)):
        with contextlib.suppress(OSError):
            return _take(host, port)
    raise OSError(f"no free port from {wanted} on {host}")


def write(data: Path, address: Address) -> None:
    draft = data / f".{FILE}.draft"
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(address))
    draft.rename(data / FILE)


def read(data: Path) -> Address | None:
    """Where the Fourleaf of this data folder answers; none if it does not run."""
    try:
        address = msgspec.json.decode((data / FILE).read_bytes(), type=Address)
    except (OSError, msgspec.DecodeError):
        return None
    return address if address.stands else None


def answers(url: str) -> bool:
    """Whether the web server at this address is there and has its database."""
    try:
        return httpx.get(f"{url}/healthz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def remove(data: Path) -> None:
    (data / FILE).unlink(missing_ok=True)


def own(host: str, port: int, run: str | None) -> Address:
    return Address(host=host, port=port, pid=os.getpid(), mark=started(os.getpid()) or "", run=run)


def _take(host: str, port: int) -> Lease:
    hold = None
    if sys.platform == "linux":
        hold = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if hold is not None:
            hold.bind(f"\0fourleaf-port-{port}")
        probe(host, port)
    except OSError:
        if hold is not None:
            hold.close()
        raise
    return Lease(port, hold)


def probe(host: str, port: int) -> None:
    """Raises: OSError where somebody listens already."""
    family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        # Without it, connections of the last run that are just closing would block the port for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(where)

# SPDX-License-Identifier: Apache-2.0
"""Flow: hold back a device that floods over HTTP, count it as refused, and let all others through."""

from collections.abc import Callable
from time import monotonic

import msgspec

from fourleaf.engines.sensing import store
from fourleaf.engines.sensing.actions.intake import note_refused
from fourleaf.engines.sensing.rules import flow
from fourleaf.engines.sensing.rules.flow import Flow, Left
from fourleaf.postgres.journal import Site

REASON = "flooding"
# What a device may say is read from its type again after a while: the pack may have changed.
READ_AGAIN_S = 60.0
# A flood is not written down once for each message of it.
NOTE_EVERY_S = 1.0


class _Device(msgspec.Struct):
    """most: None for a device of a type that is not declared; it is refused anyway."""

    most: Flow | None
    read_at: float
    left: Left | None = None
    refused: int = 0
    noted_at: float = float("-inf")


class Flows:
    """What each device has left. Of one web process, and forgotten with it; only who has a secret is in it."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._devices: dict[tuple[str, str], _Device] = {}

    async def ask(self, site: Site, device: str, size: int) -> int:
        """Whether a device may say so many bytes now. Gives the seconds that it has to wait, 0 if none."""
        now, one = self._clock(), await self._known(site, device)
        if one.most is None:
            return 0
        left = flow.refilled(one.left, one.most, now)
        wait = flow.wait_s(left, one.most)
        one.left = left if wait else flow.asked(left, size)
        if wait:
            await self._note(site, device, one, size)
        return wait

    def said(self, site: Site, device: str, readings: int) -> None:
        """What came of what was asked, kept or not."""
        one = self._devices[site.run.run, device]
        if one.left:
            one.left = flow.said(one.left, readings)

    async def _known(self, site: Site, device: str) -> _Device:
        key, now = (site.run.run, device), self._clock()
        one = self._devices.get(key)
        if one is None or now - one.read_at > READ_AGAIN_S:
            async with site.connection() as connection:
                type = await store.devices.type_of(connection, device)
            one = self._devices.setdefault(key, _Device(most=None, read_at=now))
            one.most, one.read_at = flow.most(type) if type else None, now
        return one

    async def _note(self, site: Site, device: str, one: _Device, size: int) -> None:
        one.refused += 1
        now = self._clock()
        if now - one.noted_at >= NOTE_EVERY_S:
            times, one.refused, one.noted_at = one.refused, 0, now
            await note_refused(site, device, REASON, f"HTTP, {size:,} B", times)

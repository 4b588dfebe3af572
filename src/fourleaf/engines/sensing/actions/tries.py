# SPDX-License-Identifier: Apache-2.0
"""Tries: wrong one-time codes slow down whoever brings them, and cost the device nothing that the code is for."""

from datetime import datetime

import msgspec

from fourleaf.engines.sensing.rules import devices as ruled
from fourleaf.kernel.patience import pauses
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins
from fourleaf.postgres.journal import Site

_PAUSES = pauses(ruled.FREE_TRIES)
_PAUSES_OF_ADDRESS = pauses(ruled.FREE_TRIES_OF_ADDRESS)


class Tried(msgspec.Struct, frozen=True):
    """A try that was counted as wrong until it turns out right. at: where it was counted."""

    at: tuple[tuple[bytes, logins.Tries], ...]


async def begin_try(site: Site, device: str, address: str, wall: datetime) -> Tried | Refusal:
    """Count a try before it is judged, so that many at once get no more than one after the other; or say how long to wait.

    By address alone, and by device and address: so nobody keeps a device out who does not stand where it stands.
    """
    run = site.run.run
    asked = [
        (logins.attempt_key("enrol", run, address), _PAUSES_OF_ADDRESS),
        (logins.attempt_key("enrol", run, address, device), _PAUSES),
    ]
    counted = list[tuple[bytes, logins.Tries]]()
    async with site.connection() as connection:
        for key, some in asked:
            found = await logins.begin_try(connection, key, wall, some)
            if found.until:
                return ruled.too_many_tries(found.until - wall)
            counted.append((key, found))
    return Tried(tuple(counted))


async def was_right(site: Site, tried: Tried) -> None:
    """It was no wrong try; those that were stay counted."""
    async with site.connection() as connection, connection.transaction():  # in the order of `begin_try`
        for key, found in tried.at:
            await logins.take_back(connection, key, found)

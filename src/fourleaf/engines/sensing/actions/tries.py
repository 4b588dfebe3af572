# SPDX-License-Identifier: Apache-2.0
"""Tries: wrong one-time codes slow down whoever brings them, and cost the device nothing that the code is for."""

from datetime import datetime

from fourleaf.engines.sensing.rules import devices as ruled
from fourleaf.kernel.patience import pauses
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins
from fourleaf.postgres.journal import Site
from fourleaf.postgres.logins import Tried

_PAUSES = pauses(ruled.FREE_TRIES)
_PAUSES_OF_ADDRESS = pauses(ruled.FREE_TRIES_OF_ADDRESS)


async def begin_try(site: Site, device: str, address: str, wall: datetime) -> Tried | Refusal:
    """Count a try before it is judged, so that many at once get no more than one after the other; or say how long to wait.

    By address alone, and by device and address: so nobody keeps a device out who does not stand where it stands.
    """
    run = site.run.run
    asked = [
        (logins.attempt_key("enrol", run, address), _PAUSES_OF_ADDRESS),
        (logins.attempt_key("enrol", run, address, device), _PAUSES),
    ]
    async with site.connection() as connection:
        found = await logins.begin_tries(connection, asked, wall)
    return found if isinstance(found, Tried) else ruled.too_many_tries(found)


async def was_right(site: Site, tried: Tried) -> None:
    """It was no wrong try; those that were stay counted."""
    async with site.connection() as connection:
        await logins.was_right(connection, tried)

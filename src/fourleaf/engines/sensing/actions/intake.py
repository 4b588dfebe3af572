# SPDX-License-Identifier: Apache-2.0
"""Intake: the one way of readings into the system, whatever brought them."""

from collections.abc import Mapping, Sequence

import msgspec

from fourleaf.engines.sensing import store
from fourleaf.engines.sensing.facts import SelfTested
from fourleaf.engines.sensing.rules.intake import Message, Refused, Told, sift
from fourleaf.engines.sensing.state import DEVICES
from fourleaf.engines.sensing.store.intake import note_refused as put_refused
from fourleaf.postgres.journal import Site

ACTOR = "worker:sensing"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of messages. Unit: values (of hall doors: minutes); refused: reason -> messages, moments or values."""

    kept: int
    doubled: int
    refused: dict[str, int]


async def take_in(site: Site, messages: Sequence[Message]) -> Taken:
    """Keep the readings of these messages in one transaction; what cannot be kept is counted and never raises.

    The same messages again are kept once: whoever is not sure may bring them again.
    Raises: psycopg.Error when the database is away; then nothing was kept.
    """
    now = await site.now()
    async with site.connection() as connection:
        known = await store.known(connection, {message.device for message in messages})
        sifted = sift(messages, known, now)
        kept, doubled = await store.keep(connection, site.run.zone, sifted)
    if sifted.counted and kept:
        site.journal.ring()
    for name, told in sifted.tested.items():
        await _tested(site, name, told)
    refused: dict[str, int] = {}
    for (_, reason), one in sifted.refused.items():
        refused[reason] = refused.get(reason, 0) + one.times
    return Taken(kept=kept, doubled=doubled, refused=refused)


async def _tested(site: Site, name: str, told: Told) -> None:
    """Record how a self-test went, if one was asked for."""
    async with site.connection() as connection:
        device = await store.device(connection, name)
    if device.test_asked_at is not None:
        await site.record(ACTOR, DEVICES, name, device, SelfTested(device=name, passed=told.ok, note=told.note))


async def note_refused(site: Site, device: str, reason: str, about: str, count: int = 1) -> None:
    """Count what was refused of a device elsewhere: at its door. A watch makes facts of it."""
    await note_refusals(site, {(device, reason): Refused(count, about)})


async def note_refusals(site: Site, refused: Mapping[tuple[str, str], Refused]) -> None:
    """The same of many, by device and reason. Of names that nobody listed nothing is kept: anybody may think of such a name."""
    async with site.connection() as connection:
        known = await store.devices.devices(connection, {device for device, _ in refused})
        listed = {name for name, device in known.items() if device.is_listed}
        await put_refused(
            connection, {key: Refused(one.times, one.about[:120]) for key, one in refused.items() if key[0] in listed}
        )

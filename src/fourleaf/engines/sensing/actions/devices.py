# SPDX-License-Identifier: Apache-2.0
"""Devices: listed, given codes, enrolled, revoked, asked for self-tests; and what becomes of those that fall silent."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

from fourleaf.engines.sensing import rules, store
from fourleaf.engines.sensing.actions.intake import note_refused
from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.engines.sensing.rules import devices as ruled
from fourleaf.engines.sensing.state import DEVICES, Device
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.fold import Change, differences
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append, Request
from fourleaf.postgres.journal import Journal, Ruled, Site
from fourleaf.postgres.pool import Connection

ACTOR = "worker:sensing"
# A load commits at most so many facts at a time, so that no tail is held back.
FACTS_A_COMMIT = 1_000


async def take_over(
    journal: Journal, connection: Connection, wanted: Sequence[DeviceListed], *, actor: str, now: datetime
) -> int:
    """List the devices of a pack. Gives how many are new or called otherwise now."""
    changed = ruled.list_all(await store.devices.devices(connection), wanted)
    for first in range(0, len(changed), FACTS_A_COMMIT):
        facts, changes = list[Fact](), list[Change]()
        for before, body in changed[first : first + FACTS_A_COMMIT]:
            fact = Fact(
                run=journal.run,
                stream=f"{DEVICES.prefix}:{before.device}",
                version=before.version + 1,
                body=body,
                occurred_at=now,
                recorded_at=now,
                actor=actor,
            )
            facts.append(fact)
            changes += differences(DEVICES.rows(before), DEVICES.rows(DEVICES.step(before, fact)))
        await journal.append(connection, Append(facts=facts, changes=changes))
    return len(changed)


async def issue_code(site: Site, principal: Principal, request_id: str, name: str, code: str) -> Answer | Refusal:
    """Let a device enrol with this code, once; a code it had works no more."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        device = await store.device(connection, name)
        said = ruled.issue(device)
        if not isinstance(said, Refusal):
            await store.devices.put_codes(connection, {name: rules.devices.code_hash(code)}, said.valid_for_s)
        return device, said

    return await _decide(site, principal.id, request_id, name, ["code", name], decide)


async def enrol(site: Site, name: str, code: str, *, secret: str, request_id: str) -> Answer | Refusal:
    """Give a device its secret for its code. Two who bring the same code: one of them is refused.

    A secret that another device of the run has is refused by the database, and costs no code.
    """

    async def decide(connection: Connection, now: datetime) -> Ruled:
        device = await store.device(connection, name)
        right = await store.devices.spend_code(connection, name, ruled.code_hash(code))
        said = ruled.enrol(device, code_was_right=right)
        if not isinstance(said, Refusal):
            await store.devices.put_secret(connection, site.run.run, name, ruled.hash_of(secret))
        return device, said

    answer = await _decide(site, name, request_id, name, ["enrol", name], decide)
    if isinstance(answer, Refusal) and answer.code == "sensing.wrong-code":
        await note_refused(site, name, "wrong-code", "")
    return answer


async def is_enrolled(site: Site, name: str, secret: str) -> bool:
    """Whether it enrolled with this secret already. A token that a load made for it is none of its own."""
    async with site.connection() as connection:
        if not (await store.device(connection, name)).may_speak:
            return False
        known = (await store.credential(connection, site.run.run, name)).hash
    return known is not None and compare_digest(known, ruled.hash_of(secret))


async def revoke(site: Site, principal: Principal, request_id: str, name: str, reason: str) -> Answer | Refusal:
    """A device's secret and code work no more from now on."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        device = await store.device(connection, name)
        said = ruled.revoke(device, reason)
        if not isinstance(said, Refusal):
            await store.devices.take_secret(connection, site.run.run, name)
        return device, said

    return await _decide(site, principal.id, request_id, name, ["revoke", name, reason], decide)


async def ask_for_test(site: Site, principal: Principal, request_id: str, name: str) -> Answer | Refusal:
    async def decide(connection: Connection, now: datetime) -> Ruled:
        device = await store.device(connection, name)
        return device, ruled.ask_for_test(device, (await store.devices.types(connection)).get(device.device_type))

    return await _decide(site, principal.id, request_id, name, ["test", name], decide)


async def _decide(
    site: Site, actor: str, request_id: str, name: str, given: Any, decide: Callable[[Connection, datetime], Any]
) -> Answer | Refusal:
    """Under the lock of the device: its secret and its fact are written in one transaction."""
    request = Request.of(actor, request_id, given)
    return await site.decide(
        request, DEVICES, name, decide, constraints=store.CONSTRAINTS, lock=f"{DEVICES.prefix}:{name}"
    )


async def watch_devices(site: Site) -> int:
    """Record every device that fell silent or spoke again. Gives how many did."""
    now = await site.now()
    async with site.connection() as connection:
        types = await store.devices.types(connection)
        found = await store.devices.voices(connection)
    return await _record(site, [(device, _voice(device, last, types, now)) for device, last in found])


def _voice(device: Device, last: datetime | None, types: dict[str, DeviceType], now: datetime) -> Body | None:
    type = types.get(device.device_type)
    # Doors that count tell by their own facts that they are silent.
    if type is None or type.counts:
        return None
    return ruled.voice_changed(device, last, type.silent_after_s, now)


async def _record(site: Site, said: Sequence[tuple[Device, Body | None]]) -> int:
    count = 0
    for device, body in said:
        if body is not None:
            count += await site.record(ACTOR, DEVICES, device.device, device, body)
    return count


async def watch_refusals(site: Site) -> int:
    """Make a fact of what was refused of each device, at most one a minute. Gives how many facts."""
    async with site.connection() as connection:
        names = await store.devices.refused(connection, ruled.REFUSALS_EVERY)
    return sum([isinstance(await _tell_refused(site, name), Answer) for name in names])


async def _tell_refused(site: Site, name: str) -> Answer | Refusal:
    """The count is taken away by the transaction that writes the fact: nothing is told twice or lost."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        device = await store.device(connection, name)
        body = ruled.refused(device, await store.devices.take_refused(connection, name))
        return device, body or Refusal("sensing.unknown-device", {"device": name})

    async with site.connection() as connection:
        version = (await store.device(connection, name)).version
    return await _decide(site, ACTOR, f"refused {name}@{version}", name, ["refused", name], decide)


async def drop_old(site: Site) -> int:
    """Drop the days of readings that no type of device asks to keep any longer. Gives how many."""
    now = await site.now()
    async with site.connection() as connection:
        types = await store.devices.types(connection)
        keep = max((type.keep_days for type in types.values()), default=0)
        return len(await store.drop_days(connection, rules.oldest_day(now, site.run.zone, keep))) if keep else 0

# SPDX-License-Identifier: Apache-2.0
"""Keeping: things of the venue are closed, reopened and moved; things of registers are added, changed and put away."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fourleaf.engines.world import rules, store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.facts import Closed, Moved, Reopened
from fourleaf.engines.world.rules.things import named
from fourleaf.engines.world.state import THINGS, Item, Standing, Step, Thing, as_of, history, start
from fourleaf.kernel.fact import Body, Fact, Kinds
from fourleaf.kernel.fold import Change, differences
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import log
from fourleaf.postgres.append import Answer, Append, Request, StaleStream
from fourleaf.postgres.journal import Journal, Ruled, Site
from fourleaf.postgres.pool import Connection

Rule = Callable[[Thing, datetime], Closed | Reopened | Moved | Refusal]
# Imports and loads commit at most so many facts at a time, so that no tail is held back.
FACTS_A_COMMIT = 1_000


async def change(
    site: Site, principal: Principal, request_id: str, name: str, given: Any, rule: Rule
) -> Answer | Refusal:
    """Apply one rule to one thing of the venue. given: the request's input, for idempotence."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        standing = await store.standing(connection, name)
        return standing, rule(standing.thing, now)

    request = Request.of(principal.id, request_id, given)
    return await site.decide(request, THINGS, name, decide, labels=_readers, constraints=store.CONSTRAINTS)


def _readers(standing: Standing, body: Body) -> tuple[str, ...]:
    """Why something is closed is for the office to read, or for few of it; what the others may see of it is its picture."""
    protected = body.protected if isinstance(body, Closed) else standing.thing.protected
    return (protected or "office",)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks what of which thing of a register. given: the request's input, for idempotence."""

    principal: Principal
    request_id: str
    name: str
    register: Register
    item: str
    given: Any

    @property
    def thing(self) -> str:
        return f"{self.name}.{self.item}"


async def add(site: Site, asked: Asked, key: str, said: Mapping[str, Any]) -> Answer | Refusal:
    """Add a thing to a register. key: its id as it was given; said: what its fields are to say."""
    zone = site.run.zone
    return await _keep(site, asked, said, lambda item, known: rules.add(item, asked.register, key, said, known, zone))


async def amend(site: Site, asked: Asked, said: Mapping[str, Any], version: int | None) -> Answer | Refusal:
    """Change some fields of a thing. version: of the thing as it was read, if that matters."""
    zone = site.run.zone
    return await _keep(
        site, asked, said, lambda item, known: rules.change(item, asked.register, said, known, zone, version)
    )


async def _keep(
    site: Site, asked: Asked, said: Mapping[str, Any], rule: Callable[[Item, rules.Known], Body | Refusal]
) -> Answer | Refusal:
    values, _ = asked.register.read_some(said, site.run.zone)
    asks = [(of, id_) for _, of, id_ in named(asked.register, values)]
    unique = [(key, str(values[key])) for key in asked.register.unique() if key in values]

    async def decide(connection: Connection, now: datetime) -> Ruled:
        standing = await store.standing(connection, asked.thing)
        return standing, rule(standing.item, await store.known(connection, asked.name, asks, unique))

    return await _decide(site, asked, decide)


async def act(site: Site, asked: Asked, key: str, count: int | None) -> Answer | Refusal:
    """Do what the register declares to so many of a thing. Many may want the last one at once: they queue for it."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        standing = await store.standing(connection, asked.thing)
        return standing, rules.act(standing.item, asked.register, key, count)

    return await _decide(site, asked, decide, lock=f"{THINGS.prefix}:{asked.thing}")


async def put_away(site: Site, asked: Asked, rule: Callable[[Item], Body | Refusal]) -> Answer | Refusal:
    """Remove or restore a thing of a register."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        standing = await store.standing(connection, asked.thing)
        return standing, rule(standing.item)

    return await _decide(site, asked, decide)


async def undo(site: Site, asked: Asked, version: int) -> Answer | Refusal:
    """Take back what happened last to a thing. version: of the thing as the one who asks saw it."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        standing = await store.standing(connection, asked.thing)
        facts = await log.stream(connection, site.journal.kinds, site.run.run, f"{THINGS.prefix}:{asked.thing}")
        if not facts:
            return standing, Refusal("world.no-such-item", {"item": asked.item, "register": asked.name})
        before = as_of(asked.thing, facts[:-1]).item
        return standing, rules.undo(standing.item, before, facts[-1].body, version)

    return await _decide(site, asked, decide)


async def _decide(
    site: Site, asked: Asked, decide: Callable[[Connection, datetime], Any], *, lock: str | None = None
) -> Answer | Refusal:
    request = Request.of(asked.principal.id, asked.request_id, asked.given)
    return await site.decide(
        request,
        THINGS,
        asked.thing,
        decide,
        labels=asked.register.see,
        constraints=store.CONSTRAINTS,
        answer=lambda facts: {"thing": asked.thing, "fact": facts[-1].id, "version": facts[-1].version},
        lock=lock,
    )


async def steps(connection: Connection, kinds: Kinds, run: str, thing: str) -> list[Step]:
    """Everything that happened to a thing, from the log, oldest first."""
    return history(thing, await log.stream(connection, kinds, run, f"{THINGS.prefix}:{thing}"))


async def take_over(
    journal: Journal,
    connection: Connection,
    register: Register,
    name: str,
    things: Mapping[str, Mapping[str, Any]],
    *,
    actor: str,
    now: datetime,
) -> list[str]:
    """Let a register say what the pack says, but for what the desk changed. Gives the ids that were kept so."""
    kept, ids = list[str](), [*things, *(id_ for id_ in await store.items(connection, name) if id_ not in things)]
    todo = [ids[first : first + FACTS_A_COMMIT] for first in range(0, len(ids), FACTS_A_COMMIT)]
    while todo:
        some = todo.pop(0)
        said = {id_: things[id_] for id_ in some if id_ in things}
        try:
            kept += await _take_some(journal, connection, register, name, some, said, actor=actor, now=now)
        except StaleStream:  # the desk changed one of them meanwhile: decide again, in shorter and shorter races
            half = (len(some) + 1) // 2
            todo[:0] = [part for part in (some[:half], some[half:]) if part]
    return kept


async def _take_some(
    journal: Journal,
    connection: Connection,
    register: Register,
    name: str,
    ids: Sequence[str],
    things: Mapping[str, Mapping[str, Any]],
    *,
    actor: str,
    now: datetime,
) -> list[str]:
    """Some things in one commit. things: those of them that the pack has. Raises: StaleStream; UniqueViolation."""
    found = await store.standings(connection, [f"{name}.{id_}" for id_ in ids])
    standings = {id_: found.get(f"{name}.{id_}") or start(f"{name}.{id_}") for id_ in ids}
    unique = [(key, str(values[key])) for values in things.values() for key in register.unique() if key in values]
    known = await store.known(connection, name, [], unique)
    items = {id_: standing.item for id_, standing in standings.items()}
    pulled = rules.pulled(register, name, items, things, known.taken)
    ruled = [(standings[fact.item], fact) for fact in pulled.facts]
    if ruled:
        given = appending(journal.run, ruled, labels=register.see, actor=actor, now=now)
        await journal.append(connection, given)
    return pulled.kept


def appending(
    run: str, ruled: Sequence[tuple[Standing, Body]], *, labels: tuple[str, ...], actor: str, now: datetime
) -> Append:
    """One fact to each of many things, and the rows they change."""
    facts, changes = list[Fact](), list[Change]()
    for before, body in ruled:
        stream = f"{THINGS.prefix}:{before.item.thing}"
        fact = Fact(
            run=run,
            stream=stream,
            version=before.version + 1,
            body=body,
            occurred_at=now,
            recorded_at=now,
            actor=actor,
            labels=labels,
        )
        facts.append(fact)
        changes += differences(THINGS.rows(before), THINGS.rows(THINGS.step(before, fact)))
    return Append(facts=facts, changes=changes)

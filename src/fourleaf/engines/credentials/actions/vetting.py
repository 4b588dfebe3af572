# SPDX-License-Identifier: Apache-2.0
"""Vetting: one decision or a thousand at a stage, appeals, and what the outside system of background checks answered."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from fourleaf.engines.credentials import rules, store
from fourleaf.engines.credentials.actions.writing import Asked, Rule, change, change_many, sorted_out
from fourleaf.engines.credentials.rules import Book, Outcome, Places, Said
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.fact import Body
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer
from fourleaf.postgres.journal import Site


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decides at a stage. stage: the one they looked at."""

    stage: str
    outcome: Outcome
    reason: str


def by(principal: Principal, decision: Decision) -> Rule:
    """A decision as a rule that can be applied to any application."""
    said = Said(
        stage=decision.stage,
        outcome=decision.outcome,
        reason=decision.reason,
        by=principal.id,
        permissions=principal.permissions,
    )

    def rule(one: Credential, book: Book, now: datetime) -> Body | Refusal:
        return rules.decide(one, book, said, now)

    return rule


async def decide(site: Site, asked: Asked, name: str, decision: Decision) -> Answer | Refusal:
    return await change(site, asked, name, by(asked.principal, decision))


async def decide_many(site: Site, asked: Asked, names: Sequence[str], decision: Decision) -> Answer | Refusal:
    return await change_many(site, asked, names, by(asked.principal, decision))


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a bulk decision would do. kinds: fact -> how many; refused: code -> how many."""

    kinds: dict[str, int]
    refused: dict[str, int]


async def preview(site: Site, principal: Principal, names: Sequence[str], decision: Decision) -> Preview:
    """What would become of each, without writing anything."""
    now = await site.now()
    async with site.connection() as connection:
        found = await store.credentials(connection, names)
        books = {key: await store.book(connection, key, site.run.zone) for key in {one.type for one in found.values()}}
    ruled, refused = sorted_out(found, books, names, by(principal, decision), now)
    kinds, codes = [body.KIND for _, body in ruled], [str(one["code"]) for one in refused]
    return Preview(
        kinds={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        refused={code: codes.count(code) for code in sorted(set(codes))},
    )


async def decide_appeal(site: Site, asked: Asked, name: str, *, grant: bool, reason: str) -> Answer | Refusal:
    """Decide an appeal; what is granted takes its place again, if nobody else of the same holder has it."""
    async with site.connection() as connection:
        one = await store.credential(connection, name)
        taken = await store.slots_of(connection, [one.holder], one.type)

    def rule(found: Credential, book: Book, now: datetime) -> Body | Refusal:
        return rules.decide_appeal(
            found,
            book,
            grant=grant,
            reason=reason,
            by=asked.principal.id,
            places=Places(slots=taken.get(found.holder, ())),
            now=now,
            permissions=asked.principal.permissions,
        )

    return await change(site, asked, name, rule)

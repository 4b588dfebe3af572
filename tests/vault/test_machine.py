# SPDX-License-Identifier: Apache-2.0
"""Whatever is put, read and erased in whatever order: the vault says what a dictionary would say."""

import asyncio
from collections import defaultdict
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.pool import Connection, connect
from fourleaf.vault.facts import Erased, Read
from fourleaf.vault.fields import FIELDS, normal
from fourleaf.vault.master import Master
from fourleaf.vault.persons import Vault
from tests.vault.conftest import Book, china, make_run

pytestmark = pytest.mark.postgres
_NUMBERS = count(1)

PERSONS = st.sampled_from(["p1", "p2", "p3"])
FIELD = st.sampled_from(["name", "note", "phone", "email"])
VALUES = st.one_of(st.none(), st.sampled_from(["13800138000", "+86 138 00138000", "a@x.org", "A@X.ORG", ""]))
PUT = st.tuples(st.just("put"), st.dictionaries(PERSONS, st.dictionaries(FIELD, VALUES, max_size=3), max_size=2))
GET = st.tuples(st.just("get"), st.lists(PERSONS, max_size=3))
ERASE = st.tuples(st.just("erase"), PERSONS)
FIND = st.tuples(
    st.just("find"), st.tuples(st.sampled_from(["phone", "email"]), st.sampled_from(["13800138000", "a@x.org"]))
)
STEPS = st.lists(st.one_of(PUT, PUT, GET, ERASE, FIND), max_size=14)


class Model:
    """The same as plain dictionaries."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, str]] = {}
        self.erased: set[str] = set()
        self.facts: defaultdict[type, int] = defaultdict(int)

    def put(self, people: dict[str, dict[str, str | None]]) -> str | None:
        if self.erased & people.keys():
            return "vault.erased"
        for person, values in people.items():
            kept = self.kept.setdefault(person, {})
            for field, value in values.items():
                kept.pop(field, None)
                if value is not None:
                    kept[field] = value
        return None

    def get(self, persons: list[str]) -> dict[str, dict[str, str]] | None:
        if any(person not in self.kept for person in persons):
            return None
        self.facts[Read] += bool(persons)
        return {person: self.kept[person] for person in persons}

    def erase(self, person: str) -> None:
        if self.kept.pop(person, None) is not None:
            self.erased.add(person)
            self.facts[Erased] += 1

    def find(self, kind: str, value: str) -> list[str]:
        form = normal(kind, value, country="86")
        fields = [field for field, of in FIELDS.items() if of == kind]
        return sorted(
            person
            for person, kept in self.kept.items()
            if form and any(normal(kind, kept[field], country="86") == form for field in fields if field in kept)
        )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_vault_agrees_with_a_dictionary(
    vault_dsn: str, master: Master, run_name: str, steps: list[tuple[str, object]]
) -> None:
    async def play() -> None:
        book, model = Book(), Model()
        async with connect(vault_dsn) as db:
            vault = Vault(await make_run(db, f"{run_name}-{next(_NUMBERS)}"), master, book.record, china)
            for step in steps:
                await _step(vault, db, model, *step)
        told = defaultdict(int, {kind: sum(type(body) is kind for _, body in book.facts) for kind in (Read, Erased)})
        assert told[Read] == model.facts[Read] and told[Erased] == model.facts[Erased]

    asyncio.run(play())


async def _step(vault: Vault, db: Connection, model: Model, name: str, given: object) -> None:
    if name == "put":
        assert isinstance(given, dict)
        refusal = await vault.put(db, given)
        assert (refusal.code if refusal else None) == model.put(given)
    elif name == "get":
        assert isinstance(given, list)
        found = await vault.get(db, given, list(FIELDS), actor="t", purpose="t")
        assert (None if isinstance(found, Refusal) else found) == model.get(list(dict.fromkeys(given)))
    elif name == "erase":
        await vault.erase(db, str(given), actor="t", reason="t")
        model.erase(str(given))
    else:
        assert isinstance(given, tuple)
        assert await vault.find(db, *given) == model.find(*given)

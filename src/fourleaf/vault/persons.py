# SPDX-License-Identifier: Apache-2.0
"""Persons: put, get, find and erase. The only door to personal data; whoever reads through it leaves a fact."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec
import psycopg

from fourleaf.kernel.fact import Body
from fourleaf.kernel.refusal import Refusal
from fourleaf.vault import crypt, key_store, store
from fourleaf.vault.facts import Erased, Read
from fourleaf.vault.fields import FIELDS, normal
from fourleaf.vault.master import Key, Master
from fourleaf.vault.rules import Value, Values, may_ask, may_open, may_put
from fourleaf.vault.store import Connection, Held

# Up to so many ids stand in the fact of a read.
NAMED = 50

# Appends a fact of this actor, on the connection that is given.
Record = Callable[[Connection, str, Body], Awaitable[None]]
# Says which calling code phone numbers have that are written without one; "" for none.
Country = Callable[[Connection], Awaitable[str]]
# Forgets what else is kept of a person, in the same transaction. Gives the ids of it.
Forget = Callable[[Connection, str], Awaitable[Sequence[str]]]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """The report of an erasure. already: the person had been erased before, so that nothing was left to erase."""

    person: str
    erased_at: datetime
    fields: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    already: bool = False


class Vault:
    """The personal data of one run. country: gives the calling code of phone numbers written without one."""

    def __init__(self, run: str, master: Master, record: Record, country: Country) -> None:
        self.run, self._master, self._record, self._country = run, master, record, country

    async def put(self, connection: Connection, people: Values) -> Refusal | None:
        """Keep values of persons, all or nothing; a person not met before gets a key. None as a value takes it away."""
        refusal = may_put(people)
        if refusal is None:
            async with connection.transaction() as transaction:
                keys = await self._keys(connection, sorted(people))
                if isinstance(keys, Refusal):
                    refusal = keys
                    raise psycopg.Rollback(transaction)
                await self._write(connection, keys, people)
        return refusal

    async def get(
        self, connection: Connection, persons: Sequence[str], fields: Sequence[str], *, actor: str, purpose: str
    ) -> dict[str, dict[str, Value]] | Refusal:
        """Read some fields of many persons; the read is a fact before anything is given.

        Shape: person -> field -> value; a field that was never put is absent.
        Raises: Tampered
        """
        asked = list(dict.fromkeys(persons))
        if refusal := may_ask(asked, fields, purpose):
            return refusal
        if not asked:
            return {}
        held = await store.held(connection, self.run, asked, list(fields))
        for one in held:
            if refusal := _may_open(one):
                return refusal
        given = {one.person: self._opened(one) for one in held}
        await self._record(connection, actor, _read(purpose, asked, fields))
        return given

    async def kept(self, connection: Connection, persons: Sequence[str]) -> list[str]:
        """Which of these can be read. No value is shown, and no fact is left."""
        held = await store.held(connection, self.run, list(persons), ())
        return [one.person for one in held if _may_open(one) is None]

    async def find(self, connection: Connection, kind: str, value: str) -> list[str]:
        """Who has this document, phone or e-mail, without showing it to anybody."""
        text = normal(kind, value, country=await self._country(connection))
        root = await key_store.root(connection, self.run)
        if not text or root is None:
            return []
        mark = crypt.mark(self._mark_key(self._root(root), kind), text)
        return await store.found(connection, self.run, kind, mark)

    async def find_all(self, connection: Connection, kind: str, values: Sequence[str]) -> dict[str, list[str]]:
        """The same of many at once. Shape: value -> who has it, of those that anybody has; at most MAX_PERSONS values."""
        country, root = await self._country(connection), await key_store.root(connection, self.run)
        texts = {value: normal(kind, value, country=country) for value in values}
        if root is None:
            return {}
        key = self._mark_key(self._root(root), kind)
        marks = {value: crypt.mark(key, text) for value, text in texts.items() if text}
        found = await store.found_all(connection, self.run, kind, list(marks.values()))
        return {value: found[mark] for value, mark in marks.items() if mark in found}

    async def duplicates(self, connection: Connection, kind: str) -> list[tuple[str, ...]]:
        """Groups of persons with the same document, phone or e-mail."""
        return await store.doubles(connection, self.run, kind)

    async def erase(
        self, connection: Connection, person: str, *, actor: str, reason: str, forget: Sequence[Forget] = ()
    ) -> Erasure | Refusal:
        """Destroy a person's key, values, indexes and what `forget` knows of, in one transaction; the fact is in it too."""
        async with connection.transaction():
            if not await store.lock(connection, self.run, person):
                return Refusal("vault.unknown-person", {"person": person})
            (held,) = await store.held(connection, self.run, [person], ())
            if held.erased_at:
                return Erasure(person=person, erased_at=held.erased_at, already=True)
            files = tuple([name for other in forget for name in await other(connection, person)])
            fields, indexes, erased_at = await store.forget(connection, self.run, person)
            gone = Erased(
                person=person, reason=reason, fields=tuple(fields), indexes=tuple(indexes), files=tuple(sorted(files))
            )
            await self._record(connection, actor, gone)
        return Erasure(person=person, erased_at=erased_at, fields=gone.fields, indexes=gone.indexes, files=gone.files)

    async def seal_file(self, connection: Connection, person: str, name: str, plain: bytes) -> bytes | Refusal:
        """Encrypt a file for its name. The person, who must be known, is held until the end of the caller's transaction."""
        await store.lock(connection, self.run, person)
        (held,) = await store.held(connection, self.run, [person], ())
        if refusal := _may_open(held):
            return refusal
        return crypt.seal(self._file_key(held), plain, (self.run, person, name))

    async def open_file(
        self, connection: Connection, person: str, name: str, sealed: bytes, *, actor: str, purpose: str
    ) -> bytes | Refusal:
        """Read a file of a person: a read like any other.

        Raises: Tampered
        """
        if refusal := may_ask([person], (), purpose):
            return refusal
        (held,) = await store.held(connection, self.run, [person], ())
        if refusal := _may_open(held):
            return refusal
        plain = crypt.unseal(self._file_key(held), sealed, (self.run, person, name))
        await self._record(connection, actor, _read(purpose, [person], ["file"]))
        return plain

    async def _keys(self, connection: Connection, persons: Sequence[str]) -> dict[str, bytes] | Refusal:
        """The data key of each; a fresh one for who was not known. Their rows are held until the end."""
        fresh = await store.enroll(connection, self.run, persons)
        held = [one for one in await store.held(connection, self.run, persons, ()) if one.person not in fresh]
        for one in held:
            if refusal := _may_open(one):
                return refusal
        keys = {one.person: self._key(one) for one in held} | {person: crypt.fresh_key() for person in fresh}
        master = await self._current(connection)
        if master is None:
            return Refusal("vault.key-away", {"person": next(iter(keys), "")})
        wrapped = [
            (person, master.id, crypt.seal(master.key, keys[person], ("key", self.run, person))) for person in fresh
        ]
        await store.add_keys(connection, self.run, wrapped)
        return keys

    async def _current(self, connection: Connection) -> Key | None:
        """The master key for new keys; None while the keys of what is stored have not been brought back."""
        id = await key_store.current_master(connection, hold=True)
        return self._master.of(id) if id else None

    async def _write(self, connection: Connection, keys: Mapping[str, bytes], people: Values) -> None:
        each = [(person, field, value) for person in sorted(people) for field, value in sorted(people[person].items())]
        sealed = [
            (person, field, crypt.seal(keys[person], crypt.packed(value), (self.run, person, field)))
            for person, field, value in each
            if value is not None
        ]
        await store.write(connection, self.run, sealed)
        await store.remove(connection, self.run, [(person, field) for person, field, value in each if value is None])
        indexed = [(person, field, value, kind) for person, field, value in each if (kind := FIELDS[field])]
        await store.unindex(connection, self.run, [(person, field) for person, field, _, _ in indexed])
        if any(value is not None for _, _, value, _ in indexed):
            root = await self._ensured_root(connection)
            country = await self._country(connection)
            texts = [
                (person, field, kind, normal(kind, value, country=country))
                for person, field, value, kind in indexed
                if isinstance(value, str)
            ]
            mark_keys = {kind: self._mark_key(root, kind) for kind in {kind for _, _, kind, _ in texts}}
            marks = [(p, field, kind, crypt.mark(mark_keys[kind], text)) for p, field, kind, text in texts if text]
            await store.index(connection, self.run, marks)

    async def _ensured_root(self, connection: Connection) -> bytes:
        """The secret of this run from which marks come; made when the first value is indexed."""
        if (found := await key_store.root(connection, self.run)) is None:
            master = await self._current(connection)
            assert master is not None
            wrapped = crypt.seal(master.key, crypt.fresh_key(), ("root", self.run))
            await key_store.add_root(connection, self.run, master.id, wrapped)
            found = await key_store.root(connection, self.run)
            assert found is not None
        return self._root(found)

    def _opened(self, held: Held) -> dict[str, Value]:
        key = self._key(held)
        return {
            field: crypt.unpacked(crypt.unseal(key, sealed, (self.run, held.person, field)))
            for field, sealed in held.sealed.items()
        }

    def _key(self, held: Held) -> bytes:
        assert held.master is not None and held.wrapped is not None
        return crypt.unseal(self._master.of(held.master).key, held.wrapped, ("key", self.run, held.person))

    def _file_key(self, held: Held) -> bytes:
        return crypt.derived(self._key(held), "file")

    def _root(self, found: tuple[bytes, bytes]) -> bytes:
        return crypt.unseal(self._master.of(found[0]).key, found[1], ("root", self.run))

    def _mark_key(self, root: bytes, kind: str) -> bytes:
        return crypt.derived(root, "blind index", self.run, kind)


def _read(purpose: str, persons: Sequence[str], fields: Sequence[str]) -> Read:
    named = tuple(sorted(persons)) if len(persons) <= NAMED else ()
    return Read(purpose=purpose.strip(), count=len(persons), fields=tuple(sorted(set(fields))), persons=named)


def _may_open(held: Held) -> Refusal | None:
    return may_open(held.person, known=held.known, erased_at=held.erased_at, has_key=held.wrapped is not None)

# SPDX-License-Identifier: Apache-2.0
"""Applying: for one holder, who is found by document and never shown; and what becomes of it by who applied."""

from collections.abc import AsyncIterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

import msgspec

from fourleaf.blobs.keep import Blobs
from fourleaf.blobs.sniff import ALLOWED, IMAGES
from fourleaf.engines.credentials import rules, store
from fourleaf.engines.credentials.actions.writing import Asked, appending, change, labels_of, told
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Append
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection
from fourleaf.vault.fields import normal
from fourleaf.vault.persons import Vault

# A vehicle is known by its plate, a person by a document.
KEYS = {"person": "document", "vehicle": "plate"}


class Keeping(Protocol):
    """Where persons and files of a run are kept; the application knows where that is."""

    def blobs(self, site: Site) -> Blobs: ...

    def vault(self, site: Site) -> Vault: ...


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One application. details: of the holder, as the vault's fields; they go there and nowhere else."""

    type: str
    organization: str
    documents: Sequence[str]
    details: Mapping[str, str]


def lacking(of: str, details: Mapping[str, str]) -> Refusal | None:
    """Why nobody can be told apart by these details."""
    known = normal(KEYS[of], details.get(KEYS[of], ""), country="")
    if known and details.get("name", "").strip():
        return None
    return Refusal("credentials.no-plate" if of == "vehicle" else "credentials.no-holder", field=KEYS[of])


def stripe(kind: str, value: str) -> str:
    """What two applications with the same document wait for; others hardly ever."""
    text = normal(kind, value, country="")
    return f"{kind}:{sha256(text.encode()).digest()[0] % store.STRIPES:02d}"


def quota_lock(organization: str, type_: str) -> str:
    return f"credentials:quota:{organization}:{type_}"


async def apply(site: Site, vault: Vault, asked: Asked, wanted: Wanted) -> Answer | Refusal:
    """Apply for one credential. The same document is the same holder, whoever applies."""
    now = await site.now()

    async def decide(connection: Connection) -> Append | Refusal:
        book = await store.book(connection, wanted.type, site.run.zone)
        applicant = await store.applicant(connection, wanted.organization)
        if refusal := rules.may_apply(book, applicant, wanted.documents, now):
            return refusal
        assert book.type is not None
        if refusal := lacking(book.type.of, wanted.details):
            return refusal
        return await _decided(connection, site, vault, asked, wanted, book, applicant, now)

    async with site.connection() as connection:
        return await site.journal.command(
            connection,
            asked.request,
            decide,
            constraints=store.CONSTRAINTS,
            lock=quota_lock(wanted.organization, wanted.type),
        )


async def _decided(
    connection: Connection,
    site: Site,
    vault: Vault,
    asked: Asked,
    wanted: Wanted,
    book: rules.Book,
    applicant: rules.Applicant,
    now: datetime,
) -> Append | Refusal:
    assert book.type is not None
    kind = KEYS[book.type.of]
    await store.hold(connection, [stripe(kind, wanted.details[kind])])
    known = await vault.find(connection, kind, wanted.details[kind])
    holder = known[0] if known else f"h{(await store.numbers(connection, 'holder', 1))[0]}"
    places = await store.places(connection, holder, book.key, applicant.id)
    body = rules.apply(book, applicant, holder, wanted.documents, places, now)
    if isinstance(body, Refusal):
        return body
    if not known and (refusal := await vault.put(connection, {holder: dict(wanted.details)})):
        return refusal
    name = f"c{(await store.numbers(connection, 'credential', 1))[0]}"
    given = appending(site.run.run, [(Credential(credential=name), body)], actor=asked.principal.id, now=now)
    return told(given)


async def attach(
    site: Site, safe: Keeping, asked: Asked, one: Credential, key: str, chunks: AsyncIterable[bytes]
) -> Answer | Refusal:
    """Keep a file of the holder under the holder's key, and hand it in as this document."""
    async with site.connection() as connection:
        book = await store.book(connection, one.type, site.run.zone)
        if isinstance(refusal := rules.add_documents(one, book, [key], {}), Refusal):
            return refusal
        kept = await safe.blobs(site).keep(
            connection,
            chunks,
            labels=labels_of(one.organization),
            person=one.holder,
            allowed=IMAGES if key == "photo" else ALLOWED,
        )
    if isinstance(kept, Refusal):
        return kept
    return await change(
        site, asked, one.credential, lambda at, book, now: rules.add_documents(at, book, [key], {key: kept.name})
    )

# SPDX-License-Identifier: Apache-2.0
"""Applications over HTTP: apply, look at queues and single ones, correct, appeal."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import PermissionDeniedException
from litestar.params import Parameter

from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.engines.credentials import actions, rules, store
from fourleaf.engines.credentials.actions import Wanted
from fourleaf.engines.credentials.declares import APPLY, SEE
from fourleaf.engines.credentials.state import CREDENTIALS, Credential
from fourleaf.engines.credentials.web.parsing import (
    AT,
    ONE,
    Anything,
    Asking,
    Code,
    Documents,
    Name,
    Reasoned,
    Safe,
    Text,
    as_json,
    asked,
    own,
    seen,
)
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import log
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused, require, respond
from fourleaf.ui.sent import Sent

Size = Annotated[int, Parameter(ge=1, le=1_000)]
Word = Annotated[str, Parameter(pattern=r"^[a-z0-9-]{0,40}$")]


class Holder(Sent, frozen=True, kw_only=True):
    """Who it is for. It goes to the vault; a vehicle has a plate, and the name of who is called about it."""

    name: Text
    document: Text = ""
    plate: Text = ""
    name_latin: Text = ""
    phone: Text = ""
    email: Text = ""
    birth_date: Text = ""

    def details(self) -> dict[str, str]:
        return {key: value for key in self.__struct_fields__ if (value := getattr(self, key).strip())}


class Application(Asking, frozen=True, kw_only=True):
    type: Code
    organization: Name
    documents: Documents = msgspec.field(default_factory=list)
    holder: Holder


class Handed(Asking, frozen=True, kw_only=True):
    documents: Documents


@get(f"{AT}/types", tags=["credentials"])
async def types(site: Site, principal: Principal) -> dict[str, Any]:
    """The categories of the edition: zones, days, documents, stages, quotas."""
    require(principal, SEE)
    async with site.connection() as connection:
        found = await store.types(connection)
    return {key: msgspec.to_builtins(one) for key, one in found.items()}


@post(f"{AT}/applications", status_code=200, tags=["credentials"])
async def apply(site: Site, principal: Principal, data: Application, safe: Safe) -> Response[dict[str, Any]]:
    """Apply for one credential. The same request_id gets the first answer again; the same document is the same holder."""
    require(principal, APPLY)
    mine = own(principal)
    if mine is not None and data.organization.lower() not in mine:
        raise PermissionDeniedException("an organization applies for its own people")
    wanted = Wanted(
        type=data.type, organization=data.organization, documents=data.documents, details=data.holder.details()
    )
    # What is said of the holder stays out of the hash: a number of a document could be guessed from it.
    given = asked(principal, data.request_id, "apply", data.type, data.organization, data.documents)
    return respond(await actions.apply(site, safe.vault(site), given, wanted))


@get(f"{AT}/applications", tags=["credentials"])
async def listed(
    site: Site,
    principal: Principal,
    stage: Word = "",
    status: Word = "",
    type_: Word = "",
    overdue: bool = False,
    after: Annotated[str, Parameter(max_length=120)] = "",
    size: Size = store.PAGE,
) -> dict[str, Any]:
    """A page of a queue, the oldest promise first. stage: completeness, organization, background or decision; status: or one of
    returned, appealed, approved and so on; `next` is the `after` of the next page."""
    require(principal, SEE)
    if after and not store.is_cursor(after):
        raise Refused(Refusal("request.invalid", field="after"), 400)
    wanted = store.Asked(
        stage=stage, status=status, type=type_, overdue=overdue, after=after, size=size, organizations=own(principal)
    )
    now = await site.now()
    async with site.connection() as connection:
        found = await store.queue(connection, wanted, now)
    items = [as_json(one) | {"overdue": bool(one.due_at and one.due_at < now)} for one in found.items]
    return {"total": found.total, "overdue": found.overdue, "next": found.next, "as_of": now, "items": items}


@get(ONE, tags=["credentials"])
async def one(site: Site, principal: Principal, credential: Name) -> dict[str, Any]:
    """One credential as it stands, and what it still lacks."""
    require(principal, SEE)
    found = await seen(site, principal, credential)
    async with site.connection() as connection:
        book = await store.book(connection, found.type, site.run.zone)
    lacking = rules.missing(found, book.type) if book.type else []
    return as_json(found) | {"missing": lacking, "as_of": await site.now()}


@get(f"{ONE}/history", tags=["credentials"])
async def history(site: Site, principal: Principal, credential: Name) -> list[dict[str, Any]]:
    """Everything that happened to it, oldest first: who, when, what, why."""
    require(principal, SEE)
    await seen(site, principal, credential)
    async with site.connection() as connection:
        facts = await log.stream(connection, site.journal.kinds, site.run.run, f"{CREDENTIALS.prefix}:{credential}")
    return [
        {
            "fact": fact.id,
            "kind": fact.body.KIND,
            "at": fact.occurred_at,
            "by": fact.actor,
            "body": msgspec.to_builtins(fact.body),
        }
        for fact in facts
        if visible(fact.labels, principal.labels)
    ]


@post(f"{ONE}/documents", status_code=200, tags=["credentials"])
async def add_documents(site: Site, principal: Principal, credential: Name, data: Handed) -> Response[dict[str, Any]]:
    """Note documents that were handed in on paper."""
    await _mine(site, principal, credential)
    given = asked(principal, data.request_id, "documents", credential, data.documents)
    return respond(
        await actions.change(
            site, given, credential, lambda at, book, now: rules.add_documents(at, book, data.documents, {})
        )
    )


@post(
    f"{ONE}/files/{{document:str}}",
    status_code=200,
    tags=["credentials"],
    request_max_body_size=MAX_BYTES + 256 * 1024,
)
async def add_file(
    site: Site,
    principal: Principal,
    credential: Name,
    document: Code,
    request_id: Name,
    request: Anything,
    safe: Safe,
) -> Response[dict[str, Any]]:
    """Send a document as a file, as `file` of a form (multipart/form-data). It is sealed with the holder's key."""
    found = await _mine(site, principal, credential)
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        raise Refused(Refusal("blobs.empty"))
    given = asked(principal, request_id, "file", credential, document)
    return respond(await actions.attach(site, safe, given, found, document, _chunks(file)))


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(1 << 18):
        yield chunk


@post(f"{ONE}/resubmit", status_code=200, tags=["credentials"])
async def resubmit(site: Site, principal: Principal, credential: Name, data: Handed) -> Response[dict[str, Any]]:
    """Hand in again what was returned for correction."""
    await _mine(site, principal, credential)
    given = asked(principal, data.request_id, "resubmit", credential, data.documents)
    return respond(
        await actions.change(
            site, given, credential, lambda at, book, now: rules.resubmit(at, book, data.documents, now)
        )
    )


@post(f"{ONE}/withdraw", status_code=200, tags=["credentials"])
async def withdraw(site: Site, principal: Principal, credential: Name, data: Reasoned) -> Response[dict[str, Any]]:
    """Take an application back."""
    await _mine(site, principal, credential)
    given = asked(principal, data.request_id, "withdraw", credential, data.reason)
    return respond(await actions.change(site, given, credential, lambda at, book, now: rules.withdraw(at, data.reason)))


@post(f"{ONE}/appeal", status_code=200, tags=["credentials"])
async def appeal(site: Site, principal: Principal, credential: Name, data: Reasoned) -> Response[dict[str, Any]]:
    """Ask for another look at a rejection, once."""
    await _mine(site, principal, credential)
    given = asked(principal, data.request_id, "appeal", credential, data.reason)
    return respond(
        await actions.change(site, given, credential, lambda at, book, now: rules.appeal(at, book, data.reason, now))
    )


async def _mine(site: Site, principal: Principal, credential: str) -> Credential:
    require(principal, APPLY)
    return await seen(site, principal, credential)


HANDLERS = (types, apply, listed, one, history, add_documents, add_file, resubmit, withdraw, appeal)

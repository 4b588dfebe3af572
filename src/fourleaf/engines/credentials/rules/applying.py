# SPDX-License-Identifier: Apache-2.0
"""Applying: who may apply for what, and what may be done with an application by who made it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from fourleaf.engines.credentials.declares import CredentialType
from fourleaf.engines.credentials.facts import Appealed, Applied, DocumentsAdded, Resubmitted, Withdrawn
from fourleaf.engines.credentials.rules import reasons
from fourleaf.engines.credentials.rules.clocks import APPEAL_MINUTES, days_of, office_due, open_stage, validity
from fourleaf.engines.credentials.state import APPROVED, OPEN, REJECTED, RETURNED, VETTING, Credential
from fourleaf.kernel.refusal import Refusal


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """An organization as the pack has it. types: what it may apply for; quota: its own, by category."""

    id: str
    types: Collection[str] = ()
    quota: Mapping[str, int] = {}
    known: bool = True


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What the pack says, as far as one application needs it. key: of the category, None where there is no such one."""

    key: str
    type: CredentialType | None
    phases: Mapping[str, Mapping[str, Any]]
    zone: str

    def days(self) -> list[date]:
        return days_of(self.type, self.phases) if self.type else []


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken already. slots: of this holder in this category; used: of the organization in it."""

    slots: Collection[int] = ()
    used: int = 0


def may_apply(book: Book, applicant: Applicant, documents: Sequence[str], now: datetime) -> Refusal | None:
    """Whether the organization may apply for the category at all, whoever the holder is."""
    if book.type is None:
        return Refusal("credentials.unknown-type", {"type": book.key[:40]}, "type")
    if not applicant.known:
        return Refusal("credentials.unknown-organization", {"organization": applicant.id[:40]}, "organization")
    if book.key not in applicant.types:
        return Refusal("credentials.not-for-organization", {"type": book.key, "organization": applicant.id}, "type")
    if refusal := _unknown_documents(book.type, documents):
        return refusal
    if validity(book.type, book.days(), now, book.zone) is None:
        return Refusal("credentials.no-day-left", {"type": book.key}, "type")
    return None


def apply(
    book: Book, applicant: Applicant, holder: str, documents: Sequence[str], places: Places, now: datetime
) -> Applied | Refusal:
    """Decide one application, given what is taken already."""
    if refusal := may_apply(book, applicant, documents, now):
        return refusal
    assert book.type is not None
    quota = applicant.quota.get(book.key, book.type.quota)
    if quota and places.used >= quota:
        about = {"type": book.key, "organization": applicant.id, "quota": quota}
        return Refusal("credentials.quota-full", about, "organization")
    free = [slot for slot in range(book.type.most) if slot not in places.slots]
    if not free:
        ever = book.type.counted == "ever"
        about = {"type": book.key, "most": book.type.most}
        return Refusal("credentials.no-more" if ever else "credentials.already-holds", about, "type")
    return Applied(
        holder=holder,
        type=book.key,
        organization=applicant.id,
        documents=sorted(set(documents)),
        slot=free[0],
        ever=book.type.counted == "ever",
        step=open_stage(book.type, book.type.stages[0], now, book.zone),
    )


def add_documents(
    one: Credential, book: Book, documents: Sequence[str], files: Mapping[str, str]
) -> DocumentsAdded | Refusal:
    """Hand documents in later. files: document -> where its file is kept."""
    if one.status not in (VETTING, RETURNED):
        return Refusal("credentials.not-open", {"credential": one.credential})
    if book.type is None:
        return Refusal("credentials.unknown-type", {"type": book.key[:40]}, "type")
    return _unknown_documents(book.type, documents) or DocumentsAdded(
        documents=sorted(set(documents)), files=dict(files)
    )


def resubmit(one: Credential, book: Book, documents: Sequence[str], now: datetime) -> Resubmitted | Refusal:
    """Hand in again what was returned: the same stage begins anew, with a new promise."""
    if one.status != RETURNED:
        return Refusal("credentials.not-returned", {"credential": one.credential})
    if book.type is None:
        return Refusal("credentials.unknown-type", {"type": book.key[:40]}, "type")
    if refusal := _unknown_documents(book.type, documents):
        return refusal
    stages = book.type.stages
    stage = next((stage for stage in stages if stage.kind == one.stage_kind), stages[0])
    return Resubmitted(documents=sorted(set(documents)), step=open_stage(book.type, stage, now, book.zone))


def withdraw(one: Credential, reason: str) -> Withdrawn | Refusal:
    if one.status not in OPEN and one.status != APPROVED:
        return Refusal("credentials.not-open", {"credential": one.credential})
    return reasons.among(reason, reasons.WITHDRAW) or Withdrawn(reason=reason)


def appeal(one: Credential, book: Book, reason: str, now: datetime) -> Appealed | Refusal:
    """Ask for another look at a rejection, once."""
    if one.status != REJECTED:
        return Refusal("credentials.not-rejected", {"credential": one.credential})
    if one.appealed:
        return Refusal("credentials.appealed-before", {"credential": one.credential})
    if book.type is None:
        return Refusal("credentials.unknown-type", {"type": book.key[:40]}, "type")
    due = office_due(book.type.office, now, APPEAL_MINUTES, book.zone)
    return reasons.among(reason, reasons.APPEAL) or Appealed(reason=reason, due_at=due)


def missing(one: Credential, type_: CredentialType) -> list[str]:
    """Documents that it needs and does not have."""
    return [each.key for each in type_.documents if each.required and each.key not in one.documents]


def _unknown_documents(type_: CredentialType, documents: Sequence[str]) -> Refusal | None:
    known = [each.key for each in type_.documents]
    unknown = [key for key in documents if key not in known]
    if not unknown:
        return None
    about = {"document": unknown[0][:40], "known": ", ".join(known)}
    return Refusal("credentials.unknown-document", about, "documents")

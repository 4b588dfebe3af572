# SPDX-License-Identifier: Apache-2.0
"""Issuing: when a code may be made, when another takes its place, and how its time ends. Pure."""

import re
from datetime import datetime

from fourleaf.engines.credentials.facts import Expired, Issued, Reissued, Resumed, Revoked, Suspended
from fourleaf.engines.credentials.rules import reasons
from fourleaf.engines.credentials.rules.applying import Book
from fourleaf.engines.credentials.rules.clocks import validity
from fourleaf.engines.credentials.state import APPROVED, ISSUED, SUSPENDED, Credential
from fourleaf.kernel.refusal import Refusal

_EARLIER = re.compile(r"([a-z0-9-]{1,40}):([A-Za-z0-9-]{1,40})")


def issue(
    one: Credential, book: Book, *, carrier: str, earlier: str, by: str, index: int, now: datetime
) -> Issued | Refusal:
    """Issue what was approved. earlier: a badge of an earlier edition that is used again, as `edition:number`, or nothing."""
    about = {"credential": one.credential}
    if one.status != APPROVED:
        return Refusal("credentials.not-approved", about | {"status": one.status or "none"})
    if one.by_two and one.decided_by == by:
        return Refusal("credentials.same-person", about)
    times = _may_carry(one, book, carrier, now)
    if isinstance(times, Refusal):
        return times
    if earlier and (refusal := _reuse(book, carrier, earlier)):
        return refusal
    return Issued(index=index, carrier=carrier, valid_from=times[0], valid_until=times[1], earlier=earlier)


def reissue(one: Credential, book: Book, *, carrier: str, reason: str, index: int, now: datetime) -> Reissued | Refusal:
    """Put a new version in the place of the one before."""
    if one.status not in (ISSUED, SUSPENDED) or one.index is None:
        return Refusal("credentials.not-issued", {"credential": one.credential})
    if refusal := reasons.among(reason, reasons.AGAIN):
        return refusal
    times = _may_carry(one, book, carrier, now)
    if isinstance(times, Refusal):
        return times
    return Reissued(
        index=index,
        superseded=one.index,
        carrier=carrier,
        valid_from=times[0],
        valid_until=times[1],
        reason=reason,
    )


def suspend(one: Credential, reason: str) -> Suspended | Refusal:
    if one.status != ISSUED or one.index is None:
        return Refusal("credentials.not-issued", {"credential": one.credential})
    return reasons.among(reason, reasons.STOP) or Suspended(index=one.index, reason=reason)


def resume(one: Credential, reason: str) -> Resumed | Refusal:
    if one.status != SUSPENDED or one.index is None:
        return Refusal("credentials.not-suspended", {"credential": one.credential})
    return reasons.among(reason, reasons.RESUME) or Resumed(index=one.index, reason=reason)


def revoke(one: Credential, reason: str) -> Revoked | Refusal:
    if one.status not in (ISSUED, SUSPENDED) or one.index is None:
        return Refusal("credentials.not-issued", {"credential": one.credential})
    return reasons.among(reason, reasons.STOP) or Revoked(index=one.index, reason=reason)


def expire(one: Credential, now: datetime) -> Expired | None:
    """The fact to record of this credential, if its time is over."""
    over = one.status in (ISSUED, SUSPENDED) and one.valid_until is not None and one.valid_until < now
    return Expired(index=one.index) if over and one.index is not None else None


def _may_carry(one: Credential, book: Book, carrier: str, now: datetime) -> tuple[datetime, datetime] | Refusal:
    if book.type is None:
        return Refusal("credentials.unknown-type", {"type": book.key[:40]}, "type")
    if carrier not in book.type.carriers:
        about = {"type": book.key, "known": ", ".join(book.type.carriers)}
        return Refusal("credentials.other-carrier", about, "carrier")
    times = validity(book.type, book.days(), now, book.zone)
    return times or Refusal("credentials.no-day-left", {"type": book.key}, "type")


def _reuse(book: Book, carrier: str, earlier: str) -> Refusal | None:
    found = _EARLIER.fullmatch(earlier)
    if carrier != "badge" or found is None or book.type is None or found[1] not in book.type.reuse:
        known = ", ".join(book.type.reuse) if book.type else ""
        return Refusal("credentials.not-reusable", {"type": book.key, "known": known or "-"}, "earlier")
    return None

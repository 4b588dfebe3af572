# SPDX-License-Identifier: Apache-2.0
"""Vetting: what one person may say at a stage, and when it takes a second one. Pure."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

import msgspec

from fourleaf.engines.credentials.declares import APPEAL
from fourleaf.engines.credentials.declares.permissions import STAGES
from fourleaf.engines.credentials.facts import (
    AppealDismissed,
    AppealGranted,
    Checked,
    Passed,
    Proposed,
    Rejected,
    Returned,
    Step,
)
from fourleaf.engines.credentials.rules import reasons
from fourleaf.engines.credentials.rules.applying import Book, Places, missing
from fourleaf.engines.credentials.rules.clocks import open_stage
from fourleaf.engines.credentials.state import APPEALED, VETTING, Credential
from fourleaf.kernel.refusal import Refusal

Outcome = Literal["pass", "reject", "return"]
_REASONS = {"pass": reasons.PASS, "reject": reasons.REJECT, "return": reasons.RETURN}
_ORDER = tuple(STAGES)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says. stage: the one they looked at; by: who; permissions: what they may do."""

    stage: str
    outcome: Outcome
    reason: str
    by: str
    permissions: Collection[str]


def decide(one: Credential, book: Book, said: Said, now: datetime) -> Proposed | Passed | Returned | Rejected | Refusal:
    """Decide at the open stage. Where two are needed, the first proposes and another one says the same."""
    if refusal := _may_decide(one, book, said):
        return refusal
    if said.outcome == "return":
        return Returned(stage=one.stage, reason=said.reason, waited_s=waited(one, now))
    first = ""
    if one.four_eyes:
        agreed = one.proposed_by and one.proposed_outcome == said.outcome
        if one.proposed_by == said.by:
            return Refusal("credentials.same-person", {"credential": one.credential})
        if not agreed:
            return Proposed(stage=one.stage, outcome=said.outcome, reason=said.reason)
        first = one.proposed_by
    if said.outcome == "reject":
        return Rejected(stage=one.stage, reason=said.reason, by_two=first, waited_s=waited(one, now))
    step = following(one, book, now)
    return Passed(stage=one.stage, reason=said.reason, by_two=first, next=step, waited_s=waited(one, now))


def _may_decide(one: Credential, book: Book, said: Said) -> Refusal | None:
    about = {"credential": one.credential}
    if one.status != VETTING:
        return Refusal("credentials.not-in-vetting", about)
    if one.stage != said.stage:
        return Refusal("credentials.other-stage", about | {"stage": one.stage}, "stage")
    if one.decides not in said.permissions:
        return Refusal("credentials.not-your-stage", about | {"permission": one.decides})
    if one.four_eyes and one.applied_by == said.by:
        return Refusal("credentials.own-application", about)
    if refusal := reasons.among(said.reason, _REASONS[said.outcome]):
        return refusal
    return _may_pass(one, book, said) if said.outcome == "pass" else None


def _may_pass(one: Credential, book: Book, said: Said) -> Refusal | None:
    about = {"credential": one.credential}
    if book.type is None:
        return Refusal("credentials.unknown-type", {"type": book.key[:40]}, "type")
    if one.stage_kind in ("completeness", "decision") and (lacking := missing(one, book.type)):
        return Refusal("credentials.documents-missing", about | {"documents": ", ".join(lacking)}, "documents")
    if one.stage_kind == "background" and one.answer != "clear" and said.reason != "checked-by-hand":
        return Refusal("credentials.not-clear", about | {"answer": one.answer or "none"}, "reason")
    return None


def following(one: Credential, book: Book, now: datetime) -> Step | None:
    """The stage after the open one, as the pack has it today; None when that was the last."""
    assert book.type is not None
    passed = _ORDER.index(one.stage_kind)
    for stage in book.type.stages:
        if _ORDER.index(stage.kind) > passed:
            return open_stage(book.type, stage, now, book.zone)
    return None


def waited(one: Credential, now: datetime) -> int:
    """Unit: seconds since the stage was opened."""
    return max(0, int((now - one.since).total_seconds())) if one.since else 0


def check(one: Credential, answer: str, reference: str) -> Checked | Refusal:
    """What the outside system answered, while the stage is open. Later answers are of no use."""
    if one.status != VETTING or one.stage_kind != "background":
        return Refusal("credentials.not-in-vetting", {"credential": one.credential})
    return Checked(answer=answer, reference=reference)


def decide_appeal(
    one: Credential,
    book: Book,
    *,
    grant: bool,
    reason: str,
    by: str,
    places: Places,
    now: datetime,
    permissions: Collection[str],
) -> AppealGranted | AppealDismissed | Refusal:
    """Decide an appeal: never who rejected it. One that is granted needs its place again."""
    about = {"credential": one.credential}
    if one.status != APPEALED:
        return Refusal("credentials.no-appeal", about)
    if APPEAL not in permissions:
        return Refusal("credentials.not-your-stage", about | {"permission": APPEAL})
    if by in one.rejected_by or by == one.applied_by:
        return Refusal("credentials.same-person", about)
    if refusal := reasons.among(reason, reasons.PASS if grant else reasons.REJECT):
        return refusal
    if not grant:
        return AppealDismissed(reason=reason, waited_s=waited(one, now))
    if book.type is None:
        return Refusal("credentials.unknown-type", {"type": book.key[:40]}, "type")
    if not one.counts and one.slot in places.slots:
        return Refusal("credentials.already-holds", {"type": one.type, "most": book.type.most}, "type")
    step = following(one, book, now)
    return AppealGranted(stage=one.stage, reason=reason, next=step, waited_s=waited(one, now))

# SPDX-License-Identifier: Apache-2.0
"""Credentials: how each one stands, and which indexes of the status list are good."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from fourleaf.engines.credentials import facts as f
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Total, row_stream

replace = msgspec.structs.replace
# status of a credential.
VETTING, RETURNED, REJECTED, APPEALED = "vetting", "returned", "rejected", "appealed"
APPROVED, ISSUED, SUSPENDED = "approved", "issued", "suspended"
REVOKED, EXPIRED, WITHDRAWN = "revoked", "expired", "withdrawn"
# With these it is over, and somebody else may have its place.
OVER = frozenset({REJECTED, REVOKED, EXPIRED, WITHDRAWN})
# Somebody has to do something.
OPEN = frozenset({VETTING, RETURNED, APPEALED})


class Credential(Row, frozen=True, kw_only=True):
    """One credential. counts: whether it takes one of its holder's places, and one of its organization's.

    stage, stage_kind, decides, four_eyes, since, due_at: of the stage that is open; of a rejected one the stage that rejected
    it. proposed_*: what the first of two persons said; decided_by: who decided at the stage before that; rejected_by: who
    rejected it, both if there were two. index: of the version that is good; issues: how many versions there were.
    """

    TABLE: ClassVar[str] = "credentials_credential"
    KEY: ClassVar[tuple[str, ...]] = ("credential",)
    credential: str
    version: int = 0
    holder: str = ""
    type: str = ""
    organization: str = ""
    status: str = ""
    slot: int = 0
    ever: bool = False
    counts: bool = False
    documents: list[str] = msgspec.field(default_factory=list)
    files: dict[str, str] = msgspec.field(default_factory=dict)
    stage: str = ""
    stage_kind: str = ""
    decides: str = ""
    four_eyes: bool = False
    since: datetime | None = None
    due_at: datetime | None = None
    proposed_by: str = ""
    proposed_outcome: str = ""
    proposed_reason: str = ""
    decided_by: str = ""
    rejected_by: list[str] = msgspec.field(default_factory=list)
    reason: str = ""
    answer: str = ""
    appealed: bool = False
    by_two: bool = False
    index: int | None = None
    issues: int = 0
    carrier: str = ""
    earlier: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    applied_at: datetime | None = None
    applied_by: str = ""
    issued_at: datetime | None = None
    issued_by: str = ""
    changed_at: datetime | None = None


class Index(Row, frozen=True, kw_only=True):
    """One place of the status list, taken by one version of one credential. state: valid, suspended, superseded, revoked, expired."""

    TABLE: ClassVar[str] = "credentials_index"
    KEY: ClassVar[tuple[str, ...]] = ("index",)
    index: int
    credential: str = ""
    state: str = "valid"
    changed_at: datetime | None = None


class Waited(Row, frozen=True, kw_only=True):
    """How many applications stood so long at a stage of this kind: from opening it to leaving it. Unit: whole minutes."""

    TABLE: ClassVar[str] = "credentials_waited"
    KEY: ClassVar[tuple[str, ...]] = ("stage", "minutes")
    stage: str
    minutes: int
    n: int = 0


def fold(one: Credential, fact: Fact) -> Credential:
    one = replace(one, version=fact.version, changed_at=fact.occurred_at)
    body = fact.body
    match body:
        case f.Applied():
            return _applied(one, fact, body)
        case f.DocumentsAdded(documents=documents, files=files):
            return replace(one, documents=sorted({*one.documents, *documents}), files=one.files | files)
        case f.Resubmitted(documents=documents, step=step):
            return _opened(replace(one, documents=sorted({*one.documents, *documents}), status=VETTING), step, fact)
        case f.Checked(answer=answer):
            return replace(one, answer=answer)
        case f.Issued() | f.Reissued():
            return _issued(one, fact, body)
    return _vetted(one, fact) if isinstance(body, _VETTING) else _ended(one, fact)


_VETTING = (f.Proposed, f.Passed, f.Returned, f.Rejected, f.Appealed, f.AppealGranted, f.AppealDismissed)


def _applied(one: Credential, fact: Fact, body: f.Applied) -> Credential:
    begun = replace(
        one,
        holder=body.holder,
        type=body.type,
        organization=body.organization,
        documents=sorted(body.documents),
        slot=body.slot,
        ever=body.ever,
        counts=True,
        status=VETTING,
        applied_at=fact.occurred_at,
        applied_by=fact.actor,
    )
    return _opened(begun, body.step, fact)


def _opened(one: Credential, step: f.Step | None, fact: Fact) -> Credential:
    """The next stage is open; without one it is approved."""
    cleared = replace(one, proposed_by="", proposed_outcome="", proposed_reason="", since=fact.occurred_at)
    if step is None:
        closed = replace(cleared, stage="", stage_kind="", decides="", four_eyes=False)
        return replace(closed, status=APPROVED, due_at=None)
    return replace(
        cleared,
        stage=step.key,
        stage_kind=step.kind,
        decides=step.decides,
        four_eyes=step.four_eyes,
        due_at=step.due_at,
    )


def _vetted(one: Credential, fact: Fact) -> Credential:
    at, actor = fact.occurred_at, fact.actor
    match fact.body:
        case f.Proposed(outcome=outcome, reason=reason):
            return replace(one, proposed_by=actor, proposed_outcome=outcome, proposed_reason=reason)
        case f.Passed(reason=reason, by_two=first, next=step):
            return _opened(replace(one, reason=reason, decided_by=actor, by_two=bool(first)), step, fact)
        case f.Returned(reason=reason):
            back = replace(one, status=RETURNED, reason=reason, since=at, due_at=None)
            return replace(back, proposed_by="", proposed_outcome="", proposed_reason="")
        case f.Rejected(reason=reason, by_two=first):
            who = [name for name in (first, actor) if name]
            over = replace(one, status=REJECTED, reason=reason, rejected_by=who, since=at, due_at=None)
            return replace(over, counts=one.ever, proposed_by="", proposed_outcome="", proposed_reason="")
        case f.Appealed(reason=reason, due_at=due_at):
            return replace(one, status=APPEALED, reason=reason, appealed=True, since=at, due_at=due_at)
        case f.AppealGranted(reason=reason, next=step):
            again = replace(one, status=VETTING, counts=True, reason=reason, decided_by=actor)
            return _opened(again, step, fact)
        case f.AppealDismissed(reason=reason):
            return replace(one, status=REJECTED, reason=reason, since=at, due_at=None)
    return one


def _issued(one: Credential, fact: Fact, body: f.Issued | f.Reissued) -> Credential:
    return replace(
        one,
        status=ISSUED,
        index=body.index,
        issues=one.issues + 1,
        carrier=body.carrier,
        earlier=body.earlier or None if isinstance(body, f.Issued) else one.earlier,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        issued_at=fact.occurred_at,
        issued_by=fact.actor,
    )


def _ended(one: Credential, fact: Fact) -> Credential:
    reason = getattr(fact.body, "reason", one.reason)
    match fact.body:
        case f.Suspended():
            return replace(one, status=SUSPENDED, reason=reason)
        case f.Resumed():
            return replace(one, status=ISSUED, reason=reason)
        case f.Revoked():
            return replace(one, status=REVOKED, counts=one.ever, reason=reason)
        case f.Expired():
            return replace(one, status=EXPIRED, counts=one.ever)
        case f.Withdrawn():
            return replace(one, status=WITHDRAWN, counts=one.ever, reason=reason, since=fact.occurred_at, due_at=None)
    return one


_STATES: dict[type, str] = {
    f.Suspended: "suspended",
    f.Resumed: "valid",
    f.Revoked: "revoked",
    f.Expired: "expired",
}


def touched(fact: Fact) -> Iterator[tuple[Any, ...]]:
    """The indexes of the status list that a fact speaks of."""
    body: Any = fact.body
    yield (body.index,)
    if isinstance(body, f.Reissued):
        yield (body.superseded,)


def mark(row: Index, fact: Fact) -> Index:
    body = fact.body
    state = _STATES.get(type(body), "valid")
    if isinstance(body, f.Reissued) and row.index == body.superseded:
        state = "superseded"
    credential = fact.stream.partition(":")[2]
    return Index(index=row.index, credential=credential, state=state, changed_at=fact.occurred_at)


# An appeal is a stage of its own.
_LEAVING = (f.Passed, f.Returned, f.Rejected, f.AppealGranted, f.AppealDismissed)


def left(fact: Fact) -> Iterator[tuple[Any, ...]]:
    """Which stage it left, after how many minutes."""
    body: Any = fact.body
    appeal = isinstance(body, f.AppealGranted | f.AppealDismissed)
    yield ("appeal" if appeal else body.stage, body.waited_s // 60)


CREDENTIALS = row_stream("credential", Credential, fold)
STREAMS = (CREDENTIALS,)
TOTALS = (
    Total(
        name="credential-index",
        of=(f.Issued, f.Reissued, f.Suspended, f.Resumed, f.Revoked, f.Expired),
        row=Index,
        keys=touched,
        start=lambda key: Index(index=key[0]),
        step=mark,
        when="inline",
    ),
    Total(
        name="credential-waited",
        of=_LEAVING,
        row=Waited,
        keys=left,
        start=lambda key: Waited(stage=key[0], minutes=key[1]),
        step=lambda row, fact: replace(row, n=row.n + 1),
    ),
)

# SPDX-License-Identifier: Apache-2.0
"""Credentials: what can happen to one, from application to its end. No names, no documents, no words of people."""

from datetime import datetime
from typing import ClassVar

import msgspec

from fourleaf.kernel.fact import Body


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stage of the vetting as it was when it was opened: what is promised stays, whatever the pack says later.

    decides: the permission it needs; four_eyes: two persons must say the same; due_at: when it is overdue.
    """

    key: str
    kind: str
    decides: str
    four_eyes: bool = False
    due_at: datetime


class Applied(Body, frozen=True, kw_only=True):
    """An organization applied for a credential. holder: the vault's id of the person, or of the vehicle.

    documents: which were handed in; slot: which of the holder's places in the category this is; ever: it is held for good.
    """

    KIND: ClassVar[str] = "credentials.Applied"
    holder: str
    type: str
    organization: str
    documents: list[str]
    slot: int
    ever: bool = False
    step: Step


class DocumentsAdded(Body, frozen=True, kw_only=True):
    """Documents were handed in later. files: document -> `blob:…`, sealed with the holder's key; of those that came as a file."""

    KIND: ClassVar[str] = "credentials.DocumentsAdded"
    documents: list[str]
    files: dict[str, str] = msgspec.field(default_factory=dict)


class Checked(Body, frozen=True, kw_only=True):
    """The outside system of background checks answered. answer: clear, hit or unknown; reference: its own id of the check."""

    KIND: ClassVar[str] = "credentials.Checked"
    answer: str
    reference: str = ""


class Proposed(Body, frozen=True, kw_only=True):
    """The first of two persons said what should become of it. outcome: pass or reject."""

    KIND: ClassVar[str] = "credentials.Proposed"
    stage: str
    outcome: str
    reason: str


class Passed(Body, frozen=True, kw_only=True):
    """A stage was passed. by_two: who proposed it first, if two were needed; next: none when it is approved now.

    waited_s: how long it stood at this stage. Unit: seconds of the edition's time.
    """

    KIND: ClassVar[str] = "credentials.Passed"
    stage: str
    reason: str
    waited_s: int
    by_two: str = ""
    next: Step | None = None


class Returned(Body, frozen=True, kw_only=True):
    """It went back to the organization, which can correct it."""

    KIND: ClassVar[str] = "credentials.Returned"
    stage: str
    reason: str
    waited_s: int


class Resubmitted(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "credentials.Resubmitted"
    documents: list[str]
    step: Step


class Rejected(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "credentials.Rejected"
    stage: str
    reason: str
    waited_s: int
    by_two: str = ""


class Withdrawn(Body, frozen=True, kw_only=True):
    """The organization took its application back."""

    KIND: ClassVar[str] = "credentials.Withdrawn"
    reason: str


class Appealed(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "credentials.Appealed"
    reason: str
    due_at: datetime


class AppealGranted(Body, frozen=True, kw_only=True):
    """The stage that rejected it counts as passed. next: none when it is approved now."""

    KIND: ClassVar[str] = "credentials.AppealGranted"
    stage: str
    reason: str
    waited_s: int
    next: Step | None = None


class AppealDismissed(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "credentials.AppealDismissed"
    reason: str
    waited_s: int


class Issued(Body, frozen=True, kw_only=True):
    """A code can be made of it. index: its place in the status list, taken once and never again.

    carrier: badge, phone or plate; earlier: the badge of an earlier edition that is good again, as `edition:number`.
    """

    KIND: ClassVar[str] = "credentials.Issued"
    index: int
    carrier: str
    valid_from: datetime
    valid_until: datetime
    earlier: str = ""


class Reissued(Body, frozen=True, kw_only=True):
    """A new version took the place of the one before, which is good nowhere from now on."""

    KIND: ClassVar[str] = "credentials.Reissued"
    index: int
    superseded: int
    carrier: str
    valid_from: datetime
    valid_until: datetime
    reason: str


class Suspended(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "credentials.Suspended"
    index: int
    reason: str


class Resumed(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "credentials.Resumed"
    index: int
    reason: str


class Revoked(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "credentials.Revoked"
    index: int
    reason: str


class Expired(Body, frozen=True, kw_only=True):
    """Its time is over."""

    KIND: ClassVar[str] = "credentials.Expired"
    index: int

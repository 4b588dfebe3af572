# SPDX-License-Identifier: Apache-2.0
"""Samples: a category of each sort, as a pack would declare it, and what else applications need."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from fourleaf.engines.credentials.declares import CredentialType
from fourleaf.engines.credentials.declares.permissions import STAGES
from fourleaf.engines.credentials.rules import Applicant, Book
from fourleaf.engines.credentials.state import Credential, fold
from fourleaf.kernel.fact import Body, Fact
from tests.engines.at_work import AtWork

ZONE = "Asia/Shanghai"
# A Monday, nine in the morning at the fair.
MONDAY = datetime(2024, 10, 14, 1, tzinfo=UTC)
PHASES = {"show-days": {"from": "2024-11-05", "to": "2024-11-10"}}
WORDS = {"zh": "甲", "en": "A"}


def stage(kind: str, *, minutes: int = 540, clock: str = "office", four_eyes: bool = False) -> dict[str, Any]:
    return {"key": kind, "name": WORDS, "kind": kind, "minutes": minutes, "clock": clock, "four_eyes": four_eyes}


def document(key: str) -> dict[str, Any]:
    return {"key": key, "name": WORDS}


VISITOR: dict[str, Any] = {
    "name": WORDS,
    "number": 3,
    "zones": ["venue"],
    "phases": ["show-days"],
    "opens": "08:30",
    "closes": "17:30",
    "carriers": ["badge", "phone"],
    "quota": 3,
    "reuse": ["ciie-6"],
    "document": [document("photo"), document("document")],
    "stage": [stage(kind) for kind in STAGES],
}
MEDIA = VISITOR | {"number": 4, "quota": 0, "reuse": [], "stage": [stage("decision", four_eyes=True)]}
VEHICLE = MEDIA | {"number": 9, "of": "vehicle", "carriers": ["plate"], "document": [], "stage": [stage("decision")]}
SAME_DAY = MEDIA | {
    "number": 10,
    "carriers": ["phone"],
    "most": 2,
    "counted": "ever",
    "validity": "same-day",
    "stage": [stage("decision", minutes=10, clock="calendar")],
}
TYPES = {"visitor": VISITOR, "media": MEDIA, "vehicle": VEHICLE, "same-day": SAME_DAY}
DOCUMENTS = ["photo", "document"]
APPLICANT = Applicant(id="td-shanghai", types=tuple(TYPES))
ALL = (*STAGES.values(), "credentials.appeal")


def book(key: str = "visitor", **changed: Any) -> Book:
    type_ = msgspec.convert(TYPES[key] | changed, CredentialType)
    return Book(key=key, type=type_, phases=PHASES, zone=ZONE)


def after(one: Credential, body: Body, *, at: datetime = MONDAY, by: str = "ann") -> Credential:
    """The credential once this has happened to it."""
    fact = Fact(
        run="test",
        stream=f"credential:{one.credential}",
        version=one.version + 1,
        body=body,
        occurred_at=at,
        recorded_at=at,
        actor=by,
    )
    return fold(one, fact)


async def declare(at_work: AtWork, **types: dict[str, Any]) -> None:
    """Load phases, two organizations and the categories of the sample."""
    await at_work.declare("phase", "show-days", name=WORDS, **PHASES["show-days"])
    organizations = [{"id": "td-shanghai", "name": WORDS}, {"id": "td-beijing", "name": WORDS, "quota": {"visitor": 1}}]
    await at_work.declare("organization", "delegations", name=WORDS, types=list(TYPES), organization=organizations)
    for key, said in (TYPES | types).items():
        await at_work.declare("credential_type", key, **said)


def holder(number: str, **more: str) -> dict[str, str]:
    return {"name": "甲", "document": number} | more


def application(
    number: str, *, type: str = "visitor", organization: str = "td-shanghai", **more: Any
) -> dict[str, Any]:
    return {"type": type, "organization": organization, "documents": DOCUMENTS, "holder": holder(number)} | more

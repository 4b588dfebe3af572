# SPDX-License-Identifier: Apache-2.0
"""Credentials as gates know them: whose they are and whether they are valid, followed from the facts about them; and whose codes count."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from fourleaf.engines.admission.facts import KeyTrusted
from fourleaf.engines.credentials import facts as credentials
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Total, row_stream

replace = msgspec.structs.replace


class Index(Row, frozen=True, kw_only=True):
    """One issued version of a credential. status: valid, suspended, superseded, revoked, expired."""

    TABLE: ClassVar[str] = "admission_index"
    KEY: ClassVar[tuple[str, ...]] = ("index",)
    index: int
    credential: str = ""
    status: str = "valid"
    carrier: str = ""


class Holding(Row, frozen=True, kw_only=True):
    """Whose a credential is, and of which category. holder: the vault's id."""

    TABLE: ClassVar[str] = "admission_credential"
    KEY: ClassVar[tuple[str, ...]] = ("credential",)
    credential: str
    holder: str = ""
    type: str = ""


class SigningKey(Row, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "admission_key"
    KEY: ClassVar[tuple[str, ...]] = ("kid",)
    kid: str
    version: int = 0
    x: str = ""
    y: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None


_STATUS: dict[type, str] = {
    credentials.Suspended: "suspended",
    credentials.Revoked: "revoked",
    credentials.Expired: "expired",
}
_OF_INDEX = (
    credentials.Issued,
    credentials.Reissued,
    credentials.Suspended,
    credentials.Resumed,
    credentials.Revoked,
    credentials.Expired,
)


def _indexes(fact: Fact) -> Iterator[tuple[int]]:
    body: Any = fact.body
    yield (body.index,)
    if isinstance(body, credentials.Reissued):
        yield (body.superseded,)


def follow_index(row: Index, fact: Fact) -> Index:
    body: Any = fact.body
    status = _STATUS.get(type(body), "valid")
    if isinstance(body, credentials.Reissued) and row.index == body.superseded:
        return replace(row, status="superseded")
    carrier = getattr(body, "carrier", row.carrier)
    return Index(index=row.index, credential=_credential(fact), status=status, carrier=carrier)


def follow_holding(row: Holding, fact: Fact) -> Holding:
    body: Any = fact.body
    return replace(row, holder=body.holder, type=body.type)


def trust(row: SigningKey, fact: Fact) -> SigningKey:
    match fact.body:
        case KeyTrusted(x=x, y=y, opens_at=opens, closes_at=closes):
            return replace(row, version=fact.version, x=x, y=y, opens_at=opens, closes_at=closes)
    return replace(row, version=fact.version)


def _credential(fact: Fact) -> str:
    return fact.stream.partition(":")[2]


KEYS = row_stream("signing-key", SigningKey, trust)
FOLLOWERS = (
    Total(
        name="index",
        of=_OF_INDEX,
        row=Index,
        keys=_indexes,
        start=lambda key: Index(index=key[0]),
        step=follow_index,
        when="inline",
    ),
    Total(
        name="credential",
        of=(credentials.Applied,),
        row=Holding,
        keys=lambda fact: [(_credential(fact),)],
        start=lambda key: Holding(credential=key[0]),
        step=follow_holding,
        when="inline",
    ),
)

# SPDX-License-Identifier: Apache-2.0
"""People: which accounts there are and which posts they hold, and what the edition's roles are."""

from datetime import datetime
from typing import ClassVar

import msgspec

from fourleaf.engines.people.facts import (
    CardIssued,
    CardRevoked,
    Closed,
    CodesCleared,
    CodesSet,
    Opened,
    PasswordChanged,
    RoleGiven,
    RoleTaken,
    SignedIn,
    SignInLocked,
)
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, row_stream
from fourleaf.pack.declared import Followed, follower


class Account(Row, frozen=True, kw_only=True):
    """One account. posts: `role`, or `role@group` where the role is held in a group; sorted."""

    TABLE: ClassVar[str] = "people_account"
    KEY: ClassVar[tuple[str, ...]] = ("account",)
    account: str
    version: int = 0
    is_open: bool = False
    synthetic: bool = False
    posts: list[str] = msgspec.field(default_factory=list)
    codes: bool = False
    card: bool = False
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    signed_in_at: datetime | None = None
    locked_until: datetime | None = None
    password_at: datetime | None = None


class Role(Followed, frozen=True, kw_only=True):
    """Follower of the pack: a role, the labels it holds and what it may do. `{group}` stands for the post's group.

    totp: one-time codes are asked; card: a card may open accounts that hold it; claims: what another sign-in
    service must say of somebody who is to have it.
    """

    TABLE: ClassVar[str] = "people_role"
    KEY: ClassVar[tuple[str, ...]] = ("role",)
    role: str
    name: dict[str, str] = msgspec.field(default_factory=dict)
    labels: list[str] = msgspec.field(default_factory=list)
    may: list[str] = msgspec.field(default_factory=list)
    in_group: bool = False
    totp: bool = False
    card: bool = False
    claims: list[str] = msgspec.field(default_factory=list)


def post(role: str, group: str) -> str:
    return f"{role}@{group}" if group else role


def fold(account: Account, fact: Fact) -> Account:
    replace = msgspec.structs.replace
    account = replace(account, version=fact.version)
    match fact.body:
        case Opened(synthetic=synthetic):
            return replace(account, is_open=True, synthetic=synthetic, opened_at=fact.occurred_at)
        case Closed():
            return replace(account, is_open=False, posts=[], card=False, codes=False, closed_at=fact.occurred_at)
        case RoleGiven() | RoleTaken() as body:
            return replace(account, posts=_posts(account.posts, body))
        case _:
            return _signed(account, fact)


def _posts(held: list[str], body: RoleGiven | RoleTaken) -> list[str]:
    changed = {post(body.role, body.group)}
    return sorted({*held} | changed if isinstance(body, RoleGiven) else {*held} - changed)


def _signed(account: Account, fact: Fact) -> Account:
    replace = msgspec.structs.replace
    match fact.body:
        case SignedIn():
            return replace(account, signed_in_at=fact.occurred_at, locked_until=None)
        case SignInLocked(until=until):
            return replace(account, locked_until=until)
        case PasswordChanged():
            return replace(account, password_at=fact.occurred_at)
        case CodesSet() | CodesCleared() as body:
            return replace(account, codes=isinstance(body, CodesSet))
        case CardIssued() | CardRevoked() as body:
            return replace(account, card=isinstance(body, CardIssued))
    return account


ACCOUNTS = row_stream("account", Account, fold)
STREAMS = (ACCOUNTS,)
TOTALS = (follower("role", Role),)
